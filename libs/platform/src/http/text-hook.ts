import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError, malformed, type FieldProblem } from '../errors/app-error.js';
import { pointer } from './pointer.js';
import { decodeComponent, splitQuery } from './query-parameters.js';
import { checkText, normalText } from './text-policy.js';

export const urlBytesMax = 8_192;

/**
 * Applies the text policy to address, query, path parameters and headers before anything reads them. Path parameters and parsed query values
 * are left in NFC.
 */
export function registerTextPolicy(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    try {
      const problem = addressProblem(request) ?? headersProblem(request);
      if (problem) throw textInvalid(problem);
      done();
    } catch (error) {
      done(error as Error);
    }
  });
}

/** An address that encodes nothing and asks nothing: what it says is what is written, and no rule of the policy can speak against it. */
const plainAddress = /^[\w/.:~-]*$/;

function addressProblem(request: FastifyRequest): FieldProblem | undefined {
  const url = request.raw.url ?? '';
  if (url.length <= urlBytesMax && plainAddress.test(url)) return undefined;
  const path = decodedPath(url);
  const problem = queryProblem(request) ?? paramsProblem(request) ?? checkText(path, '#/path');
  if (problem) return problem;
  normalise(request.params);
  normalise(request.query);
  return undefined;
}

/** The text behind `?`, still percent-encoded: what `parseListQuery` takes. */
export function rawQueryOf(request: Pick<FastifyRequest, 'raw'>): string {
  const url = request.raw.url ?? '';
  const mark = url.indexOf('?');
  return mark < 0 ? '' : url.slice(mark + 1);
}

/** @throws AppError malformed: longer than 8 kB, broken percent-encoding */
function decodedPath(url: string): string {
  if (Buffer.byteLength(url) > urlBytesMax) throw malformed('url.too-long', `The address is longer than ${urlBytesMax} bytes.`);
  return decodeComponent(url.split('?', 1)[0]!, '#/path');
}

function queryProblem(request: FastifyRequest): FieldProblem | undefined {
  for (const part of splitQuery(rawQueryOf(request))) {
    const [rawName = ''] = part.split('=', 1);
    const name = decodeComponent(rawName, '#/query');
    const at = pointer('query', name);
    const problem = checkText(name, '#/query') ?? checkText(decodeComponent(part.slice(rawName.length + 1), at), at);
    if (problem) return problem;
  }
  return undefined;
}

function paramsProblem(request: FastifyRequest): FieldProblem | undefined {
  for (const [name, value] of Object.entries((request.params as Record<string, string> | null) ?? {})) {
    // The not-found route has a `*` that holds the whole path.
    const problem = checkText(value ?? '', name === '*' ? '#/path' : pointer('path', name));
    if (problem) return problem;
  }
  return undefined;
}

/** Printable ASCII: what nearly every header is. */
const plainText = /^[\x20-\x7e]*$/;

function headersProblem(request: FastifyRequest): FieldProblem | undefined {
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === 'string' && plainText.test(value)) continue;
    for (const text of Array.isArray(value) ? value : [value ?? '']) {
      // The pointer costs more than the check, and is wanted only when the check fails.
      const problem = checkText(text, '');
      if (problem) return { ...problem, pointer: pointer('header', titleCase(name)) };
    }
  }
  return undefined;
}

/** `if-match` → `If-Match`, as headers are written in pointers. */
const titleCase = (name: string): string => name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());

function normalise(values: unknown): void {
  if (typeof values !== 'object' || values === null) return;
  const record = values as Record<string, unknown>;
  for (const [name, value] of Object.entries(record)) {
    if (typeof value === 'string') record[name] = normalText(value);
  }
}

const textInvalid = (problem: FieldProblem) =>
  new AppError('invalid', 'text.invalid', 'The request contains characters that are not allowed.', { errors: [problem] });
