import { addressOf, type Change, type PlanContext } from '../../../engine/index.ts';
import type { Config, Placement } from '../config.ts';
import { type Facts, factsOf as serverFacts } from '../kinds/kind.ts';

export type Context = PlanContext<Config, Placement>;

export function factsOf(context: Context): Facts {
  return serverFacts(context.observation.server);
}

export function nameOf(change: Change): string {
  return addressOf(change).name;
}

/** Kinds of what lies in one database, in the order in which it is made. */
export const INSIDE: readonly string[] = ['schema', 'extension', 'share', 'default-privileges', 'row-guard', 'objects', 'builtin'];

/** Titles of steps inside a database, by kind. */
export const INSIDE_TITLES: Readonly<Record<string, string>> = {
  schema: 'set up schema',
  extension: 'install extension',
  'default-privileges': 'set default privileges',
  objects: 'set owner and privileges of objects',
  'row-guard': 'guard rows',
  share: 'set up views of shared tables',
  builtin: 'revoke server functions',
};
