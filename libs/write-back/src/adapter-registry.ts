import { Injectable } from '@nestjs/common';
import type { EntityCapability, ErpPort } from './erp-port.js';

/** The ERP adapters of this process by system code. The worker fills it; in the gateway it stays empty. */
@Injectable()
export class AdapterRegistry {
  private readonly ports = new Map<string, ErpPort>();
  private readonly listeners = new Set<() => void>();

  /** Sets, replaces or (undefined) takes away the adapter of a system. The one before is closed by whoever made it. */
  set(system: string, port: ErpPort | undefined): void {
    if (port) this.ports.set(system, port);
    else this.ports.delete(system);
    for (const listener of this.listeners) listener();
  }

  find(system: string): ErpPort | undefined {
    return this.ports.get(system);
  }

  systems(): string[] {
    return [...this.ports.keys()];
  }

  capability(system: string, recordType: string): EntityCapability | undefined {
    return this.ports.get(system)?.manifest.entities.find((entity) => entity.recordType === recordType);
  }

  /** Tells when adapters come or go. Returns the way to stop it. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}
