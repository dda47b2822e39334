import { lookUp } from '../../../util/record.ts';
import { type Acl, parseAcl } from '../acl.ts';
import type { Input } from '../compile/draft.ts';
import { Closure } from '../effective/closure.ts';
import { edgesOf } from '../effective/people.ts';
import type { SharedRows } from '../queries/shared.ts';

type Items = readonly string[] | null;

/**
 * Logins of the operator, known strangers, and the groups that these are in: what they have in the area of an app stays as
 * it is. What an operator has beyond its words is for `verify` to say, not for `apply` to take.
 */
export class AcceptedRoles {
  readonly #roles: ReadonlySet<string>;
  /** Those that the manifest names itself. */
  readonly named: readonly string[];
  /** Of these, whose words say what they keep. */
  readonly operators: ReadonlySet<string>;
  readonly #lookups: readonly string[];

  constructor(input: Input, rows: SharedRows, isOurs: (role: string) => boolean) {
    const known = new Set(input.known.map((one) => one.user));
    const named = [...input.operators.map((one) => one.name), ...known].filter((name) => !isOurs(name));
    this.operators = new Set(input.operators.map((one) => one.name).filter((name) => !isOurs(name) && !known.has(name)));
    this.#lookups = lookupLogins(input);
    this.named = named;
    if (named.length === 0) {
      this.#roles = new Set();
      return;
    }
    const closure = new Closure(edgesOf(rows));
    const all = named.flatMap((name) => [...closure.usable(name)]);
    this.#roles = new Set(all.filter((name) => !isOurs(name) && !name.startsWith('pg_')));
  }

  has(role: string): boolean {
    return this.#roles.has(role);
  }

  /** An access list without what stays. */
  without(acl: Acl): Acl {
    if (this.#roles.size === 0) return acl;
    return Object.fromEntries(Object.entries(acl).filter(([grantee]) => !this.#roles.has(grantee)));
  }

  /** As the function of that name. */
  isLookup(items: Items, schema: Items): boolean {
    return isLookup(this.#lookups, items, schema);
  }
}

/** Logins that look passwords up for a pooler. */
export function lookupLogins({ operators }: Pick<Input, 'operators'>): readonly string[] {
  return operators.filter(({ may }) => may.includes('auth-query')).map(({ name }) => name);
}

/** True for a SECURITY DEFINER function that a pooler's login was let to: by name, or into its schema by name. */
export function isLookup(logins: readonly string[], items: Items, schema: Items): boolean {
  if (logins.length === 0) return false;
  const [acl, space] = [items === null ? { '': 'X' } : parseAcl(items), parseAcl(schema ?? [])];
  const everybody = lookUp(acl, '') !== undefined;
  return logins.some((login) => lookUp(acl, login) !== undefined || (everybody && lookUp(space, login) !== undefined));
}
