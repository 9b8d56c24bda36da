import type { Counts, StepState } from './import-state.js';

export interface StepSummary extends Counts {
  step: string;
  file: string;
  read: number;
  /** Reason → rows. */
  skipped: Record<string, number>;
  skippedRows: number;
  /** Rows that were only checked against the pack. */
  checked: number;
  /** Rows that are in none of the other figures: always 0, or something is wrong. */
  lost: number;
}

/** Adds up the parts of a step. `lost` is what the figures do not account for. */
export function summaryOf(step: string, file: string, { parts }: StepState): StepSummary {
  const total: StepSummary = { step, file, read: 0, created: 0, updated: 0, unchanged: 0, refused: 0, skipped: {}, skippedRows: 0, checked: 0, lost: 0 };
  for (const part of parts) {
    total.read += part.read;
    total.refused += part.refusedHere;
    total.checked += part.checked ?? 0;
    for (const name of ['created', 'updated', 'unchanged', 'refused'] as const) total[name] += part.done?.[name] ?? 0;
    for (const [reason, rows] of Object.entries(part.skipped)) {
      total.skipped[reason] = (total.skipped[reason] ?? 0) + rows;
      total.skippedRows += rows;
    }
  }
  total.lost = total.read - total.created - total.updated - total.unchanged - total.refused - total.skippedRows - total.checked;
  return total;
}

export function summaryText(summary: StepSummary): string {
  const names = summary.checked > 0 ? (['read', 'checked'] as const) : (['read', 'created', 'updated', 'unchanged'] as const);
  const figures = names.map((name) => `${summary[name]} ${name}`);
  const lines = [`${summary.step} (${summary.file}): ${figures.join(', ')}, ${summary.skippedRows} skipped, ${summary.refused} refused, ${summary.lost} lost`];
  for (const [reason, rows] of Object.entries(summary.skipped)) lines.push(`  ${rows} skipped: ${reason}`);
  return lines.join('\n');
}
