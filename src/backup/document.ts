import { z } from 'zod';
import type { Json, SavedApp, SavedObject, SavedPart } from '../model/index.ts';

const object = z.strictObject({
  kind: z.string(),
  name: z.string(),
  rows: z.int().nullable(),
  hash: z.string(),
}) satisfies z.ZodType<SavedObject>;

const isJson = (value: unknown): boolean => z.json().safeParse(value).success;

/** As the manifest has them: a folder is called by it. */
const name = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/u);

const part = z.strictObject({
  engine: name,
  instance: name,
  server: z.string(),
  tool: z.string(),
  point: z.string().nullable(),
  at: z.string(),
  place: z.custom<Json>(isJson),
  objects: z.array(object).readonly(),
  left: z.array(z.string()).readonly(),
}) satisfies z.ZodType<SavedPart>;

/** `manifest.json` beside the files of a backup. */
export const backupDocument = z.strictObject({
  format: z.literal(1),
  run: z.string(),
  project: z.string(),
  app: z.string(),
  startedAt: z.string(),
  endedAt: z.string(),
  grade: z.enum(['independent', 'ordered']),
  skew: z.int(),
  parts: z.array(part).min(1).readonly(),
}) satisfies z.ZodType<SavedApp>;

/** The document's name in a backup. */
export const DOCUMENT = 'manifest.json';

/** Where the files of a part lie in a backup. */
export function folderOf({ engine, instance }: Pick<SavedPart, 'engine' | 'instance'>): string {
  return `${engine}-${instance}`;
}
