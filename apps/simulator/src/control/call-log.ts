export interface Call {
  at: string;
  method: string;
  path: string;
  caller: string;
  status: number;
  correlationId?: string;
}

export interface CallMaxima {
  calls: number;
  /** Most calls that began within any one second. */
  perSecondMax: number;
  /** Most calls in work at the same moment. */
  parallelMax: number;
}

const keptCalls = 10_000;

/** Every call a system received, with the two figures a call budget is judged by. The figures cover all calls, the list the last 10,000. */
export class CallLog {
  readonly recent: Call[] = [];
  private maxima: CallMaxima = { calls: 0, perSecondMax: 0, parallelMax: 0 };
  private begunMs: number[] = [];
  private inWork = 0;

  /** Notes the start of a call; returns how many began within the last second, this one included. */
  begin(): number {
    const now = performance.now();
    this.begunMs.push(now);
    while (this.begunMs[0]! <= now - 1_000) this.begunMs.shift();
    this.inWork += 1;
    this.maxima.calls += 1;
    this.maxima.perSecondMax = Math.max(this.maxima.perSecondMax, this.begunMs.length);
    this.maxima.parallelMax = Math.max(this.maxima.parallelMax, this.inWork);
    return this.begunMs.length;
  }

  /** Notes the end of a call; status 0 means that its answer was never sent. */
  end(call: Call): void {
    this.inWork -= 1;
    this.recent.push(call);
    if (this.recent.length > keptCalls) this.recent.shift();
  }

  figures(): CallMaxima {
    return { ...this.maxima };
  }

  reset(): void {
    this.recent.length = 0;
    this.begunMs = [];
    this.maxima = { calls: 0, perSecondMax: 0, parallelMax: this.inWork };
  }
}
