import type { KindName, Specs } from '../spec.ts';
import { builtin } from './builtin.ts';
import { database } from './database.ts';
import { defaultPrivileges } from './default-privileges.ts';
import { extension } from './extension.ts';
import type { Kind } from './kind.ts';
import { operator } from './operator.ts';
import { objects } from './objects.ts';
import { perimeter } from './perimeter.ts';
import { role } from './role.ts';
import { rowGuard } from './row-guard.ts';
import { schema } from './schema.ts';
import { share } from './share.ts';

const kinds: { readonly [K in KindName]: Kind<Specs[K]> } = {
  role,
  database,
  perimeter,
  extension,
  schema,
  'default-privileges': defaultPrivileges,
  objects,
  'row-guard': rowGuard,
  builtin,
  share,
  operator,
};

/** The kind's behaviour with its spec type erased: a resource's address says which spec it carries. */
export function kindOf(name: string): Kind<unknown> | null {
  return Object.hasOwn(kinds, name) ? kinds[name as KindName] : null;
}
