import { Injectable } from '@nestjs/common';
import type { Source } from './freshness.js';

export interface CachedRecord {
  version: number;
  json: string;
  /** The validator for readers without a site limit. */
  etag: string;
  site: string | null;
  /** Freshness is told at every read: it changes without the record. */
  sources: readonly Source[];
}

/**
 * Serialised hot records, bounded, least recently used first out. It is trusted only while the ledger's tail is certain; a fill is dropped when its key was
 * evicted, or the tail moved past it, since the read began (docs/adr).
 */
@Injectable()
export class RecordCache {
  private readonly entries = new Map<string, CachedRecord>();
  private generation = 0;
  /** Fills that began before this generation are refused as a whole: their evictions may have been forgotten. */
  private floor = 0;
  private readonly evictedAt = new Map<string, number>();

  capacity = 50_000;
  /** Set by the process that runs a ledger tail. Without one the cache is never used. */
  isCertain: () => boolean = () => false;

  get(type: string, id: string): CachedRecord | undefined {
    if (!this.isCertain()) return undefined;
    const key = `${type}:${id}`;
    const entry = this.entries.get(key);
    if (entry) {
      this.entries.delete(key);
      this.entries.set(key, entry);
    }
    return entry;
  }

  /** Call before reading from the database; hand the mark to `fill`. */
  mark(): number {
    return this.generation;
  }

  fill(type: string, id: string, entry: CachedRecord, mark: number): void {
    const key = `${type}:${id}`;
    if (!this.isCertain() || mark < this.floor || (this.evictedAt.get(key) ?? -1) > mark) return;
    this.entries.set(key, entry);
    if (this.entries.size > this.capacity) this.entries.delete(this.entries.keys().next().value!);
  }

  evict(type: string, ids: readonly string[]): void {
    this.generation += 1;
    for (const id of ids) {
      const key = `${type}:${id}`;
      this.entries.delete(key);
      this.evictedAt.set(key, this.generation);
    }
    if (this.evictedAt.size > 100_000) this.forgetOldEvictions();
  }

  clear(): void {
    this.generation += 1;
    this.entries.clear();
    this.evictedAt.clear();
    this.floor = this.generation;
  }

  private forgetOldEvictions(): void {
    this.evictedAt.clear();
    this.floor = this.generation;
  }

}
