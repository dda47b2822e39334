import { appsOf } from '../edit.ts';
import type { Context, Sight, Survey } from '../frame.ts';
import { actsOfApp } from './apps.ts';
import { factsOf } from './operator-facts.ts';
import { homeOf, loginsOf, ofLogin } from './owners.ts';
import type { PostgresScene } from './scene.ts';
import { attempts, connect, type Login, refusalOf } from './session.ts';
import type { Asked } from './standing.ts';
import { type Act, digest, type Table } from './world.ts';

interface Visit {
  readonly login: Login;
  readonly acts: readonly Act[];
}

/** Everybody does what they do, and the operator looks at what is theirs. */
export async function survey(scene: PostgresScene, context: Context): Promise<Survey> {
  const sights = new Map<string, Sight>();
  const asked = await scene.asked();
  const standing = new Set(scene.sessions(context).map(placeOf));
  const byLogin = Map.groupBy(merged(visitsOf(scene, context)), ({ login }) => login.user);
  // One after the other for each login: some may have one connection.
  const visit = async (visits: readonly Visit[]): Promise<void> => {
    for (const one of visits) {
      const way = { asked, stays: standing.has(placeOf(one.login)) };
      for (const [name, sight] of await look(scene, context, one, way)) sights.set(name, sight);
    }
  };
  await Promise.all([...byLogin.values()].map(visit));
  for (const [name, sight] of await factsOf(scene, context)) sights.set(name, sight);
  // In an order of their own: they come from many connections.
  return new Map([...sights].sort(([one], [other]) => (one < other ? -1 : 1)));
}

const placeOf = ({ user, database, replication }: Login): string => JSON.stringify([user, database, replication]);

/** Whoever goes to one database for two reasons connects once. */
function merged(visits: readonly Visit[]): readonly Visit[] {
  return [...Map.groupBy(visits, ({ login }) => placeOf(login)).values()].flatMap((same) => {
    const [first] = same;
    return first ? [{ login: first.login, acts: same.flatMap(({ acts }) => acts) }] : [];
  });
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
      return {
        login,
        acts: does.map(([words, sql, forbidden]) => ({
          login: user,
          database,
          does: words,
          sql,
          on: app,
          ...(forbidden ? { forbidden } : {}),
        })),
      };
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

/** How a visit comes in: `stays`: its session is one of those that are open all the time. */
interface Way {
  readonly asked: Asked;
  readonly stays: boolean;
}

async function look(
  scene: PostgresScene,
  context: Context,
  { login, acts }: Visit,
  way: Way,
): Promise<readonly (readonly [string, Sight])[]> {
  const { user, database, replication } = login;
  const of = ofLogin(context, user);
  const door = replication
    ? `${user} replicates ${replication === 'true' ? 'everything' : `"${database}"`}`
    : `${user} connects to "${database}"`;
  const before = way.stays ? scene.standing.find(login, way.asked(login)) : null;
  // Its login may have one connection, and the old one would be it.
  if (way.stays && !before) await scene.standing.drop(login);
  const client = before ?? (await connect(scene.server, login).catch((error: unknown) => refusalOf(error)));
  const refused = typeof client === 'string' ? client : null;
  const named = [[`database "${database}"`]];
  const answers =
    typeof client === 'string'
      ? []
      : await attempts(
          client,
          acts.map(({ sql }) => sql),
        );
  const sights = acts.map(({ does, said = [], on, forbidden, through = door }, index): readonly [string, Sight] => {
    const came = answers[index] ?? { works: false, answer: refused ?? '' };
    const more = { ...(on === undefined ? {} : { on }), ...(forbidden ? { forbidden } : {}) };
    return [`${user} in "${database}" ${does}`, { who: user, of, said: [...named, ...said], through, ...came, ...more }];
  });
  if (typeof client !== 'string' && client !== before) {
    if (way.stays) await scene.standing.keep(login, way.asked(login), client);
    else await client.end().catch(() => undefined);
  }
  if (typeof client === 'string' && way.stays) await scene.standing.drop(login);
  return [[door, { who: user, of, said: named, works: refused === null, answer: refused ?? 'in' }], ...sights];
}
