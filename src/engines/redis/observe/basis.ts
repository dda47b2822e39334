import { z } from 'zod';
import type { Observation } from '../../../engine/index.ts';
import { oncePer } from '../../../util/once.ts';

const basisSchema = z.object({
  /** What users of one kind, and operators with one word, may run here: sorted names with blanks between. */
  commands: z.array(z.tuple([z.string(), z.string()])),
  /** The database of each app at level `database`; null: none is free. */
  databases: z.array(z.tuple([z.string(), z.number().nullable()])),
  /** The database that an app had which has no user any more, where it is somebody else's by now. */
  lost: z.array(z.tuple([z.string(), z.number()])).default([]),
  /** Users that are changing from one password to the next: both are let in. */
  twoPasswords: z.array(z.string()),
});
export type WrittenBasis = z.input<typeof basisSchema>;

/** What the rules of users are worked out from on this server. */
interface Basis {
  readonly commands: ReadonlyMap<string, string>;
  /** An app that is not in it has none. */
  readonly databases: ReadonlyMap<string, number>;
  readonly lost: ReadonlyMap<string, number>;
  readonly twoPasswords: ReadonlySet<string>;
}

export const basisOf = oncePer(({ basis }: Observation): Basis => {
  const { commands, databases, lost, twoPasswords } = basisSchema.parse(basis);
  const found = databases.flatMap(([app, database]) => (database === null ? [] : [[app, database] as const]));
  return { commands: new Map(commands), databases: new Map(found), lost: new Map(lost), twoPasswords: new Set(twoPasswords) };
});
