import { AppError, conflict, type TxContext } from '@datum/platform';
import type { Candidate, ChangeResult, RecordChange } from './change.js';

/** What became of the changes of a batch, and every change that was looked at on the way: those of local keys are among them. */
export interface Outcome { results: ChangeResult[]; seen: Candidate[] }

export const hasEffect = (candidate: Candidate): boolean => !candidate.before || Object.keys(candidate.changed).length > 0;

/** When a change of a batch is refused, later changes of the same record were computed on a state that never came to be. */
export function refuseSuccessors(candidates: Candidate[]): void {
  const broken = new Set<string>();
  for (const candidate of candidates) {
    const { id } = candidate.after;
    if (candidate.error) {
      if (id && candidate.problems.length === 0) broken.add(id);
    } else if (broken.has(id)) {
      candidate.error = conflict('batch.predecessor-refused', 'An earlier change of the same record in this batch was refused.');
    }
  }
}

export function toResult(candidate: Candidate): ChangeResult {
  if (candidate.error) return { status: 'refused', error: candidate.error };
  const observed = [...candidate.verdicts].filter(([, { verdict }]) => verdict === 'observe').map(([group]) => group);
  if (!hasEffect(candidate)) return { status: 'unchanged', record: candidate.before!, observed };
  return { status: candidate.before ? 'updated' : 'created', record: candidate.after, observed };
}

/**
 * Changes are refused one by one by the checks. What only the store or a consequence notices fails them all: then the halves are tried, until the change
 * alone is refused that was the cause.
 */
export async function applyHalving(
  context: TxContext, changes: readonly RecordChange[], apply: (part: readonly RecordChange[]) => Promise<Outcome>,
): Promise<Outcome> {
  try {
    return await context.tx.savepoint(() => apply(changes));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (changes.length === 1) return { results: [{ status: 'refused', error }], seen: [] };
    const half = changes.length >> 1;
    const first = await applyHalving(context, changes.slice(0, half), apply);
    const second = await applyHalving(context, changes.slice(half), apply);
    return { results: [...first.results, ...second.results], seen: [...first.seen, ...second.seen] };
  }
}

/** Not so: the database is away, another transaction was in the way, or the fault is ours. */
const isRefusal = (error: unknown): error is AppError =>
  error instanceof AppError && error.kind !== 'unavailable' && error.kind !== 'bug' && error.code !== 'database.conflict';
