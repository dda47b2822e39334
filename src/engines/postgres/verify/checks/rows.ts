import { lookUp, putIn } from '../../../../util/record.ts';
import type { Fix } from '../../../../model/index.ts';
import { splitLetters } from '../../acl.ts';
import { joined, lettersOf } from '../../effective/letters.ts';
import { isGuardTest, guardGroups, policiesOf } from '../../steps/guard.ts';
import { placed } from '../../part-name.ts';
import { ident, qualified } from '../../quote.ts';
import { rowSpaceNames } from '../../compile/spaces.ts';
import type { PolicyRow, RelationRow, TableRow } from '../catalog-database.ts';
import { fixInside } from '../findings.ts';
import { losingOwner, lossOf, TENANTS } from '../losing.ts';
import { type Listed, revoking } from '../taking.ts';
import type { DatabaseContext } from '../database-context.ts';
import { aclOf, only, who, words } from '../rights.ts';
import { append } from '../../../../util/append.ts';

/** A database that apps share by rows: what can be reached in it, and whether the guard stands before it. */
export function checkRows(inside: DatabaseContext): void {
  const { place, catalog } = inside;
  if (!place.space) return;
  const column = place.space.apps[0]?.placement.column ?? '';
  const names = rowSpaceNames(place.space);
  const tables = new Map(catalog.tables.map((row) => [`${row[0]}.${row[1]}`, row]));
  const policies = Map.groupBy(catalog.policies, ([schema, table]) => `${schema}.${table}`);
  const granted = columnGrants(inside);
  for (const row of catalog.relations) {
    const [schema, kind, , , , , relations] = row;
    if (schema === 'cotenant' || !inside.areas.has(schema)) continue;
    if (kind === 'S') checkSequence(inside, row);
    for (const name of relations) {
      const path = `${schema}.${name}`;
      const open = reachable(inside, row, granted.get(path) ?? []);
      checkLetters(inside, row, name, open);
      if (kind !== 'r' && kind !== 'p') checkDerived(inside, row, name, open);
      else {
        const table = tables.get(path);
        if (table)
          checkTable(inside, {
            table,
            open,
            policies: policies.get(path) ?? [],
            column,
            groups: guardGroups(names),
            owner: row[2],
            list: listOf(inside, row, name, open),
          });
      }
    }
  }
}

/** Grantee to letters, of those through whom an app or a reader can come. */
type Open = Readonly<Record<string, string>>;

function columnGrants({ catalog }: DatabaseContext): ReadonlyMap<string, readonly Open[]> {
  const out = new Map<string, Open[]>();
  for (const [schema, table, , , items] of catalog.columns) {
    const path = `${schema}.${table}`;
    append(out, path, aclOf(items, {}));
  }
  return out;
}

function reachable({ snapshot, place }: DatabaseContext, [, , owner, items]: RelationRow, columns: readonly Open[]): Open {
  const open: Record<string, string> = {};
  for (const acl of [aclOf(items, {}), ...columns]) {
    for (const [grantee, letters] of Object.entries(acl)) {
      if (grantee === owner) continue;
      const tenants =
        grantee === '' ||
        snapshot
          .holders(grantee === 'pg_database_owner' ? place.owner : grantee)
          .some(
            ({ principal }) =>
              principal.kind === 'app' ||
              principal.kind === 'reader' ||
              (principal.kind !== 'operator' && !principal.databases.has(place.database)),
          );
      if (tenants || snapshot.principalOf(grantee)?.kind === 'space')
        putIn(open, grantee, [...new Set([...splitLetters(lookUp(open, grantee) ?? ''), ...splitLetters(letters)])].join(''));
    }
  }
  return open;
}

