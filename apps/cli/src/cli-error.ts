/** What the exit code of `datum` says; printed by `datum --help`. */
export const exitCodes = {
  ok: 0,
  /** Something that must not happen did. */
  internal: 1,
  /** The command line, a pack or a file is wrong. */
  usage: 2,
  /** Not logged in, or the credential is refused. */
  unauthenticated: 3,
  /** The gateway refused the request; the sentence says why. */
  refused: 4,
  /** The gateway does not answer. */
  unavailable: 5,
  /** The import went through, but rows were refused. */
  rowsRefused: 6,
  /** The audit export does not verify. */
  auditFailed: 7,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An end with a sentence for the user and a code for scripts. */
export class CliError extends Error {
  constructor(readonly exitCode: ExitCode, message: string, readonly problem?: Record<string, unknown>) {
    super(message);
    this.name = 'CliError';
  }
}

export const usage = (message: string): CliError => new CliError(exitCodes.usage, message);
