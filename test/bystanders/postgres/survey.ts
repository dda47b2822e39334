import { appsOf } from '../edit.ts';
import type { Context, Sight, Survey } from '../frame.ts';
import { actsOfApp } from './apps.ts';
import { dangerFact, hooksFact, roleFact, tableFact, thingFact } from './facts.ts';
import { homeOf, loginsOf, ofLogin } from './owners.ts';
import type { PostgresScene } from './scene.ts';
import { attempt, connect, type Login, refusalOf } from './session.ts';
import { type Act, digest, type Table } from './world.ts';

interface Visit {
  readonly login: Login;
  readonly acts: readonly Act[];
}

/** Everybody does what they do, and the operator looks at what is theirs. */
export async function survey(scene: PostgresScene, context: Context): Promise<Survey> {
  const sights = new Map<string, Sight>();
  const tables = [...scene.bystanders.flatMap((one) => one.tables ?? []), ...scene.settled];
  const byLogin = Map.groupBy(visitsOf(scene, context, tables), ({ login }) => login.user);
  // One after the other for each login: some may have one connection.
  await Promise.all(
    [...byLogin.values()].map(async (visits) => {
      for (const visit of visits) for (const [name, sight] of await look(scene, context, visit)) sights.set(name, sight);
    }),
  );
  for (const [name, sight] of await facts(scene, context)) sights.set(name, sight);
  // In an order of their own: they come from many connections.
  return new Map([...sights].sort(([one], [other]) => (one < other ? -1 : 1)));
}

function visitsOf(scene: PostgresScene, { document, variables }: Context, tables: readonly Table[]): readonly Visit[] {
  const visits: Visit[] = [];
  const acts = scene.bystanders.flatMap((one) => one.acts);
  for (const [, own] of Map.groupBy(acts, ({ login, database }) => JSON.stringify([login, database]))) {
    const { login = '', database = '' } = own[0] ?? {};
    visits.push({ login: scene.login(database, login), acts: own });
  }
  for (const app of appsOf(document)) {
    const { level } = homeOf(document, app);
    for (const login of loginsOf(variables.get(app)))
      visits.push({
        login,
        acts: actsOfApp(level, app).map(([does, sql]) => ({ login: login.user, database: login.database, does, sql, on: app })),
      });
  }
  for (const { backup, replicates } of scene.bystanders) {
    if (replicates !== undefined) visits.push({ login: { ...scene.login('postgres', replicates), replication: true }, acts: [] });
    if (backup === undefined) continue;
    for (const [database, some] of Map.groupBy(tables, (table) => table.database))
      visits.push({ login: scene.login(database, backup), acts: some.map((table) => dump(backup, table, scene, document)) });
  }
  return visits;
}

/** As pg_dump reads: a lock, then all rows. */
function dump(login: string, { database, schema, name }: Table, scene: PostgresScene, document: Context['document']): Act {
  const settled = scene.settled.find((table) => table.database === database && table.schema === schema && table.name === name);
  const holder = scene.bystanders
    .flatMap(({ tables = [] }) => tables)
    .find((table) => table.database === database && table.schema === schema && table.name === name);
  const app = settled?.app ?? (holder ? ofLogin(document, holder.login) : null);
  const relation = `"${schema}"."${name}"`;
  const sql = `LOCK TABLE ${relation} IN ACCESS SHARE MODE; ${digest(relation)}`;
  return { login, database, does: `dumps ${relation}`, sql, said: [[`"${name}"`]], ...(app === null ? {} : { on: app }) };
}