function checkLetters(inside: DatabaseContext, row: RelationRow, name: string, open: Open): void {
  const { findings, place } = inside;
  const [schema, kind] = row;
  if (kind === 'S') return;
  for (const [grantee, letters] of Object.entries(open)) {
    for (const [id, taken] of [
      ['R06', 'D'],
      ['S20', 't'],
      ['S21', 'x'],
      ['S22', 'm'],
    ] as const) {
      const found = only(letters, taken);
      if (found === '') continue;
      findings.add(id, {
        from: null,
        to: place.target,
        statement: `access list of table ${schema}.${name} in ${place.database}`,
        answer: `${who(grantee)} has ${words(found)}`,
        fix: revoking(inside.snapshot, TENANTS, listOf(inside, row, name, open), { grantee, letters: found }),
      });
    }
  }
}

function checkSequence(inside: DatabaseContext, row: RelationRow): void {
  const { findings, place } = inside;
  const [schema, , , , , , names] = row;
  for (const [grantee, letters] of Object.entries(reachable(inside, row, []))) {
    if (!letters.includes('w')) continue;
    for (const name of names)
      findings.add('R16', {
        from: null,
        to: place.target,
        statement: `access list of sequence ${schema}.${name} in ${place.database}`,
        answer: `${who(grantee)} may set it`,
        fix: revoking(inside.snapshot, TENANTS, listOf(inside, row, name), { grantee, letters: 'w' }),
      });
  }
}

/** `open`: with the rights on columns, which go with those on the table. */
function listOf({ place }: DatabaseContext, [schema, kind, owner, items]: RelationRow, name: string, open: Open = {}): Listed {
  const word = kind === 'S' ? 'sequence' : 'table';
  return {
    on: `${word.toUpperCase()} ${qualified(schema, name)}`,
    what: `${word} ${schema}.${name} in "${place.database}"`,
    place,
    owner,
    items,
    acl: joined(aclOf(items, {}), open),
    relations: [qualified(schema, name)],
  };
}

function revokingAll({ snapshot }: DatabaseContext, list: Listed, grantees: readonly string[]): readonly Fix[] {
  return grantees.flatMap((grantee) => {
    const letters = splitLetters(lookUp(list.acl ?? {}, grantee) ?? '').map((one) => one.charAt(0));
    return letters.length === 0 ? [] : revoking(snapshot, TENANTS, list, { grantee, letters: letters.join('') });
  });
}

/** Row level security hides every row from those who have no place in it. */
function enabling({ snapshot, place }: DatabaseContext, { on, acl = {}, what }: Listed): readonly Fix[] {
  const rights = (login: string): boolean =>
    lettersOf({ owner: '', acl }, new Set([login, ...snapshot.memberships.reach(login).usable]), '') !== '';
  const losers = snapshot.othersIn(place.database).filter((login) => snapshot.roles.get(login)?.bypassRls !== true && rights(login));
  return fixInside(place.database, `ALTER ${on} ENABLE ROW LEVEL SECURITY`).map((one) =>
    losers.length === 0 ? one : { ...one, losses: losers.map((login) => lossOf(snapshot, login, `the rows of ${what}`)) },
  );
}

/** Views with their owner's rights, materialized views, foreign tables: the guard does not reach them. */
function checkDerived(inside: DatabaseContext, row: RelationRow, name: string, open: Open): void {
  const { findings, place } = inside;
  const [schema, kind, , , ownerRights] = row;
  const grantees = Object.keys(open).filter((grantee) => only(lookUp(open, grantee) ?? '', 'rawd') !== '');
  if (kind === 'S' || grantees.length === 0 || (kind === 'v' && !ownerRights)) return;
  findings.add(kind === 'v' ? 'R07' : kind === 'm' ? 'R08' : 'R15', {
    from: null,
    to: place.target,
    statement: `${kind === 'v' ? 'view' : kind === 'm' ? 'materialized view' : 'foreign table'} ${schema}.${name} in ${place.database}`,
    answer: `${grantees.map(who).join(', ')} may read it`,
    fix: revokingAll(inside, listOf(inside, row, name, open), grantees),
  });
}

interface Guarded {
  readonly table: TableRow;
  readonly open: Open;
  readonly policies: readonly PolicyRow[];
  readonly column: string;
  readonly groups: readonly string[];
  readonly owner: string;
  readonly list: Listed;
}

