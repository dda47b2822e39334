import type { Diagnostic } from '../../../model/index.ts';
import { GLOBAL, keyOf, shown, targetOf } from '../grants.ts';
import { isNamed } from '../judge/people.ts';
import { inShort } from '../kinds/grant-fields.ts';
import { censusIn } from '../observe/census.ts';
import { isOfAdmin } from '../operators.ts';
import { type Context, factsOf } from '../steps/draft-steps.ts';
import { placesOf } from '../steps/patterns.ts';
import { type Effect, GrantTables } from './effective.ts';
import type { Counting } from './other-hosts.ts';

/** What an account has in a database after something, by a row of the same user for more hosts, and had not before. */
interface Widened {
  readonly key: string;
  readonly database: string;
  readonly by: string;
  readonly target: string;
  readonly privileges: readonly string[];
}

/** A row that goes, and one that comes, changes what counts for accounts of the same user that have none of their own. */
export function widenedIn(before: GrantTables, after: GrantTables, databases: readonly string[]): readonly Widened[] {
  const keys = after.borrowers.filter((key) => after.canLogIn(key));
  return keys.flatMap((key) =>
    after.lendableTo(key, databases).flatMap((database): readonly Widened[] => {
      const had = before.countingIn(key, database);
      const now = after.countingIn(key, database);
      const own = now.filter(({ by }) => by === key);
      const { on, but } = before.of(key);
      const onAll = [...(on.get(GLOBAL) ?? [])].filter((one) => but.get(one)?.has(database) !== true);
      return now.flatMap(({ target, by, privileges }) => {
        if (by === key) return [];
        const enough = new Set([...onAll, ...enoughOn(had, target, database), ...enoughOn(own, target, database)]);
        const more = [...privileges].filter((one) => !enough.has(one) && !enough.has(one.replace(/ \(.*\)$/s, '')));
        return more.length === 0 ? [] : [{ key, database, by, target, privileges: more.toSorted() }];
      });
    }),
  );
}

/** What is enough for something in a database: what counts on it, or on all of the database. */
function enoughOn(counting: readonly Counting[], target: string, database: string): readonly string[] {
  const all = keyOf(['database', database]);
  return counting.flatMap((one) => (one.target === target || one.target === all ? [...one.privileges] : []));
}

/** Nobody gets more of an app’s data by a plan than the manifest says: not by a row that stood behind the one that goes, either. */
export function widenings(effects: readonly Effect[], context: Context): readonly Diagnostic[] {
  const { observation, input } = context;
  const facts = factsOf(context);
  const census = censusIn(observation);
  const apps = new Map(placesOf(context).map(({ app, database }) => [database, app]));
  const before = new GrantTables(census, facts);
  if (before.borrowers.length === 0) return [];
  const after = new GrantTables(census, facts);
  for (const effect of effects) after.apply(effect);
  const holders = new Map(census.accounts.map((one) => [one.key, one]));
  const found = widenedIn(before, after, [...apps.keys()]).filter(({ key, by }) => {
    const [holder, lender] = [holders.get(key), holders.get(by)];
    return holder && !isOfAdmin(facts.admin, holder) && (holder.of === null || holder.of !== lender?.of);
  });
  return [...Map.groupBy(found, ({ key }) => key)].map(([key, all]): Diagnostic => {
    const holder = holders.get(key);
    const severity = holder?.of === null && isNamed(input, holder) ? 'warning' : 'error';
    const what = all.map(({ database, by, target, privileges }) => {
      const words = inShort(targetOf(target), privileges, facts).join(', ');
      return `${words} on ${shown(target)} (app "${apps.get(database) ?? ''}"), by the row of ${by}`;
    });
    const message = `${key} on "${input.name}" would get ${what.join('; ')}, which counts for it where it has none of its own`;
    return { code: 'CT2075', severity, message, hint: severity === 'error' ? hintFor(key) : ON_PURPOSE, path: input.path };
  });
}

const ON_PURPOSE = 'if that is not meant, DROP USER, or take those rights from the other account';

function hintFor(key: string): string {
  return `list ${key} under \`known\`, which takes nothing from it; or, if the host is the app's, add it to \`hosts\`; or close the account by hand (DROP USER, or ACCOUNT LOCK), then run cotenant apply again`;
}
