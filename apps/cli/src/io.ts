/** What the command line has of the outside. Tests pass their own. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** Standard input, for a secret that shall not stand in the process list. */
  readInput(): Promise<string>;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  /** Whether a progress bar would be seen. */
  isTty: boolean;
  /** Aborted when the user interrupts. */
  signal?: AbortSignal;
}
