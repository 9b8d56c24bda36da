import type { Queryable } from '@datum/platform';

/** Holds the leases of requests under way; those that somebody else has taken over stay as they are. */
export async function renewLeases(queryable: Queryable, held: readonly { id: string; fence: string }[], leaseMs: number): Promise<void> {
  if (held.length === 0) return;
  await queryable.query(
    `UPDATE write_request w SET leased_until = clock_timestamp() + $3 * interval '1 ms'
     FROM unnest($1::uuid[], $2::bigint[]) AS h(id, fence) WHERE w.id = h.id AND w.fence = h.fence AND w.leased_until IS NOT NULL`,
    [held.map(({ id }) => id), held.map(({ fence }) => fence), leaseMs],
  );
}
