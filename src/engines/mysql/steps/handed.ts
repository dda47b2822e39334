import type { Observation } from '../../../engine/index.ts';
import { censusIn } from '../observe/census.ts';
import { compile } from '../compile/compile.ts';
import type { Draft } from '../compile/draft.ts';
import { databaseOf, GLOBAL, listOf, targetOf } from '../grants.ts';
import { calledMade, listed, type Made } from '../observe/made.ts';
import { namesOf } from '../names.ts';
import { type AccountSpec, isKind } from '../spec.ts';

/** An event runs whether or not anybody may touch the database. */
const REACHED_BY: Readonly<Record<'app' | 'reader', readonly string[]>> = {
  app: ['VIEW', 'PROCEDURE', 'FUNCTION', 'PACKAGE', 'PACKAGE BODY', 'TRIGGER'],
  reader: ['VIEW'],
};

/**
 * What stands in an app's database and runs with the rights of somebody else: who gets a right on that database gets it as well.
 * Nobody new gets any; whoever has the right already is told.
 */
export function judgeHanded(draft: Draft, observation: Observation): void {
  const { placements, readers, name: instance } = draft.input;
  const { made } = censusIn(observation);
  const byDatabase = Map.groupBy(
    made.filter(({ asDefiner }) => asDefiner),
    ({ database }) => database,
  );
  for (const { app, placement, path } of placements) {
    const { database } = namesOf(app, placement);
    const found = foreign(byDatabase.get(database) ?? [], app, observation, draft).filter(({ what }) => REACHED_BY.app.includes(what));
    if (found.length > 0) say(draft, { who: `app "${app}"`, found, path, isNew: !hasRights(app, database, observation, draft), instance });
  }
  for (const { name, reads, path } of readers) {
    for (const { app, placement } of placements.filter((one) => reads.includes(one.app))) {
      const { database } = namesOf(app, placement);
      const found = foreign(byDatabase.get(database) ?? [], app, observation, draft).filter(({ what }) => REACHED_BY.reader.includes(what));
      if (found.length > 0 && !hasRights(name, database, observation, draft))
        say(draft, { who: `reader "${name}"`, found, path, isNew: true, instance });
    }
  }
}

interface Handed {
  readonly who: string;
  readonly found: readonly Made[];
  readonly path: Parameters<Draft['error']>[2];
  readonly isNew: boolean;
  readonly instance: string;
}

function say(draft: Draft, { who, found, path, isNew, instance }: Handed): void {
  const list = listed(found.map((one) => `${calledMade(one)} runs as ${one.definer}`));
  if (isNew) {
    const hint = 'drop them, or recreate them with the app’s own login as DEFINER or with SQL SECURITY INVOKER';
    draft.error(
      'CT2063',
      `${who} would gain on "${instance}" the use of code that runs with the privileges of others: ${list}`,
      path,
      hint,
    );
    return;
  }
  draft.warn(
    'CT2063',
    `${who} can use on "${instance}" code that runs with the privileges of others: ${list}`,
    path,
    'verify shows each (MY-Y10)',
  );
}

/** What has a definer that is no account of the app, now or formerly. */
function foreign(made: readonly Made[], app: string, observation: Observation, draft: Draft): readonly Made[] {
  const own = new Set(
    observation.resources.flatMap((one) => (isKind(one, 'account') && one.app === app && one.owned ? [one.address.name] : [])),
  );
  for (const one of accountsOf(app, draft)) own.add(`${one.user}@${one.host}`);
  return made.filter(({ definer }) => !own.has(definer));
}

function accountsOf(app: string, draft: Draft): readonly AccountSpec[] {
  return compile(draft.input).resources.flatMap((one) => (isKind(one, 'account') && one.app === app ? [one.spec] : []));
}

/** True where a login of it that is there can read this database already. */
function hasRights(app: string, database: string, observation: Observation, draft: Draft): boolean {
  const keys = new Set(accountsOf(app, draft).map(({ user, host }) => `${user}@${host}`));
  return censusIn(observation).accounts.some(({ key, grants, of }) => {
    if (!keys.has(key) && of !== app) return false;
    return Object.entries(grants).some(
      ([target, privileges]) =>
        listOf(privileges).includes('SELECT') &&
        (target === GLOBAL || (targetOf(target)[0] === 'database' && databaseOf(targetOf(target)) === database)),
    );
  });
}
