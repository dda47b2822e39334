import { z } from 'zod';
import { fail, type SavedPart } from '../../../model/index.ts';

/** It is written into statements of the operator. */
const word = z.string().regex(/^\w+$/u);

/** What a dump needs around it. */
const placeSchema = z.strictObject({
  /** Its name where it was saved: a dump of one database does not depend on it. */
  database: z.string(),
  product: z.enum(['mysql', 'mariadb']),
  /** As a number: 9.7.4 is 90704. */
  version: z.int(),
  charset: word,
  collation: word,
});

export type Place = z.infer<typeof placeSchema>;

/** Of a backup, which others may have written. Throws CT4314. */
export function placeOf(part: SavedPart, instance: string): Place {
  const read = placeSchema.safeParse(part.place);
  if (read.success) return read.data;
  throw fail('CT4314', `the part of "${part.instance}" is described in a form that this version does not know`, {
    instance,
    hint: 'use the version that made it, or a newer one',
  });
}

/** The dump, in a part's folder. */
export const DUMP = 'dump.sql';
