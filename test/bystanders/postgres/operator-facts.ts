import { valueAt } from '../edit.ts';
import type { Context, Sight } from '../frame.ts';
import { dangerFact, groupsFact, hooksFact, passwordFact, roleFact, tableFact, thingFact } from './facts.ts';
import { loginsOf, ofLogin } from './owners.ts';
import type { PostgresScene } from './scene.ts';
import type { Client } from 'pg';
import { attempts, connect } from './session.ts';
import type { Thing } from './world.ts';

interface Wanted {
  readonly database: string;
  readonly name: string;
  readonly sql: string;
  readonly sight: Pick<Sight, 'who' | 'of' | 'on' | 'ends' | 'said' | 'stranger' | 'forbidden'>;
}

type Sights = readonly (readonly [string, Sight])[];

/** What the operator's catalogs say of everybody's things: definitions, owners, rights, rows. */
export async function factsOf(scene: PostgresScene, context: Context): Promise<Sights> {
  const byDatabase = Map.groupBy(
    [...rolesOf(scene, context), ...thingsOf(scene, context), ...rowsOf(scene), ...dangersOf(scene, context)],
    ({ database }) => database,
  );
  const names = await namesNow(scene);
  const sights: (readonly [string, Sight])[] = [];
  for (const [name, project] of scene.projects) {
    const { plan } = await project.plan();
    const left = plan.steps.map(({ id }) => id).join('\n');
    sights.push([`project "${name}" has nothing to do`, { who: name, of: null, said: [], works: left === '', answer: left }]);
  }
  for (const [database, wanted] of byDatabase) sights.push(...(await read(scene, names.get(database) ?? null, wanted)));
  return sights;
}

/** Databases under the names that they have now, by the names under which they were first seen: data that is kept is found again. */
async function namesNow(scene: PostgresScene): Promise<ReadonlyMap<string, string>> {
  const operator = await scene.operator();
  const { rows } = await operator.query<{ name: string; oid: string }>(
    'SELECT datname AS name, oid::text FROM pg_database WHERE datallowconn',
  );
  for (const { name, oid } of rows) if (![...scene.databases.values()].includes(oid)) scene.databases.set(name, oid);
  return new Map([...scene.databases].flatMap(([name, oid]) => rows.filter((row) => row.oid === oid).map((row) => [name, row.name])));
}

function rolesOf({ bystanders }: PostgresScene, context: Context): readonly Wanted[] {
  const logins = bystanders.flatMap(({ acts, replicates = [] }) => [
    ...acts.map(({ login }) => login),
    ...replicates.map(([login]) => login),
  ]);
  const operators = Object.keys(valueAt(context.document, ['operators']) ?? {});
  return [...new Set(logins)].flatMap((who) => {
    const of = ofLogin(context, who);
    const password = { database: 'postgres', name: `password of "${who}"`, sql: passwordFact(who), sight: { who, of, said: [] } };
    const role = { database: 'postgres', name: `role "${who}"`, sql: roleFact(who), sight: { who, of, said: [], stranger: true } };
    const groups = {
      database: 'postgres',
      name: `groups of "${who}"`,
      sql: groupsFact(who),
      sight: { who, of, said: [['member'], ['rights of role']], stranger: true },
    };
    // An operator has what its entry says.
    return of === null && !operators.includes(who) ? [password, role, groups] : [password];
  });
}

