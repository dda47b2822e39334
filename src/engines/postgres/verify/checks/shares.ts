import type { SecretSource } from '../../../../engine/index.ts';
import type { Fix } from '../../../../model/index.ts';
import { lookUp, putIn } from '../../../../util/record.ts';
import type { Acl } from '../../acl.ts';
import type { Connection } from '../../connect/connection.ts';
import { partOf } from '../../part-name.ts';
import { readFound } from '../../observe/foreign.ts';
import { ident, qualified, roles } from '../../quote.ts';
import { foreignTarget, serverOptions, showsColumns } from '../../shares/text.ts';
import type { FoundRelation, FoundShare, ShareSpec } from '../../shares/spec.ts';
import type { SchemaSpec } from '../../spec.ts';
import { dropInside } from '../findings.ts';
import { followed, losingAll, losingRole, TENANTS } from '../losing.ts';
import { revoking } from '../taking.ts';
import type { DatabaseContext } from '../database-context.ts';
import { who, words } from '../rights.ts';
import type { CatalogSnapshot } from '../catalog-snapshot.ts';

interface Look {
  readonly inside: DatabaseContext;
  readonly share: ShareSpec;
  /** The app that reads. */
  readonly to: string;
  /** Schema of the views and foreign server. */
  readonly name: string;
  readonly found: FoundShare;
}

/** Shares that end in this database: every part of the way belongs to the right one, leads to the right place, and is open to one app. */
export async function checkShares(inside: DatabaseContext, connection: Connection, secrets: SecretSource): Promise<void> {
  const { snapshot, place, catalog, findings } = inside;
  const here = snapshot.shares.filter((one) => partOf(one.address.name)[0] === place.database);
  if (here.length === 0) return;
  const rows = {
    schemas: catalog.schemas.map(([name, owner, acl, comment]) => [name, owner, false, acl, comment, false] as const),
    columns: catalog.columns.map(([schema, table, column, owner, acl]) => [schema, table, column, acl, owner] as const),
    extensions: [],
  };
  const found = await readFound(connection, { rows, secrets, isOperator: (role) => snapshot.operators.has(role) }, here);
  for (const [index, one] of here.entries()) {
    const mine = found[index];
    if (!mine) continue;
    const look: Look = { inside, share: one.spec, to: one.app ?? '', name: partOf(one.address.name)[1], found: mine };
    findings.judged += 3 + mine.relations.length;
    checkServer(look);
    checkMappings(look);
    checkSchema(look, 'X5', look.name, mine.views, { [look.share.reader]: 'U' });
    checkSchema(look, 'X3', look.share.hidden, mine.hidden, {});
    for (const relation of mine.relations) checkRelation(look, relation);
  }
}

/** What the manifest says and what is there differ: whoever changed it decides what is read. */
function changed({ inside, share, to }: Look, statement: string, answer: string, missing = false): void {
  const fact = { from: to, to: share.from, statement: `${statement} in ${inside.place.database}`, answer };
  inside.findings.add(
    'X4',
    missing ? { ...fact, verdict: 'UNPROVEN', why: 'the manifest opens this on purpose, and it is not there' } : fact,
  );
}

/** Somebody who has a right that the manifest gives to nobody, or to another. */
function opened(look: Look, id: string, grantee: string, letters: string, statement: string, on: string, column?: string): void {
  const { inside, share } = look;
  const { snapshot, findings, place } = inside;
  const holders = grantee === '' ? [null] : snapshot.holders(grantee).map(({ principal }) => principal.name);
  for (const from of holders)
    findings.add(id, {
      from,
      to: share.from,
      statement: `${statement} in ${place.database}`,
      answer: `${who(grantee)} has ${words(letters)}`,
      fix: revoking(
        snapshot,
        TENANTS,
        {
          on,
          what: `${statement.replace('access list of ', '')} in "${place.database}"`,
          place,
          owner: '',
          items: null,
          acl: { [grantee]: letters },
          ...(column === undefined ? {} : { column }),
        },
        { grantee, letters },
      ),
    });
}

