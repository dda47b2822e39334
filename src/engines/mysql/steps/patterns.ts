import { sql } from '../../../engine/index.ts';
import { censusIn } from '../observe/census.ts';
import type { PatternGrant } from '../observe/patterns.ts';
import { type Context, factsOf, step } from './draft-steps.ts';
import { keptEffects } from './effects.ts';
import { grantChanges, shown } from '../grants.ts';
import { givenByName, grantee } from '../kinds/database.ts';
import { grantField } from '../kinds/grant-fields.ts';
import type { Effect } from '../losses/effective.ts';
import type { Taking } from '../losses/losses.ts';
import { namesOf } from '../names.ts';
import { namedIn } from '../retire/retire.ts';
import { isKind } from '../spec.ts';
import type { Facts } from '../observe/facts.ts';
import type { Command } from '../../../model/index.ts';

/**
 * Grants of strangers on patterns that reach an app's database give way to grants on each of the other databases that are there. A
 * database that does not exist yet is reached as well.
 */
export function patternSteps(context: Context): readonly Taking[] {
  const { patterns } = censusIn(context.observation);
  return placesOf(context).flatMap(({ app, database, isGone }) => {
    const rows = patterns.filter(({ reaches }) => reaches.includes(database));
    if (rows.length === 0) return [];
    const facts = factsOf(context);
    const moves = rows.map((row) => withoutPattern(row, facts));
    const draft = step({
      address: { engine: 'mysql', instance: context.input.name, kind: 'patterns', name: database },
      app,
      part: 'take',
      action: 'update',
      title: 'revoke others’ rights by a pattern that matches the database',
      facts: { app, database },
      fields: rows.map(({ account, target, privileges }) =>
        grantField(`${account} on ${shown(target)}`, target, privileges, undefined, facts),
      ),
      commands: moves.flatMap(({ gives, revokes }) => [...gives, ...revokes]),
      risk: 'access-reducing',
      ...(isGone ? { cause: 'drift' } : {}),
    });
    return [{ draft, effects: moves.flatMap(({ effects }) => effects) }];
  });
}

/** What puts grants by name in the place of one on a pattern. */
export function withoutPattern(
  { account, target, privileges, kept }: PatternGrant,
  facts: Facts,
): {
  readonly gives: readonly Command[];
  readonly revokes: readonly Command[];
  readonly effects: readonly Effect[];
} {
  const { revokes } = grantChanges({ [target]: privileges }, {}, grantee(account, facts.flavor), facts);
  return {
    gives: givenByName(kept, facts),
    revokes: revokes.map((text) => sql(text)),
    effects: [...keptEffects(kept), { is: 'revoke', key: account, target, privileges }],
  };
}

interface Place {
  readonly app: string;
  readonly database: string;
  /** Of an app that was retired before. */
  readonly isGone: boolean;
}

/** Databases of apps in the manifest, there or not, and of those that are gone from it. */
export function placesOf(context: Context): readonly Place[] {
  const { input, observation } = context;
  const named = namedIn(context);
  const wanted = input.placements.map(({ app, placement }) => ({ app, database: namesOf(app, placement).database, isGone: false }));
  const others = observation.resources.flatMap((one): readonly Place[] => {
    if (!one.owned || one.app === null || named.has(one.app)) return [];
    if (isKind(one, 'database')) return [{ app: one.app, database: one.address.name, isGone: false }];
    const was = isKind(one, 'retired') && one.address.name.startsWith('database/') ? one.spec.was : null;
    return was === null ? [] : [{ app: one.app, database: was, isGone: true }];
  });
  return [...wanted, ...others];
}