function thingsOf({ bystanders, settled }: PostgresScene, context: Context): readonly Wanted[] {
  const things = bystanders.flatMap((one) => one.things);
  const tables = bystanders.flatMap((one) => one.tables ?? []);
  // What an app will make, and the operator's own things in the database of an app, go with it when it is taken out.
  const hangsOn = ({ kind, who, database, name }: Thing): { readonly on?: string } => {
    const holder = tables.find((table) => table.database === database);
    const here = settled.filter((table) => table.database === database);
    const settler = here.find(({ schema }) => name.includes(` ${schema}.`)) ?? here[0];
    const app = (holder ? ofLogin(context, holder.login) : null) ?? settler?.app ?? null;
    return (who === 'postgres' || kind === 'future') && app !== null ? { on: app } : {};
  };
  // What the manifest adopts changes hands.
  const foreign = things.filter(({ who }) => ofLogin(context, who) === null);
  return [
    ...foreign.map((thing) => ({
      database: thing.database,
      name: `${thing.kind} ${thing.name} in "${thing.database}"`,
      sql: thingFact(thing),
      sight: {
        who: thing.who,
        of: null,
        said: thing.kind === 'future' ? [['future'], ['will make']] : [[thing.name]],
        stranger: true,
        ...hangsOn(thing),
      },
    })),
    ...[
      ...tables.map((table) => ({ ...table, of: ofLogin(context, table.login) })),
      ...settled.map((table) => ({ ...table, of: table.app, login: `${table.app}_user` })),
    ].map((table) => ({
      database: table.database,
      name: `table "${table.schema}"."${table.name}" in "${table.database}"`,
      sql: tableFact(table),
      sight: { who: table.login, of: table.of, said: [[`"${table.name}"`]] },
    })),
  ];
}

/** Rows of an app among those of others, whether it is retired or not: they go where it is deleted by name. */
function rowsOf({ rows }: PostgresScene): readonly Wanted[] {
  return [...rows].map(([app, database]) => ({
    database,
    name: `rows of "${app}" in "${database}"`,
    sql: `SELECT count(*)::int AS n, md5(string_agg(d::text, '|' ORDER BY d::text)) AS rows FROM public.docs d WHERE workspace = '${app}' HAVING count(*) > 0`,
    sight: { who: `${app}_user`, of: null, said: [], ends: app },
  }));
}

/** What must not be, whoever says so. */
function dangersOf({ bystanders, settled }: PostgresScene, context: Context): readonly Wanted[] {
  const databases = new Set(
    [...bystanders.flatMap(({ things, tables = [] }) => [...things, ...tables]), ...settled].map(({ database }) => database),
  );
  const hooks = [...databases].map((database) => ({
    database,
    name: `an event trigger of "${database}" runs the function of somebody who is no superuser`,
    sql: hooksFact,
    sight: { who: '', of: null, said: [], forbidden: true },
  }));
  const made = [...context.variables.values()].flatMap((variables) => loginsOf(variables).map(({ user }) => user));
  const adopted = bystanders.flatMap(({ acts }) => acts.map(({ login }) => login)).filter((login) => ofLogin(context, login) !== null);
  const tenants = [...new Set([...made, ...adopted])].map((who) => ({
    database: 'postgres',
    name: `${who} is more than an app`,
    sql: dangerFact(who),
    sight: { who, of: ofLogin(context, who), said: [], forbidden: true },
  }));
  return [...hooks, ...tenants];
}

async function read(scene: PostgresScene, database: string | null, wanted: readonly Wanted[]): Promise<Sights> {
  if (database === null) return [];
  if (database === 'postgres') return await readIn(await scene.operator(), wanted);
  // No session of the operator's stays where apps are: it would stand in the way of what cotenant does.
  const client = await connect(scene.server, scene.login(database));
  const sights = await readIn(client, wanted);
  await client.end();
  return sights;
}

async function readIn(client: Client, wanted: readonly Wanted[]): Promise<Sights> {
  const answers = await attempts(
    client,
    wanted.map(({ sql }) => sql),
  );
  return wanted.flatMap(({ name, sight }, index): Sights => {
    const came = answers[index];
    if (!came) return [];
    // A view may be there and its owner may not read what it shows. A forbidden thing is there when the server answers with rows.
    if (!came.works) return [[name, { ...sight, ...came }]];
    const there = came.answer !== '[]';
    if (!there && sight.forbidden !== true) return [];
    return [[name, { ...sight, works: there, answer: came.answer.replaceAll(/__gone_\d{8}(_\d+)?/g, '') }]];
  });
}