/** Whoever has the rights of the owner can do anything with it. */
function owned(look: Look, id: string, owner: string, statement: string): void {
  const { inside, share } = look;
  changed(look, statement, `of ${owner}`);
  for (const { principal } of inside.snapshot.holders(owner))
    inside.findings.add(id, { from: principal.name, to: share.from, statement: `${statement} in ${inside.place.database}`, answer: owner });
}

function checkServer(look: Look): void {
  const { found, name, share, inside } = look;
  const { server } = found;
  const statement = `foreign server ${name}`;
  if (!server) {
    changed(look, statement, 'missing', true);
    return;
  }
  if (server.owner !== 'operator') owned(look, 'X1', server.owner, `owner of ${statement}`);
  const want = serverOptions(share, inside.snapshot.reach);
  const keys = [...new Set([...Object.keys(want), ...Object.keys(server.options)])].sort();
  const wrong = keys.filter((key) => lookUp(want, key) !== lookUp(server.options, key));
  if (server.wrapper !== 'postgres_fdw') wrong.push('wrapper');
  if (wrong.length > 0)
    changed(look, `options of ${statement}`, wrong.map((key) => `${key} ${lookUp(server.options, key) ?? 'missing'}`).join(', '));
  for (const [grantee, letters] of Object.entries(server.acl))
    opened(look, 'X1', grantee, letters, `access list of ${statement}`, `FOREIGN SERVER ${ident(name)}`);
}

function checkMappings(look: Look): void {
  const { found, name, share, inside } = look;
  if (found.server && !found.mappings.some(({ role }) => role === share.holder))
    changed(look, `user mapping of ${share.holder}`, 'missing', true);
  for (const { role, options } of found.mappings) {
    if (role === share.holder) {
      const more = Object.keys(options ?? {}).filter((key) => key !== 'user');
      if (options !== null && (options['user'] !== share.login || more.length > 0))
        changed(look, `user mapping of ${role}`, [`user ${options['user'] ?? 'missing'}`, ...more].join(', '));
      continue;
    }
    const holders = role === '' ? [null] : inside.snapshot.holders(role).map(({ principal }) => principal.name);
    for (const from of holders)
      inside.findings.add('X2', {
        from,
        to: share.from,
        statement: `pg_user_mappings of ${inside.place.database}`,
        answer: `${who(role)} on server ${name}`,
        fix: mappingFix(inside, role, name),
      });
  }
}

function mappingFix({ snapshot, place }: DatabaseContext, role: string, server: string): readonly Fix[] {
  const fix = dropInside(place.database, `DROP USER MAPPING FOR ${roles([role])} SERVER ${ident(server)}`);
  const what = `its user mapping of server ${server} in "${place.database}"`;
  const told = role === '' ? losingAll(snapshot, place, fix, what) : losingRole(snapshot, TENANTS, role, fix, what, { kind: 'own' });
  return followed(snapshot, TENANTS, told, (followers) => followers.ofMapping(place.database, server, role));
}

function checkSchema(look: Look, id: string, name: string, found: SchemaSpec | null, want: Acl): void {
  const { share } = look;
  if (!found) {
    changed(look, `schema ${name}`, 'missing', true);
    return;
  }
  if (found.owner !== share.holder) owned(look, id, found.owner, `owner of schema ${name}`);
  for (const [grantee, letters] of Object.entries(beyond(found.acl, want, found.owner)))
    opened(look, id, grantee, letters, `access list of schema ${name}`, `SCHEMA ${ident(name)}`);
}

/** What an access list gives more than it should; the owner has all. */
function beyond(acl: Acl, want: Acl, owner: string): Acl {
  const left: Record<string, string> = {};
  for (const [grantee, letters] of Object.entries(acl)) {
    const rest = letters.includes('*')
      ? letters
      : [...letters].filter((letter) => lookUp(want, grantee)?.includes(letter) !== true).join('');
    if (grantee !== owner && rest !== '') putIn(left, grantee, rest);
  }
  return left;
}

