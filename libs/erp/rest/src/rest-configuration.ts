import { z } from 'zod';

/**
 * Everything the generic REST adapter knows about an ERP. It is data: a new ERP with a sane REST interface is a file, not a class.
 * Secrets stand here by reference name only.
 */
const path = z.string().startsWith('/');
const dotted = z.string().min(1).describe('Members of a JSON object, joined by dots.');

const conversion = z.discriminatedUnion('kind', [
  /** Text as it is. */
  z.strictObject({ kind: z.literal('string') }),
  /** A decimal string on our side; a string or a JSON number on the ERP's. Numbers only carry 15 digits exactly. */
  z.strictObject({ kind: z.literal('decimal'), as: z.enum(['string', 'number']).default('string') }),
  /** `true` and `false` on our side; the given values on the ERP's. */
  z.strictObject({
    kind: z.literal('boolean'),
    yes: z.union([z.string(), z.boolean(), z.number()]).default(true),
    no: z.union([z.string(), z.boolean(), z.number()]).default(false),
  }),
  /** Canonical code → the ERP's code. Both directions must be unambiguous. */
  z.strictObject({ kind: z.literal('enum'), codes: z.record(z.string(), z.string()) }),
]);

const field = z.union([
  z.strictObject({
    attribute: z.string().min(1),
    field: z.string().min(1),
    conversion: conversion.default({ kind: 'string' }),
    write: z.enum(['always', 'create', 'never']).default('always'),
    /** The ERP answers with an error when it is cleared; the adapter says so before it is asked. */
    required: z.boolean().default(false),
  }),
  z.strictObject({
    attribute: z.string().min(1),
    /** Language → the ERP's field that holds the text in it. */
    languages: z.record(z.string().regex(/^[a-z]{2}$/), z.string().min(1)),
    write: z.enum(['always', 'create', 'never']).default('always'),
    required: z.boolean().default(false),
  }),
]);

const paging = {
  path,
  query: z.record(z.string(), z.string()).default({}),
  /** Where the rows are in the answer. */
  rows: dotted,
  /** Where the cursor of the next page is; null or absent on the last. */
  next: dotted,
  cursorParameter: z.string().min(1),
  limitParameter: z.string().min(1),
};

const recordType = z.strictObject({
  /** `{key}` stands for the record's business key. */
  one: z.strictObject({ path: path.includes('{key}'), updateMethod: z.enum(['PATCH', 'PUT', 'POST']).default('PATCH') }),
  create: z.strictObject({ path }).optional(),
  /** Only active records. */
  list: z.strictObject({ ...paging, rowsMax: z.int().min(1).max(1_000).default(500) }),
  changes: z.strictObject({
    ...paging,
    sinceParameter: z.string().min(1),
    overlapSeconds: z.int().min(0).max(86_400).default(300),
    /** Where the answer tells the ERP's clock; without it the `Date` header counts. */
    asOf: dotted.optional(),
  }).optional(),
  /** What a successful write answers: the record as it now is, or nothing, so that it must be read back. */
  writeAnswers: z.enum(['record', 'nothing']).default('record'),
  key: z.string().min(1),
  internalId: z.string().optional(),
  /** The optimistic token: a header of single answers, a member of rows, and the header that sends it back. */
  token: z.strictObject({
    answerHeader: z.string().toLowerCase(), rowField: z.string(), requestHeader: z.string().toLowerCase(),
  }).optional(),
  changedAt: z.string().optional(),
  active: z.strictObject({ field: z.string(), activeWhen: z.union([z.string(), z.boolean(), z.number()]) }).optional(),
  fields: z.array(field).min(1),
  /** Members sent with every create: what the ERP demands and nobody decides. */
  constants: z.record(z.string(), z.union([z.string(), z.boolean(), z.number()])).default({}),
});

const secretName = z.string().regex(/^[\w.-]+$/);
const failureKind = z.enum(['conflict', 'validation', 'forbidden', 'not-found', 'auth', 'throttled', 'retryable', 'unavailable']);

export const restConfiguration = z.strictObject({
  product: z.string().min(1),
  release: z.string().min(1),
  provenBy: z.enum(['real-server', 'contract-only']),
  baseUrl: z.url({ protocol: /^https?$/ }),
  auth: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('bearer'), tokenSecret: secretName }),
    z.strictObject({ kind: z.literal('basic'), userName: z.string().min(1), passwordSecret: secretName }),
    z.strictObject({
      kind: z.literal('client-credentials'), tokenPath: path, clientId: z.string().min(1), clientSecret: secretName,
      scope: z.string().optional(),
    }),
  ]),
  headers: z.strictObject({
    /** Only when the ERP itself drops a repeated write with the same key. */
    deduplication: z.string().toLowerCase().optional(),
    correlation: z.string().toLowerCase().optional(),
    fixed: z.record(z.string().toLowerCase(), z.string()).default({}),
  }).prefault({}),
  ping: z.strictObject({ path }),
  limits: z.strictObject({
    callsPerSecond: z.number().positive(), parallel: z.int().min(1).max(64), batchRowsMax: z.int().min(1).max(1_000),
  }),
  responseBytesMax: z.int().min(1_024).max(67_108_864).default(4_194_304),
  failures: z.strictObject({
    /** Where an error answer holds its code and the field it is about. */
    code: dotted.optional(),
    field: dotted.optional(),
    /** The ERP's error code → what it means. Wins over the status. */
    codes: z.record(z.string(), failureKind).default({}),
    /** Status → what it means, where the ERP documents more than HTTP says: 503 certainly without effect, for instance. */
    statuses: z.record(z.string().regex(/^[345]\d\d$/), failureKind).default({}),
  }).prefault({}),
  records: z.record(z.string().min(1), recordType),
});

export type RestConfiguration = z.output<typeof restConfiguration>;
export type RestRecordType = RestConfiguration['records'][string];
export type RestField = RestRecordType['fields'][number];
export type RestConversion = z.output<typeof conversion>;
