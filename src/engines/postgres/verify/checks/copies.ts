import { CATALOG, FIRST } from '../../queries/database.ts';
import { qualified } from '../../quote.ts';
import type { VerifyContext } from '../verifier.ts';
import type { DatabaseContext } from '../database-context.ts';
import { aclOf, type Excess, excess, only, outsideProbe, who } from '../rights.ts';
import { isMigrator } from './schemas.ts';

/** A table of the operator, and somebody who reads it though nothing says so. */
interface Open {
  readonly inside: DatabaseContext;
  readonly schema: string;
  readonly name: string;
  readonly grantee: string;
  readonly one: Excess;
}

interface Shape {
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly columns: ReadonlySet<string>;
}

interface Original {
  readonly to: string;
  readonly database: string;
  readonly shape: Shape;
}

/** So many columns with the same names and types are a copy where the rest differs. */
const MANY = 4;

const SHAPES = `SELECT n.nspname::text, c.relname::text, pg_catalog.pg_get_userbyid(c.relowner)::text,
    pg_catalog.array_agg(a.attname::text || ' ' || pg_catalog.format_type(a.atttypid, NULL))
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
  WHERE c.oid >= ${FIRST} AND c.relkind = ANY ('{r,p}') AND a.attnum > 0 AND NOT a.attisdropped
    AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = ${CATALOG.pg_class} AND d.objid = c.oid AND d.deptype = 'e')
  GROUP BY n.nspname, c.relname, c.relowner ORDER BY 1, 2`;

/**
 * Rows that the operator copied out of an app's table, for somebody who may not read that: nothing in the catalogs leads from one to
 * the other but the columns. They are read only where a table of the operator is open to somebody at all.
 */
export async function checkCopies(databases: readonly DatabaseContext[], context: VerifyContext): Promise<void> {
  const open = databases.flatMap((inside) => openIn(inside));
  if (open.length === 0) return;
  const shapes = new Map<DatabaseContext, readonly Shape[]>();
  const theirs = new Set(open.map(({ inside }) => inside));
  for (const inside of databases)
    if (inside.place.kind !== 'maintenance' || theirs.has(inside)) shapes.set(inside, await shapesIn(context, inside.place.database));
  const originals = [...shapes].flatMap(([inside, some]) => some.flatMap((shape) => originalOf(inside, shape)));
  for (const one of open) {
    const mine = shapes.get(one.inside)?.find(({ schema, name }) => schema === one.schema && name === one.name);
    const alike = mine ? originals.filter(({ shape }) => isAlike(mine.columns, shape.columns)) : [];
    // What is near is what it was made of.
    const near = alike.filter(({ database }) => database === one.inside.place.database);
    for (const { to, shape } of near.length > 0 ? near : alike) report(one, to, `${shape.schema}.${shape.name}`);
  }
}

/** Tables of the operator that an app, a reader, everybody or a stranger may read. */
function openIn(inside: DatabaseContext): readonly Open[] {
  const { snapshot, place, catalog } = inside;
  const listed = [
    ...catalog.relations.flatMap(([schema, kind, owner, acl, , , names]) =>
      kind === 'r' || kind === 'p' ? names.map((name) => ({ schema, name, owner, acl })) : [],
    ),
    ...catalog.columns.map(([schema, name, , owner, acl]) => ({ schema, name, owner, acl })),
  ];
  return listed.flatMap(({ schema, name, owner, acl }): readonly Open[] => {
    const holder = snapshot.principalOf(owner);
    if (acl === null || schema === 'cotenant' || (holder !== null && holder.kind !== 'operator')) return [];
    return Object.entries(aclOf(acl, {})).flatMap(([grantee, letters]): readonly Open[] =>
      grantee === owner
        ? []
        : excess(snapshot, { owner: null, host: place.owner }, grantee, only(letters, 'r'), 'relation')
            .filter((one) => isTold(inside, one))
            .map((one) => ({ inside, schema, name, grantee, one })),
    );
  });
}

/** In a database of one app, what apps and readers have has findings of its own, and everybody else who comes in is one of the app's. */
function isTold(inside: DatabaseContext, { from, kind }: Excess): boolean {
  if (kind === 'operator' || isMigrator(inside, from)) return false;
  return inside.place.kind !== 'app' || kind === 'foreign';
}

async function shapesIn(context: VerifyContext, database: string): Promise<readonly Shape[]> {
  await using connection = await context.open(database);
  const [rows = []] = await connection.rows(SHAPES);
  return rows.map(([schema, name, owner, columns]) => ({
    schema: String(schema),
    name: String(name),
    owner: String(owner),
    columns: new Set(Array.isArray(columns) ? columns.map(String) : []),
  }));
}

/** Whose rows a table holds, where it is an app's. */
function originalOf({ snapshot, areas, place }: DatabaseContext, shape: Shape): readonly Original[] {
  const holder = snapshot.principalOf(shape.owner);
  if (holder === null || (holder.kind !== 'app' && holder.kind !== 'space' && holder.kind !== 'retired')) return [];
  const to = holder.kind === 'space' ? place.target : (areas.get(shape.schema)?.owner ?? holder.name);
  return [{ to, shape, database: place.database }];
}

function isAlike(copy: ReadonlySet<string>, original: ReadonlySet<string>): boolean {
  const same = [...copy].filter((one) => original.has(one)).length;
  if (same < 2) return false;
  return (same === copy.size && same === original.size) || (same >= MANY && (same === copy.size || same === original.size));
}

function report({ inside, schema, name, grantee, one }: Open, to: string, original: string): void {
  const { snapshot, findings, place } = inside;
  const reader = snapshot.named(one.from);
  const isGiven = snapshot.input.shares.some((share) => share.from === to && share.to === one.from);
  if (one.from === to || reader?.reads.has(to) === true || isGiven) return;
  const enters = reader === null || snapshot.entrants(reader, place.database).length > 0;
  findings.add(outsideProbe(one.kind) ?? 'S33', {
    from: one.from,
    to,
    statement: `columns of ${schema}.${name} in ${place.database}`,
    answer: `those of ${original}, and ${who(grantee)} may read it`,
    why: 'It looks like a copy of rows of the app for somebody who may not read them there. Whether it is one cannot be read from the catalogs.',
    stuck: {
      accepted: false,
      why: `By hand: REVOKE SELECT ON ${qualified(schema, name)} FROM ${who(grantee)}, or DROP it; ALTER TABLE … OWNER TO the role of the app that it is of, where it is its own.`,
    },
    verdict: one.live && enters ? 'UNPROVEN' : 'LATENT',
  });
}
