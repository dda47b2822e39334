import { z } from 'zod';
import type { Observation } from '../../../engine/index.ts';
import { oncePer } from '../../../util/once.ts';
import type { Plugin } from '../password-hash.ts';

const factsSchema = z.object({
  flavor: z.enum(['mysql', 'mariadb']),
  version: z.number(),
  /** As the server writes it. */
  release: z.string(),
  /** The login of the operator, `root@127.0.0.1`, and its privileges. */
  admin: z.string(),
  adminMay: z.array(z.string()).readonly(),
  literalNames: z.boolean(),
  maxConnections: z.number(),
  lowerCaseNames: z.number(),
  /** Nobody but an administrator can make a trigger or a function. */
  routinesRefused: z.boolean(),
  /** What the server runs in every session but an administrator's. */
  initConnect: z.string(),
  /** Targets of shares that are not there (yet). */
  missing: z.array(z.string()).readonly(),
});

/** What the server is and what its admin may do, from the observation. */
export interface Facts extends Omit<z.infer<typeof factsSchema>, 'missing'> {
  /** How new accounts prove themselves. */
  readonly plugin: Plugin;
  readonly missing: ReadonlySet<string>;
}

export const factsOf = oncePer((server: Observation['server']): Facts => {
  const facts = factsSchema.parse(server);
  const plugin = facts.flavor === 'mariadb' ? 'mysql_native_password' : 'caching_sha2_password';
  return { ...facts, plugin, missing: new Set(facts.missing) };
});