async function look(scene: PostgresScene, { document }: Context, { login, acts }: Visit): Promise<readonly (readonly [string, Sight])[]> {
  const { user, database, replication } = login;
  const of = ofLogin(document, user);
  const door = `${user} ${replication ? 'replicates' : `connects to "${database}"`}`;
  const client = await connect(scene.server, login).catch((error: unknown) => refusalOf(error));
  const through = [[`database "${database}"`]];
  const on = acts[0]?.on;
  const entered: Sight = {
    who: user,
    of,
    said: through,
    works: typeof client !== 'string',
    answer: typeof client === 'string' ? client : 'in',
    ...(on === undefined ? {} : { on }),
  };
  const sights: [string, Sight][] = [[door, entered]];
  for (const act of acts) {
    const { does, sql, said = [], forbidden } = act;
    const came = typeof client === 'string' ? { works: false, answer: client } : await attempt(client, sql);
    const more = { ...(act.on === undefined ? {} : { on: act.on }), ...(forbidden ? { forbidden } : {}) };
    sights.push([`${user} in "${database}" ${does}`, { who: user, of, said: [...through, ...said], through: door, ...came, ...more }]);
  }
  if (typeof client !== 'string') await client.end().catch(() => undefined);
  return sights;
}

async function facts(scene: PostgresScene, { document, variables }: Context): Promise<readonly (readonly [string, Sight])[]> {
  const wanted: {
    readonly database: string;
    readonly name: string;
    readonly sql: string;
    readonly who: string;
    readonly of: string | null;
    readonly said: readonly (readonly string[])[];
  }[] = [];
  const logins = new Set(
    scene.bystanders.flatMap(({ acts, replicates, backup }) =>
      [...acts.map(({ login }) => login), replicates, backup].filter((one) => one !== undefined),
    ),
  );
  for (const who of logins) {
    const of = ofLogin(document, who);
    if (of === null) wanted.push({ database: 'postgres', name: `role "${who}"`, sql: roleFact(who), who, of, said: [] });
  }
  for (const { things, tables = [] } of scene.bystanders) {
    for (const thing of things)
      wanted.push({
        database: thing.database,
        name: `${thing.kind} ${thing.name} in "${thing.database}"`,
        sql: thingFact(thing),
        who: thing.who,
        of: ofLogin(document, thing.who),
        said: [[thing.name]],
      });
    for (const table of tables)
      wanted.push({
        database: table.database,
        name: `table "${table.schema}"."${table.name}" in "${table.database}"`,
        sql: tableFact(table),
        who: table.login,
        of: ofLogin(document, table.login),
        said: [[`"${table.name}"`]],
      });
  }
  for (const table of scene.settled)
    wanted.push({
      database: table.database,
      name: `table "${table.schema}"."${table.name}" in "${table.database}"`,
      sql: tableFact(table),
      who: `${table.app}_user`,
      of: table.app,
      said: [[`"${table.name}"`]],
    });
  const sights: (readonly [string, Sight])[] = [];
  for (const [database, some] of Map.groupBy(wanted, (one) => one.database)) {
    const client = await connect(scene.server, scene.login(database)).catch((error: unknown) => refusalOf(error));
    for (const { name, sql, who, of, said } of some) {
      const came = typeof client === 'string' ? { works: false, answer: client } : await attempt(client, sql);
      const there = came.works && came.answer !== '[]';
      if (there || !came.works) sights.push([name, { who, of, said, works: there, answer: came.answer }]);
    }
    if (typeof client === 'string') continue;
    sights.push(
      ...(await dangers(
        client,
        database,
        [...variables.keys()].flatMap((app) => loginsOf(variables.get(app))),
        document,
      )),
    );
    await client.end();
  }
  return sights;
}

type Connected = Awaited<ReturnType<typeof connect>>;

/** What must not be, whoever says so. */
async function dangers(
  client: Connected,
  database: string,
  tenants: readonly Login[],
  document: Context['document'],
): Promise<readonly (readonly [string, Sight])[]> {
  const hooks = await attempt(client, hooksFact);
  const nobody = { who: '', of: null, said: [], forbidden: true } as const;
  const sights: [string, Sight][] = [
    [`an event trigger of "${database}" runs somebody's function`, { ...nobody, works: hooks.answer !== '[]', answer: hooks.answer }],
  ];
  for (const { user } of tenants) {
    const { answer } = await attempt(client, dangerFact(user));
    sights.push([
      `${user} is more than an app`,
      { who: user, of: ofLogin(document, user), said: [], forbidden: true, works: answer.includes('true'), answer },
    ]);
  }
  return sights;
}
