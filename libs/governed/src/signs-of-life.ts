import { Injectable } from '@nestjs/common';
import { Clock, gatewayContext, logError, machineNowMs } from '@datum/platform';
import { RegistryDirectory, RegistryService } from '@datum/registry';

/** A sign of life is stored at most this often per system; in memory it counts at once. */
const storedEveryMs = 5_000;

/** Every write a system makes is a sign that it is in touch: freshness is measured from there. */
@Injectable()
export class SignsOfLife {
  private readonly storedAtMs = new Map<string, number>();

  constructor(private readonly directory: RegistryDirectory, private readonly registry: RegistryService, private readonly clock: Clock) {}

  heard(systemCode: string): void {
    const at = this.clock.now();
    this.directory.noteSeen(systemCode, at);
    if (!this.directory.system(systemCode)?.freshness) return;
    const nowMs = machineNowMs();
    if (nowMs - (this.storedAtMs.get(systemCode) ?? -Infinity) < storedEveryMs) return;
    this.storedAtMs.set(systemCode, nowMs);
    // Off the path of the write: a lost sign of life is made good by the next one.
    this.registry.systemSeen(gatewayContext(), systemCode, at).catch((error: unknown) => logError(error));
  }
}
