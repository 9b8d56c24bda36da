declare module 'pg-copy-streams' {
  import type { Duplex, Readable, Writable } from 'node:stream';
  import type { Submittable } from 'pg';

  export function from(sql: string): Submittable & Writable;
  export function to(sql: string): Submittable & Readable;
  export function both(sql: string): Submittable & Duplex;
}
