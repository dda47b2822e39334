import type { Fix } from '../../../../model/index.ts';
import { type Guarded, joined, lettersOf } from '../../effective/letters.ts';
import { placed } from '../../part-name.ts';
import { roles } from '../../quote.ts';
import type { FunctionRow } from '../catalog-database.ts';
import { dropInside, fixInside, named } from '../findings.ts';
import { isMigrator, isSettled } from './schemas.ts';
import { accessOf } from '../catalog-snapshot.ts';
import { type DatabaseContext, targetOf } from '../database-context.ts';
import { isOutside } from '../principals.ts';
import { aclOf, type Excess, excessOn, type Area, probeFor, who } from '../rights.ts';
import { followed, lossOf, TENANTS, withLosses } from '../losing.ts';
import { type Listed, taking } from '../taking.ts';

/** Functions: who may call them, with whose rights they run, and what waits in them for somebody else. */
export function checkFunctions(inside: DatabaseContext): void {
  for (const row of inside.catalog.functions) {
    const [schema] = row;
    const area = inside.areas.get(schema);
    if (!area || schema === 'cotenant') continue;
    inside.findings.judged += row[12].length;
    checkOwner(inside, area, row);
    checkCallers(inside, area, row);
    checkTraps(inside, row);
  }
  for (const [view, owner] of inside.catalog.traps) {
    const principal = inside.snapshot.principalOf(owner);
    if (!principal) continue;
    inside.findings.add('E3', {
      from: principal.name,
      to: null,
      statement: `definition of view ${view} in ${inside.place.database}`,
      answer: 'it sets the role of whoever reads it',
      verdict: 'RESIDUAL',
    });
  }
}

function describe([, , , , , , , , , , , , signatures]: FunctionRow): string {
  return `function ${named(signatures)}`;
}

function checkOwner(inside: DatabaseContext, area: Area, row: FunctionRow): void {
  const { snapshot, findings, place } = inside;
  const [, owner, , definer, , leakproof, trusted, , , , , , signatures] = row;
  const holder = snapshot.principalOf(owner);
  const statement = `${describe(row)} in ${place.database}`;
  const mine = holder !== null && !isOutside(holder) && holder.kind !== 'operator';
  if (leakproof)
    findings.add('R11', {
      from: null,
      to: targetOf(inside, area),
      statement,
      answer: 'LEAKPROOF',
      fix: mine ? fixInside(place.database, ...signatures.map((one) => `ALTER FUNCTION ${one} NOT LEAKPROOF`)) : [],
    });
  if (!trusted && holder)
    findings.add('P14', {
      from: holder.name,
      to: null,
      statement,
      answer: `${owner} owns a function in a language without bounds`,
      fix: mine ? droppedRoutines(inside, row) : [],
    });
  if (isSettled(inside, area, owner)) return;
  // The operator's own, which stays so, as the plan says. What runs with the operator's rights is the app's to misuse.
  if (area.owner !== null && holder === null) {
    if (definer) checkDefiner(inside, area, row);
    return;
  }
  for (const { principal, live } of snapshot.holders(owner)) {
    if (principal.name === area.owner || isMigrator(inside, principal.name)) continue;
    const id = probeFor(area.owner === null ? 'S14' : 'S12', { from: principal.name, kind: principal.kind, live, letters: '' });
    // Handed over, it would run with the rights of whoever gets it, or be theirs to replace.
    findings.add(id, { from: principal.name, to: targetOf(inside, area), statement: `owner of ${statement}`, answer: owner });
  }
}

/** Who can name a function in this schema: without USAGE nobody calls it, unless something depends on it that others use. */
function namersOf(
  { snapshot, place, catalog }: DatabaseContext,
  [schema, , , , , , , , , , , , , hung]: FunctionRow,
): (login: string) => boolean {
  const found = catalog.schemas.find(([name]) => name === schema);
  // Two of the server's own roles use every schema, and no access list names them.
  const acl = joined(aclOf(found?.[2] ?? null, {}), { pg_read_all_data: 'U', pg_write_all_data: 'U' });
  const area = { owner: found?.[1] ?? '', acl };
  return (login) => {
    const { usable } = snapshot.memberships.reach(login);
    if (!snapshot.enters(login, place.database)) return false;
    const everywhere = usable.has('pg_read_all_data') || usable.has('pg_write_all_data');
    return hung || everywhere || lettersOf(area, new Set([login, ...usable]), 'U').includes('U');
  };
}

