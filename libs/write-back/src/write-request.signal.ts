import { Injectable } from '@nestjs/common';

/** Tells the workers of this process that there is something to do; those of other processes hear it from the ledger or find it at their next look. */
@Injectable()
export class WriteRequestSignal {
  private readonly listeners = new Set<() => void>();

  wake(): void {
    for (const listener of this.listeners) listener();
  }

  onWake(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}
