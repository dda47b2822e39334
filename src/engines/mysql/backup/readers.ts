import { randomBytes } from 'node:crypto';
import type { BackupContext } from '../../../engine/index.ts';
import { fail } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import type { Input } from '../compile/draft.ts';
import { GLOBAL, keyOf, shown, targetOf } from '../grants.ts';
import { isCalled } from '../judge/people.ts';
import { lessIn } from '../losses/by-database.ts';
import { GrantTables } from '../losses/effective.ts';
import { hostReaches } from '../losses/hosts.ts';
import { accountKey, type Catalog, type CatalogAccount } from '../observe/catalog.ts';
import { mandatoryIn } from '../observe/roles.ts';
import { isAdmins } from '../operators.ts';
import { patternReaches } from '../quote.ts';
import type { Holder } from '../spec.ts';

/** How names of drills begin: the second one is for where somebody has a pattern that fits the first. No longer than a login's name may be. */
const FRONTS = ['cotenant_drill_', 'drill_cotenant_'] as const;
export const DRILLS = /^(?:cotenant_drill|drill_cotenant)_[0-9a-f]{16}$/u;

/** A name for the database of a drill, and that of the app's own. */
interface Wanted {
  readonly name: string;
  readonly own: string;
}

interface Reader {
  readonly who: string;
  /** What lets it in, in words; null: it may do the same in the app's own database. */
  readonly by: string | null;
}

/** Logins that would come into a database of this name, by patterns or whatever they have on everything. Operators are none. */
function readersOf(catalog: Catalog, input: Input, { name, own }: Wanted): readonly Reader[] {
  const { accounts, databases, everybodyFrom, server } = catalog;
  const isTheirs = (one: CatalogAccount): boolean =>
    !one.isRole && !isAdmins(server.admin, one) && !input.operators.some((each) => isCalled(each.name, one));
  const holders = accounts.map((one) => ({ ...one, key: accountKey(one), of: null }));
  const theirs = holders.filter((one) => isTheirs(one) && !one.locked);
  const guests = guestsOf(catalog, theirs);
  const names = [...databases.map((one) => one.name), name];
  const tables = new GrantTables(
    { accounts: [...holders, ...guests], databases: names, everybody: everybodyFrom, mandatory: mandatoryIn(catalog) },
    server,
  );
  const patternsIn = (targets: Iterable<string>): readonly string[] =>
    [...targets].filter((target) => {
      const [kind, pattern = ''] = targetOf(target);
      return kind === 'pattern' && patternReaches(pattern, name, server.literalNames);
    });
  const readerAs = (who: string, as: string): readonly Reader[] => {
    const rights = tables.of(as);
    const inOwn = tables.onDatabase(as, own);
    const more = lessIn(tables.onDatabase(as, name), inOwn, rights, name);
    const shutOut = [...(rights.on.get(GLOBAL) ?? [])].some((one) => rights.but.get(one)?.has(own) === true && !inOwn.sure.has(one));
    const by = [...(more.length > 0 ? patternsIn(rights.on.keys()) : []).map(shown), ...(shutOut ? [`everything but ${own}.*`] : [])];
    if (more.length > 0 || shutOut) return [{ who, by: by.join(', ') }];
    return tables.covers(rights, keyOf(['database', name]), 'SELECT') ? [{ who, by: null }] : [];
  };
  return [
    ...theirs.flatMap(({ key, proxies }) => [key, ...proxies].flatMap((as) => readerAs(key, as))),
    ...guests.flatMap((one) => readerAs(accountKey(one), one.key)),
  ];
}

/**
 * A row for a client from elsewhere counts for every account of its user that lets the client in, as if the account were there for
 * that host as well. An account for fewer hosts has the row by its own check.
 */
function guestsOf({ strays }: Catalog, accounts: readonly Holder[]): readonly Holder[] {
  return strays.flatMap(({ user, host, grants }) =>
    accounts
      .filter((one) => one.user === user && !hostReaches(host, one.host))
      .map((one): Holder => {
        const onAll = lookUp(one.grants, GLOBAL);
        const all = onAll === undefined ? grants : { [GLOBAL]: onAll, ...grants };
        return { ...one, key: `${one.key} ${host}`, host, grants: all, proxies: [] };
      }),
  );
}

/**
 * A name that nobody can know before, for a database into which nobody comes but operators. Throws CT4327 where somebody would:
 * what an app has, and had, lies there in full.
 */
export async function freeName(catalog: Catalog, input: Input, own: string, context: BackupContext): Promise<string> {
  const tried = FRONTS.map((front) => {
    const name = `${front}${randomBytes(8).toString('hex')}`;
    return { name, readers: readersOf(catalog, input, { name, own }) };
  });
  const found = tried.find(({ readers }) => readers.every(({ by }) => by === null));
  if (!found) {
    const readers = tried.flatMap((one) => one.readers.filter(({ by }) => by !== null));
    const who = [...new Map(readers.map((one) => [one.who, one])).values()].map((one) => `"${one.who}" (${one.by ?? ''})`);
    throw fail('CT4327', `whatever a drill on "${input.name}" makes is open to ${who.join(', ')}`, {
      instance: input.name,
      hint: 'grant by name on each database in place of that, or name the login under `operators`',
    });
  }
  const all = [...new Set(found.readers.map(({ who }) => `"${who}"`))];
  if (all.length > 0) context.say(`may read this drill on "${input.name}", as the app's own database: ${all.join(', ')}`);
  return found.name;
}