/** Nobody calls a function for triggers, but who has a table to put one on, be it a temporary one, has it run so. */
function triggersIn({ snapshot, place, catalog }: DatabaseContext): (login: string) => boolean {
  const temporary = { owner: place.owner, acl: accessOf(place) };
  const rooms = catalog.schemas.map(([, owner, acl]) => ({ owner, acl: aclOf(acl, {}) }));
  const tables = catalog.relations.map(([, , owner, acl]) => ({ owner, acl: aclOf(acl, {}) }));
  return (login) => {
    const mine = new Set([login, ...snapshot.memberships.reach(login).usable]);
    const has = (some: Guarded, letter: string): boolean => lettersOf(some, mine, letter).includes(letter);
    return has(temporary, 'T') || rooms.some((one) => has(one, 'C')) || tables.some((one) => has(one, 't'));
  };
}

/** Whether a call can come from there: from an app or reader for PUBLIC, and else from whoever it is. */
function isCallable(inside: DatabaseContext, row: FunctionRow, from: string | null): boolean {
  const { principals, roles } = inside.snapshot;
  const named = namersOf(inside, row);
  const sets = row[14] ? triggersIn(inside) : null;
  const names = (login: string): boolean => named(login) && (sets === null || sets(login));
  return principals.some(
    ({ name, kind, roles: own }) =>
      (from === null ? kind === 'app' || kind === 'reader' : name === from) &&
      own.some((role) => roles.get(role)?.login === true && names(role)),
  );
}

/** A function that runs as the operator, and that a login of an app may call. */
function checkDefiner(inside: DatabaseContext, area: Area, row: FunctionRow): void {
  const { snapshot, findings, place } = inside;
  const [, owner, items, , pinned] = row;
  const isTenants = (grantee: string): boolean => snapshot.holders(grantee).some(({ principal: { kind } }) => kind !== 'foreign');
  if (!isCallable(inside, row, null)) return;
  const callers = Object.keys(aclOf(items, { [owner]: 'X', '': 'X' })).filter((grantee) => grantee === '' || isTenants(grantee));
  if (callers.length === 0) return;
  findings.add('E4', {
    from: area.owner,
    to: null,
    statement: `${describe(row)} in ${place.database}`,
    answer: `runs as ${owner}${pinned ? '' : ', with the search_path of whoever calls it'}; ${callers.map(who).join(', ')} may call it`,
    fix: callers.includes('') ? closeRoutines(inside, row) : [],
  });
}

/** PUBLIC loses it. Those who are no app and may have used it keep it by name; apps and readers lose it, and are told. */
function closeRoutines(inside: DatabaseContext, row: FunctionRow): readonly Fix[] {
  const { snapshot, place } = inside;
  const [, owner, items, , , , , , , , , , signatures] = row;
  const keepers = snapshot.othersIn(place.database);
  const { '': _, ...byName } = aclOf(items, {});
  const keeps = (login: string): boolean =>
    keepers.includes(login) ||
    lettersOf({ owner, acl: byName }, new Set([login, ...snapshot.memberships.reach(login).usable]), 'X').includes('X');
  const losers = snapshot.logins.filter((name) => snapshot.enters(name, place.database) && !keeps(name));
  const on = `ON ROUTINE ${signatures.join(', ')}`;
  const losses = losers.map((name) => lossOf(snapshot, name, `EXECUTE on function ${signatures.join(', ')} in "${place.database}"`));
  const revoke = fixInside(place.database, `REVOKE EXECUTE ${on} FROM PUBLIC`);
  return [
    ...(keepers.length > 0 ? fixInside(place.database, `GRANT EXECUTE ${on} TO ${roles(keepers)}`) : []),
    ...withFollowers(inside, row, withLosses(revoke, losses), [...Object.keys(byName), ...keepers], losers),
  ];
}

/** With those who use what calls it. `stay`: who may call it afterwards. */
function withFollowers(
  { snapshot, place }: DatabaseContext,
  [, owner, items, , , , , , , , , , signatures]: FunctionRow,
  fix: readonly Fix[],
  stay: readonly string[],
  losers: readonly string[],
): readonly Fix[] {
  const what = [`EXECUTE on function ${signatures.join(', ')} in "${place.database}"`];
  const things = signatures.map((one) => placed(place.database, one));
  const acl = aclOf(items, { [owner]: 'X', '': 'X' });
  const stays = { owner, acl: Object.fromEntries([owner, ...stay].map((name) => [name, 'X'])) };
  return followed(snapshot, TENANTS, fix, (followers) =>
    followers.ofRights(
      { things, gone: { owner: '', acl }, stays: stay.length === 0 ? { owner: '', acl: {} } : stays },
      losers.map((login) => ({ login, database: place.database, what })),
    ),
  );
}

