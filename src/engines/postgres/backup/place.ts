import { z } from 'zod';

/** What a dump needs around it. */
export const placeSchema = z.strictObject({
  /** Schemas of the app; the first is that of its placement. */
  schemas: z.array(z.string()).min(1),
  /** Every schema of the database is the app's. */
  whole: z.boolean(),
  encoding: z.string(),
  collate: z.string(),
  ctype: z.string(),
  extensions: z.array(z.strictObject({ name: z.string(), schema: z.string(), version: z.string() })),
});

export type Place = z.infer<typeof placeSchema>;

/** The dump, in a part's folder. */
export const DUMP = 'dump.pgdump';
