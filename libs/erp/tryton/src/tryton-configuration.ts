import { z } from 'zod';

/** How to reach one company in one Tryton database. The password stands here by reference name only. */
export const trytonConfiguration = z.strictObject({
  baseUrl: z.url({ protocol: /^https?$/ }),
  database: z.string().regex(/^[\w-]+$/),
  userName: z.string().min(1),
  passwordSecret: z.string().regex(/^[\w.-]+$/),
  /** The company whose prices and costs are read and written; without it the user's own. */
  company: z.int().positive().optional(),
  /** What Tryton can take. Its throughput hardly grows beyond four parallel requests. */
  limits: z.strictObject({
    callsPerSecond: z.number().positive().default(30),
    parallel: z.int().min(1).max(16).default(4),
    batchRowsMax: z.int().min(1).max(1_000).default(500),
  }).prefault({}),
  responseBytesMax: z.int().min(1_024).max(67_108_864).default(4_194_304),
  /** Longer than the longest transaction in Tryton and than the difference between its clock and its database's. */
  overlapSeconds: z.int().min(0).max(86_400).default(300),
});

export type TrytonConfiguration = z.output<typeof trytonConfiguration>;