function checkRelation(look: Look, relation: FoundRelation): void {
  const { share, name } = look;
  const schema = relation.hidden ? share.hidden : name;
  const id = relation.hidden ? 'X3' : 'X5';
  const what = `${schema}.${relation.name}`;
  const it = qualified(schema, relation.name);
  // Put there by nobody that is an app: the plan names it, and it shows what its owner may read.
  const isStrange = relation.owner !== share.holder && look.inside.snapshot.holders(relation.owner).length === 0;
  if (isStrange && !share.tables.some(({ table }) => table === relation.name)) return;
  if (relation.owner !== share.holder) owned(look, id, relation.owner, `owner of ${what}`);
  const want: Acl = relation.hidden ? {} : { [share.reader]: 'r' };
  for (const [grantee, letters] of Object.entries(beyond(relation.acl, want, share.holder)))
    opened(look, id, grantee, letters, `access list of ${what}`, `TABLE ${it}`);
  for (const [column, acl] of relation.columnAcl)
    for (const [grantee, letters] of Object.entries(beyond(acl, want, share.holder)))
      opened(look, id, grantee, letters, `access list of ${what}.${column}`, `TABLE ${it}`, ident(column));
  const wrong = relation.hidden ? wrongTable(look, relation) : wrongView(look, relation);
  if (wrong !== null) changed(look, `definition of ${what}`, wrong);
}

/** Where a foreign table leads that it should not; null: where it should. */
function wrongTable({ share, name }: Look, relation: FoundRelation): string | null {
  if (relation.kind !== 'f') return 'it is no foreign table';
  const { server, options, columns } = foreignTarget(relation.shape);
  const shared = share.tables.find(({ table }) => table === relation.name);
  if (!shared) return 'it is not shared';
  if (server !== name) return `it leads to server ${server}`;
  const { schema_name: schema, table_name: table, ...more } = options;
  if (schema !== share.schema || table !== relation.name || Object.keys(more).length > 0)
    return `it leads to ${schema ?? '?'}.${table ?? '?'}`;
  const others = columns.filter(([column, set]) => set !== '' || (shared.columns !== null && !shared.columns.includes(column)));
  return others.length > 0 ? `it shows ${others.map(([column]) => column).join(', ')}` : null;
}

function wrongView({ share, found }: Look, relation: FoundRelation): string | null {
  if (relation.kind !== 'v') return 'it is no view';
  const table = found.relations.find((one) => one.hidden && one.name === relation.name && one.kind === 'f');
  if (!table) return 'its foreign table is missing';
  const columns = foreignTarget(table.shape).columns.map(([column]) => column);
  return showsColumns(share, relation.name, columns, relation.shape) ? null : 'it shows something else than its foreign table';
}

/** Tables that are there and shared, and that nobody can read: known when all databases were read. */
export function checkMissingViews(snapshot: CatalogSnapshot, inside: readonly DatabaseContext[]): void {
  const there = new Map(
    inside.map(({ place, catalog }) => [
      place.database,
      new Set(
        catalog.relations.flatMap(([schema, kind, , , , , names]) => (kind === 'S' ? [] : names.map((name) => qualified(schema, name)))),
      ),
    ]),
  );
  for (const one of snapshot.shares) {
    const [database, schema] = partOf(one.address.name);
    const findings = inside.find(({ place }) => place.database === database)?.findings;
    for (const { table } of one.spec.tables) {
      const exists = there.get(one.spec.database)?.has(qualified(one.spec.schema, table)) === true;
      if (!findings || !exists || there.get(database)?.has(qualified(schema, table)) === true) continue;
      findings.add('X4', {
        from: one.app,
        to: one.spec.from,
        statement: `view ${schema}.${table} in ${database}`,
        answer: 'missing',
        verdict: 'UNPROVEN',
        why: 'the manifest opens this on purpose, and it is not there',
      });
    }
  }
}
