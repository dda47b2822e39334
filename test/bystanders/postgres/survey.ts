import { appsOf } from '../edit.ts';
import type { Context, Sight, Survey } from '../frame.ts';
import { actsOfApp } from './apps.ts';
import { factsOf } from './operator-facts.ts';
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
  const byLogin = Map.groupBy(visitsOf(scene, context), ({ login }) => login.user);
  // One after the other for each login: some may have one connection.
  const visit = async (visits: readonly Visit[]): Promise<void> => {
    for (const one of visits) for (const [name, sight] of await look(scene, context, one)) sights.set(name, sight);
  };
  await Promise.all([...byLogin.values()].map(visit));
  for (const [name, sight] of await factsOf(scene, context)) sights.set(name, sight);
  // In an order of their own: they come from many connections.
  return new Map([...sights].sort(([one], [other]) => (one < other ? -1 : 1)));
}

function visitsOf(scene: PostgresScene, context: Context): readonly Visit[] {
  const acts = Map.groupBy(
    scene.bystanders.flatMap((one) => one.acts),
    ({ login, database }) => JSON.stringify([login, database]),
  );
  const strangers = [...acts.values()].map((own) => ({ login: scene.login(own[0]?.database ?? '', own[0]?.login), acts: own }));
  const senders = scene.bystanders.flatMap(({ replicates = [] }) => replicates);
  const replicating = senders.map(([user, database]) => ({
    login: { ...scene.login(database ?? 'postgres', user), replication: database === null ? ('true' as const) : ('database' as const) },
    acts: [],
  }));
  return [...strangers, ...replicating, ...appVisits(context), ...dumps(scene, context)];
}

/** Apps that cotenant made a login for. Adopted ones are among the bystanders, with the password that they always had. */
function appVisits({ document, former, variables }: Context): readonly Visit[] {
  return [...variables].flatMap(([app, own]) =>
    loginsOf(own).map((login) => {
      const { user, database } = login;
      const last = [document, ...former.toReversed()].find((one) => appsOf(one).includes(app)) ?? document;
      const does = actsOfApp(homeOf(last, app).level, app);
      return { login, acts: does.map(([words, sql]) => ({ login: user, database, does: words, sql, on: app })) };
    }),
  );
}

/** As pg_dump reads: a lock on each table, then all rows. */
function dumps(scene: PostgresScene, context: Context): readonly Visit[] {
  const hand = scene.bystanders.flatMap(({ tables = [] }) => tables.map((table) => ({ ...table, app: ofLogin(context, table.login) })));
  const byDatabase = Map.groupBy([...hand, ...scene.settled], ({ database }) => database);
  const logins = scene.bystanders.flatMap(({ backup }) => (backup === undefined ? [] : [backup]));
  return logins.flatMap((user) =>
    [...byDatabase].map(([database, tables]) => ({
      login: scene.login(database, user),
      acts: tables.map((table) => dump(user, table, table.app)),
    })),
  );
}

function dump(login: string, { database, schema, name }: Table, app: string | null): Act {
  const relation = `"${schema}"."${name}"`;
  const sql = `LOCK TABLE ${relation} IN ACCESS SHARE MODE; ${digest(relation)}`;
  return { login, database, does: `dumps ${relation}`, sql, said: [[`"${name}"`]], ...(app === null ? {} : { on: app }) };
}

async function look(scene: PostgresScene, context: Context, { login, acts }: Visit): Promise<readonly (readonly [string, Sight])[]> {
  const { user, database, replication } = login;
  const of = ofLogin(context, user);
  const door = replication
    ? `${user} replicates ${replication === 'true' ? 'everything' : `"${database}"`}`
    : `${user} connects to "${database}"`;
  const client = await connect(scene.server, login).catch((error: unknown) => refusalOf(error));
  const refused = typeof client === 'string' ? client : null;
  const way = [[`database "${database}"`]];
  const sights: [string, Sight][] = [[door, { who: user, of, said: way, works: refused === null, answer: refused ?? 'in' }]];
  for (const { does, sql, said = [], on, forbidden, through = door } of acts) {
    const came = typeof client === 'string' ? { works: false, answer: client } : await attempt(client, sql);
    const more = { ...(on === undefined ? {} : { on }), ...(forbidden ? { forbidden } : {}) };
    sights.push([`${user} in "${database}" ${does}`, { who: user, of, said: [...way, ...said], through, ...came, ...more }]);
  }
  if (typeof client !== 'string') await client.end().catch(() => undefined);
  return sights;
}
