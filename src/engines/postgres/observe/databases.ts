import type { Observed } from '../../../model/index.ts';
import { type Acl, parseAcl } from '../acl.ts';
import { MAINTENANCE } from '../compile/compile.ts';
import { type Chain, chained } from '../effective/grants.ts';
import { readMark, textOf, writeMark } from '../marks/mark.ts';
import { ownedIn, type Owners, tieOf } from '../judge/owners.ts';
import type { DatabaseRow, SharedRows } from '../queries/shared.ts';
import { parseSettings } from '../settings.ts';
import type { DatabaseSpec, PerimeterSpec } from '../spec.ts';
import type { ObserveContext } from './observe.ts';
import { retired, visitors } from './retired.ts';

/** Databases of ours, retired ones too, and what is looked at of all others. */
export function databaseResources(
  { input }: ObserveContext,
  rows: SharedRows,
  owners: Owners,
  wanted: ReadonlyMap<string, string | null>,
): readonly Observed[] {
  const found: Observed[] = [];
  const address = (kind: string, name: string) => ({ engine: 'postgres', instance: input.name, kind, name });
  for (const row of rows.databases) {
    const mark = owners.database(row[0]);
    const claim = wanted.get(`database/${row[0]}`);
    if (mark?.retired)
      found.push(
        retired(input, mark, `database/${row[0]}`, {
          was: mark.was ?? row[0],
          day: mark.retired,
          login: false,
          ...textOf(row[9]),
          ...visitors(row, mark, { input, rows, owners }),
        }),
      );
    else if (claim !== undefined || (mark && mark.project === input.project)) {
      const owned = ownedIn(mark, input.project);
      found.push({
        address: address('database', row[0]),
        app: mark?.app ?? claim ?? null,
        spec: {
          ...databaseSpec(row, rows, owners, wanted.has(`role/${row[1]}`)),
          ...tieOf(mark, owners, ['database', row[0]]),
          ...(mark?.ending === undefined ? {} : { ending: mark.ending }),
        },
        owned,
        ...(claim === undefined && mark?.app === null ? { kept: true } : {}),
      });
    }
    if (MAINTENANCE.includes(row[0]) || (claim === undefined && !mark && !row[7]))
      found.push({
        address: address('perimeter', row[0]),
        app: null,
        spec: perimeterSpec(row, rows, owners),
        owned: MAINTENANCE.includes(row[0]),
      });
  }
  return found;
}

/** `held`: the owner is a role of an app, and no operator even where it is a superuser still. */
function databaseSpec(row: DatabaseRow, rows: SharedRows, owners: Owners, held: boolean): DatabaseSpec {
  const [name, owner, superuser, encoding, collation, connectionLimit, allowConnections, template, items, comment] = row;
  const acl: Acl = items === null ? { '': 'Tc' } : parseAcl(items);
  const { [owner]: _own, ...others } = owners.accepted.without(acl);
  const mark = readMark(comment);
  const settings = rows.settings.find(([database, role]) => database === name && role === '');
  return {
    owner: !held && (superuser || owner === rows.server[0]?.[0]) ? 'operator' : owner,
    encoding,
    locale: collation,
    connectionLimit,
    allowConnections,
    template,
    acl: others,
    ...chained(items, owner),
    settings: settings ? parseSettings(settings[2]) : {},
    adopt: false,
    // An older version wrote no name.
    mark: mark ? writeMark({ project: mark.project, app: mark.app, ...(mark.app === null ? { name: mark.name ?? name } : {}) }) : '',
    ...textOf(comment),
  };
}

function perimeterSpec(row: DatabaseRow, rows: SharedRows, owners: Owners): PerimeterSpec {
  const [name, owner, , , , , allows, , items, , changeable] = row;
  const [connected, schema, schemaChangeable] = rows.publicSchema[0] ?? ['', null, false];
  const looked = name === 'postgres' && connected === 'postgres';
  const beyond: ('database' | 'schema')[] = [];
  if (!changeable) beyond.push('database');
  if (looked && !schemaChangeable) beyond.push('schema');
  const acl: Acl = items === null ? { '': 'Tc' } : parseAcl(items);
  const inSchema = looked ? parseAcl(schema ?? []) : {};
  const ours = (list: Acl): Acl =>
    // What a login of another project was given there is that project's affair.
    MAINTENANCE.includes(name) ? Object.fromEntries(Object.entries(list).filter(([grantee]) => owners.isOurs(grantee))) : {};
  const open = rows.parameters.flatMap(([parameter, list]) =>
    Object.entries(parseAcl(list))
      .filter(([grantee]) => grantee === '')
      .map(([, letters]) => `${parameter}=${letters}`),
  );
  return {
    publicDatabase: allows ? (acl[''] ?? '') : '',
    publicSchema: looked ? (inSchema[''] ?? '') : null,
    ours: { database: ours(acl), schema: ours(inSchema) },
    ...chainsOf(chained(items, owner).chain, looked ? chained(schema).chain : undefined),
    parameters: looked && rows.server[0]?.[1] ? open : [],
    beyond,
  };
}

function chainsOf(database: Chain | undefined, schema: Chain | undefined): Pick<PerimeterSpec, 'chains'> {
  if (!database && !schema) return {};
  return { chains: { ...(database ? { database } : {}), ...(schema ? { schema } : {}) } };
}
