import { z } from 'zod';

/** What a restore has to know besides the commands. */
export const placeSchema = z.strictObject({
  isolation: z.enum(['prefix', 'database', 'instance']),
  /** What the keys begin with; '': anything. */
  prefix: z.string(),
  databases: z.array(
    z.strictObject({
      number: z.int().min(0),
      /** Its commands, in the part's folder. */
      file: z.string().regex(/^keys(-\d+)?\.resp$/),
      keys: z.int().min(0),
      /** Keys whose value stands there as the server itself serialises it. */
      payloads: z.int().min(0),
    }),
  ),
  /** Bytes that the keys took in the server's memory, about. */
  memory: z.number().min(0),
  /** Into how many objects the keys of one type are divided. */
  groups: z.int().min(1).max(256),
});

export type Place = z.infer<typeof placeSchema>;
export type PlaceDatabase = Place['databases'][number];
