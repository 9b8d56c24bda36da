import type { RecordDefinition } from '@datum/governed';
import { isKnownAttribute, policyVariables } from './policy-analysis.js';

const valueMax = 120;
const path = /\{([a-z][a-z0-9.]*)\}/gi;

/** What is wrong with a sentence's placeholders, or undefined. */
export function sentenceProblem(sentence: string, definitions: readonly RecordDefinition[]): string | undefined {
  for (const [, name] of sentence.matchAll(path)) {
    const [root, attribute] = name!.split('.');
    if (!policyVariables.includes(root as never)) return `{${name}} is not known; placeholders begin with ${policyVariables.join(', ')}.`;
    if ((root === 'before' || root === 'after') && !isKnownAttribute(definitions, attribute ?? '')) return `{${name}} names no attribute that all record types of the policy have.`;
  }
  const rest = sentence.replaceAll(path, '');
  return rest.includes('{') || rest.includes('}') ? 'A placeholder looks like {after.leadTimeDays}.' : undefined;
}

/** The sentence with the values of the change in their places. */
export function fillSentence(sentence: string, variables: Record<string, unknown>): string {
  return sentence.replaceAll(path, (_all, name: string) => textOf(valueAt(variables, name.split('.'))));
}

function valueAt(from: unknown, steps: readonly string[]): unknown {
  return steps.reduce<unknown>((value, step) =>
    (typeof value === 'object' && value !== null && Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined), from);
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  const text = Array.isArray(value) ? value.map(textOf).join(', ')
    : typeof value === 'object' ? Object.values(value).map(textOf).join(' ')
    : `${value as string | number | bigint | boolean}`;
  return text.length > valueMax ? `${text.slice(0, valueMax)}…` : text;
}
