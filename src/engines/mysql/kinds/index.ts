import { account } from './account.ts';
import { database } from './database.ts';
import type { Kind } from './kind.ts';
import { ledger } from './ledger.ts';
import { operator } from './operator.ts';
import { perimeter } from './perimeter.ts';
import { strays } from './strays.ts';

const kinds = { account, database, ledger, operator, perimeter, strays } as const;

/** The kind's behaviour with its spec type erased: a resource's address says which spec it carries. */
export function kindOf(name: string): Kind<unknown> | null {
  return Object.hasOwn(kinds, name) ? kinds[name as keyof typeof kinds] : null;
}