function checkTable(inside: DatabaseContext, { table, open, policies, column, groups, owner, list }: Guarded): void {
  const { snapshot, findings, place } = inside;
  const [schema, name, hasColumn, enabled, forced, partition] = table;
  const it = qualified(schema, name);
  const put = (id: string, answer: string, fix: ReturnType<typeof fixInside>): void =>
    findings.add(id, { from: null, to: place.target, statement: `row security of ${schema}.${name} in ${place.database}`, answer, fix });
  const owners = snapshot.holders(owner).filter(({ principal, live }) => live && (principal.kind === 'app' || principal.kind === 'reader'));
  for (const { principal } of owners)
    findings.add('R01', {
      from: principal.name,
      to: place.target,
      statement: `owner of table ${schema}.${name} in ${place.database}`,
      answer: owner,
      fix: losingOwner(
        snapshot,
        principal,
        { owner, to: spaceOwner(inside), things: [placed(place.database, it)] },
        fixInside(place.database, `ALTER TABLE ${it} OWNER TO ${ident(spaceOwner(inside))}`),
        `ownership of table ${schema}.${name} in "${place.database}"`,
      ),
    });
  const grantees = Object.keys(open).filter((grantee) => only(lookUp(open, grantee) ?? '', 'rawd') !== '');
  // A table that was just made is closed until the guard stands before it.
  if (grantees.length === 0) return;
  if (hasColumn && !forced) put('R01', 'not forced for the owner', fixInside(place.database, `ALTER TABLE ${it} FORCE ROW LEVEL SECURITY`));
  const guarded = enabled && hasGuard(policies, column, groups, grantees);
  if (!enabled)
    put(
      partition ? 'R10' : 'R15',
      `off, and ${grantees.map(who).join(', ')} may use the table`,
      hasColumn ? enabling(inside, list) : revokingAll(inside, list, grantees),
    );
  else if (!guarded && partition)
    put('R10', `${grantees.map(who).join(', ')} may use the partition by itself`, revokingAll(inside, list, grantees));
  else if (!guarded)
    put(
      'R05',
      `no restrictive policy holds ${grantees.map(who).join(', ')} to ${column}${loose(policies)}`,
      guardFix({ policies, it, column, inside, groups, grantees, list }),
    );
}

function loose(policies: readonly PolicyRow[]): string {
  const names = policies.filter(([, , , permissive]) => permissive).map(([, , name]) => name);
  return names.length > 0 ? `; permissive: ${names.join(', ')}` : '';
}

function spaceOwner({ place }: DatabaseContext): string {
  return place.space ? rowSpaceNames(place.space).owner : '';
}

/** One restrictive policy over all commands that compares the column with the login's workspace, for everybody who can come. */
function hasGuard(policies: readonly PolicyRow[], column: string, groups: readonly string[], grantees: readonly string[]): boolean {
  return policies.some(([, , , permissive, command, to, using, check]) => {
    const all = to.includes('') || grantees.every((grantee) => groups.includes(grantee) && to.includes(grantee));
    return !permissive && command === '*' && all && isGuardTest(using, column) && (check === '' || isGuardTest(check, column));
  });
}

interface Guard {
  readonly policies: readonly PolicyRow[];
  readonly it: string;
  readonly column: string;
  readonly inside: DatabaseContext;
  readonly list: Listed;
  readonly groups: readonly string[];
  readonly grantees: readonly string[];
}

/** The guard that is missing, or the rights of those whom it does not hold. */
function guardFix({ policies, it, column, inside, groups, grantees, list }: Guard): readonly Fix[] {
  if (hasGuard(policies, column, groups, groups)) {
    const others = grantees.filter((grantee) => !groups.includes(grantee));
    return revokingAll(inside, list, others);
  }
  const guard = policiesOf(it, column, spaceOwner(inside), groups).find((one) => one.name === 'cotenant_guard');
  const stands = policies.some(([, , name]) => name === 'cotenant_guard');
  const texts = guard ? [...(stands ? [`DROP POLICY "cotenant_guard" ON ${it}`] : []), guard.text] : [];
  return fixInside(inside.place.database, ...texts);
}
