import { z } from 'zod';
import type { Json } from '../model/index.ts';

/** Of the entries that this version writes and reads. */
export const FORMAT = 1;

const json: z.ZodType<Json> = z.json();

const intent = z.object({
  verb: z.string(),
  app: z.string().exactOptional(),
  apps: z.array(z.string()).readonly().exactOptional(),
  args: json,
});
const address = z.object({ engine: z.string(), instance: z.string(), kind: z.string(), name: z.string() });

const head = z.object({
  type: z.literal('begin'),
  format: z.literal(FORMAT),
  run: z.string(),
  /** ISO time, as every `at`. */
  at: z.string(),
  project: z.string(),
  intent,
  by: z.object({ user: z.string(), host: z.string(), pid: z.number() }),
  /** The run whose checkpoints this one goes on from. */
  resumes: z.string().exactOptional(),
});

const planned = z.object({ type: z.literal('planned'), at: z.string(), steps: z.number(), instances: z.array(z.string()) });

const step = z.object({
  type: z.literal('step'),
  at: z.string(),
  id: z.string(),
  address,
  app: z.string().nullable(),
  action: z.string(),
  title: z.string(),
  status: z.enum(['done', 'failed', 'not-executed']),
  /** Milliseconds. */
  elapsed: z.number(),
  /** Code and message of what went wrong. */
  why: z.string().exactOptional(),
});

const checkpoint = z.object({ type: z.literal('checkpoint'), at: z.string(), step: z.string(), token: json });

const end = z.object({ type: z.literal('end'), at: z.string(), ending: z.string() });

export const entrySchema = z.discriminatedUnion('type', [head, planned, step, checkpoint, end]);

export type Head = z.infer<typeof head>;
export type StepEntry = z.infer<typeof step>;
export type Entry = z.infer<typeof entrySchema>;
