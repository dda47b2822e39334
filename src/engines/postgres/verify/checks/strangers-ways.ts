import { parseAcl } from '../../acl.ts';
import type { ServersOwn } from './servers-own.ts';
import type { Principal } from '../principals.ts';
import { outsideProbe, who } from '../rights.ts';

export type WayRow = readonly [
  kind: 'definer' | 'event trigger' | 'mapping',
  what: string,
  /** Owner of the function; of a mapping, the login on the other server. */
  whose: string,
  acl: readonly string[] | null,
  /** Of a mapping: hosts of its server that are not this one. */
  space: readonly string[] | null,
];
export type StrangersCatalog = ServersOwn['catalog'] & { readonly ways: readonly WayRow[] };
type Strangers = Pick<ServersOwn, 'snapshot' | 'findings' | 'place'>;

/** In a database where no app lives a stranger may have what it likes, but for ways to be the operator or an app. */
export function checkStrangersWays(inside: Strangers, ways: readonly WayRow[]): void {
  const { snapshot, findings, place } = inside;
  const comers = snapshot.principals.filter((one) => one.kind !== 'operator' && snapshot.entrants(one, place.database).length > 0);
  for (const [kind, what, whose, acl, space] of ways) {
    findings.judged += 1;
    const found = comers.filter((one) => isTheirs(inside, one, [kind, what, whose, acl, space]));
    const to = kind === 'mapping' ? (snapshot.principalOf(whose)?.name ?? null) : null;
    if (kind === 'mapping' && !isOurs(inside, whose, space ?? [])) continue;
    for (const one of found) {
      if (one.name === to) continue;
      findings.add(outsideProbe(one.kind) ?? 'E4', {
        from: one.name,
        to,
        statement: `${kind} ${what} in ${place.database}`,
        ...SAID[kind](whose, acl),
      });
    }
  }
}

const CALLED = 'What it does with the rights that it has cannot be read from the catalogs.';
const SAID = {
  definer: (whose: string) => ({ answer: `it may be called, and runs as ${whose}`, verdict: 'UNPROVEN' as const, why: CALLED }),
  'event trigger': (whose: string) => ({ answer: `it runs a function of ${whose} in the sessions of a superuser` }),
  mapping: (whose: string, acl: readonly string[] | null) => ({ answer: `${who(acl?.[0] ?? '')} comes in elsewhere as ${whose}` }),
};

/** An operator or superuser of that name may be one of another machine. */
function isOurs({ snapshot }: Strangers, login: string, elsewhere: readonly string[]): boolean {
  if (['app', 'reader', 'space', 'retired'].includes(snapshot.principalOf(login)?.kind ?? '')) return true;
  return elsewhere.length === 0 && (snapshot.operators.has(login) || snapshot.input.operators.some(({ name }) => name === login));
}

function isTheirs(inside: Strangers, one: Principal, [kind, , whose, acl, space]: WayRow): boolean {
  const { snapshot, place } = inside;
  return snapshot.entrants(one, place.database).some((login) => {
    const mine = new Set(['', login, ...snapshot.memberships.reach(login).usable]);
    const has = (items: readonly string[] | null, letter: string, fallback: boolean): boolean =>
      items === null
        ? fallback
        : Object.entries(parseAcl(items)).some(([grantee, letters]) => mine.has(grantee) && letters.includes(letter));
    if (kind === 'event trigger') return mine.has(whose);
    if (kind === 'mapping') return mine.has(acl?.[0] ?? '');
    return has(acl, 'X', true) && has(space, 'U', false);
  });
}
