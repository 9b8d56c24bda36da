import { createHash } from 'node:crypto';
import { malformed } from '../errors/app-error.js';

/**
 * The strong validator of a record version [RFC 9110]: `"v17"`, or `"v17-<hash>"` when the representation depends on more than the record
 * (included parts, a site-limited scope, freshness state). `If-Match` compares the version only.
 * @param variant what the representation depends on besides the record, in a stable spelling
 */
export function etagOf(version: number, variant?: string): string {
  if (variant === undefined || variant === '') return `"v${version}"`;
  return `"v${version}-${createHash('sha256').update(variant).digest('base64url').slice(0, 16)}"`;
}

/** A strong validator for a body that is no record version: a list, a document. */
export const bodyEtag = (text: string): string =>
  `"b-${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;

/** What `If-Match` demands: any of these versions, or that the record exists at all. */
export type IfMatch = { versions: number[] } | '*';

const tagPattern = /^(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/;
const versionPattern = /^v([1-9]\d{0,9})(?:-[\w-]{1,64})?$/;
const tagsMax = 50;

/**
 * Reads `If-Match`. Undefined when the header is absent. Weak tags and tags that are not ours never match, so they add no version.
 * @throws AppError malformed `precondition.malformed` with the pointer `#/header/If-Match`
 */
export function parseIfMatch(header: string | undefined): IfMatch | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === '*') return '*';
  const versions: number[] = [];
  for (const { weak, opaque } of readTags(header, 'If-Match')) {
    const version = versionPattern.exec(opaque);
    if (!weak && version) versions.push(Number(version[1]));
  }
  return { versions };
}

/** Whether a record in `version` (undefined: it does not exist) satisfies the precondition. */
export function satisfies(precondition: IfMatch, version: number | undefined): boolean {
  if (version === undefined) return false;
  return precondition === '*' || precondition.versions.includes(version);
}

/**
 * Whether `If-None-Match` names `etag`, by weak comparison [RFC 9110 13.1.2]: then a read answers 304.
 * @throws AppError malformed `precondition.malformed` with the pointer `#/header/If-None-Match`
 */
export function matchesIfNoneMatch(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  const wanted = etag.startsWith('W/') ? etag.slice(2) : etag;
  return readTags(header, 'If-None-Match').some(({ opaque }) => `"${opaque}"` === wanted);
}

/** True when the caller wants to create only: `If-None-Match: *` on PUT. */
export const isCreateOnly = (header: string | undefined): boolean => header?.trim() === '*';

function readTags(header: string, name: string): { weak: boolean; opaque: string }[] {
  const parts = header.split(',').map((part) => part.trim()).filter((part) => part !== '');
  const tags = parts.slice(0, tagsMax).map((part) => tagPattern.exec(part));
  if (parts.length === 0 || parts.length > tagsMax || tags.includes(null)) throw malformedTags(name);
  return tags.map((tag) => ({ weak: tag![1] !== undefined, opaque: tag![2]! }));
}

const malformedTags = (name: string) => {
  const detail = `Expected up to ${tagsMax} entity tags in double quotes, such as "v17", or *.`;
  const problem = { pointer: `#/header/${name}`, code: 'precondition.malformed', detail };
  return malformed('precondition.malformed', `The header ${name} is not a list of entity tags.`, [problem]);
};