/** Whoever may call it loses it, and whoever uses what does. */
function droppedRoutines(inside: DatabaseContext, row: FunctionRow): readonly Fix[] {
  const { snapshot, place } = inside;
  const [, owner, items, , , , , , , , , , signatures] = row;
  const acl = aclOf(items, { [owner]: 'X', '': 'X' });
  const callers = [...snapshot.roles.values()].flatMap(({ name, login, superuser }) => {
    const able = login && !superuser && name !== snapshot.server[0] && snapshot.enters(name, place.database);
    const mine = new Set([name, ...snapshot.memberships.reach(name).usable]);
    return able && !mine.has(owner) && lettersOf({ owner, acl }, mine, 'X').includes('X') ? [name] : [];
  });
  const losses = callers.map((name) => lossOf(snapshot, name, `function ${signatures.join(', ')} in "${place.database}"`));
  const drop = dropInside(place.database, ...signatures.map((one) => `DROP ROUTINE ${one}`));
  return withFollowers(inside, row, withLosses(drop, losses), [], callers);
}

function checkCallers(inside: DatabaseContext, area: Area, row: FunctionRow): void {
  const { snapshot, findings, place } = inside;
  const [, owner, items, definer, pinned, , , , , , , , signatures] = row;
  const holder = snapshot.principalOf(owner);
  const acl = aclOf(items, { [owner]: 'X', '': 'X' });
  const list: Listed = {
    on: `ROUTINE ${signatures.join(', ')}`,
    what: `function ${signatures.join(', ')} in "${place.database}"`,
    place,
    owner,
    items,
    ...(items === null ? { acl } : {}),
    relations: signatures,
  };
  // What lies in a schema of the operator is there to be called, as long as it runs with the caller's rights.
  if (area.owner === null && !definer) return;
  for (const [grantee, letters] of Object.entries(acl)) {
    if (grantee === owner) continue;
    for (const one of excessOn(snapshot, area, owner, grantee, letters, 'function')) {
      if (isMigrator(inside, one.from) || (area.owner === null && !isCallable(inside, row, one.from))) continue;
      const closing =
        grantee === '' && holder === null
          ? { fix: closeRoutines(inside, row) }
          : taking(snapshot, one.from, list, { grantee, letters: 'X' });
      const fact = { from: one.from, to: targetOf(inside, area), statement: `${describe(row)} in ${place.database}`, ...closing };
      const answer = `${who(grantee)} may call it`;
      if (area.owner === null) {
        definerFinding(
          inside,
          one,
          fact,
          `${answer}; it runs as ${owner}${pinned ? '' : ', with the search_path of whoever calls it'}`,
          holder !== null,
        );
      } else findings.add(probeFor('P04b', one), { ...fact, answer: definer ? `${answer}; it runs as ${owner}` : answer });
    }
  }
}

function definerFinding(
  inside: DatabaseContext,
  one: Excess,
  fact: { from: string | null; to: string; statement: string; fix: readonly Fix[]; under?: string },
  answer: string,
  byTenant: boolean,
): void {
  const rows = inside.place.space?.apps[0]?.placement.isolation === 'rows';
  inside.findings.add(probeFor(rows && byTenant ? 'R09' : 'E4', one), { ...fact, answer });
}

/** What is an app's own and waits for somebody with more rights to touch it. */
function checkTraps(inside: DatabaseContext, row: FunctionRow): void {
  const { snapshot, findings, place } = inside;
  const [, owner, , , , , , suspicious, shadows, onView, onTrigger, resets] = row;
  const principal = snapshot.principalOf(owner);
  if (!principal) return;
  // A search for words: a reason to look, and no more. It is the app's own, and others may rest on it.
  const fact = { from: principal.name, to: null, statement: `${describe(row)} in ${place.database}`, verdict: 'RESIDUAL' as const };
  if (shadows) findings.add('E1b', { ...fact, answer: 'it has the name of a function of the server and can change things' });
  if (!suspicious) return;
  const answer = 'its text changes roles or rights of whoever runs it';
  if (onView) findings.add('E2', { ...fact, answer: `${answer}; a view calls it` });
  if (onTrigger) findings.add('E2b', { ...fact, answer: `${answer}; a trigger calls it` });
  if (resets) findings.add('E3', { ...fact, answer: 'its text resets the role of whoever runs it' });
  if (!onView && !onTrigger && !resets && !shadows) findings.add('E2', { ...fact, answer });
}
