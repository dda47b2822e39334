import { appsOf } from '../edit.ts';
import type { Context, Sight, Survey } from '../frame.ts';
import { actsOfApp } from './apps.ts';
import { factsOf } from './facts.ts';
import { databaseOf, loginsOf, ofAccount, residentOf, tenantOf } from './owners.ts';
import type { MysqlScene } from './scene.ts';
import { attempt, connect, nameOf, refusalOf } from './session.ts';
import { type Act, ident, keyOf, type Login } from './world.ts';

interface Visit {
  readonly login: Login;
  /** What it is called in reports: an app's login has an account for each host. */
  readonly called: string;
  /** The app that cotenant made it for. */
  readonly app: string | null;
  readonly acts: readonly (Act & { readonly on?: string })[];
}

/** Everybody does what they do, and the operator looks at what is theirs. One after the other: some take locks. */
export async function survey(scene: MysqlScene, context: Context): Promise<Survey> {
  const sights = new Map<string, Sight>();
  for (const visit of [...strangerVisits(scene), ...appVisits(scene, context)])
    for (const [name, sight] of await look(scene, context, visit)) sights.set(name, sight);
  for (const [name, sight] of await factsOf(scene, context)) sights.set(name, sight);
  return new Map([...sights].sort(([one], [other]) => (one < other ? -1 : 1)));
}

function strangerVisits(scene: MysqlScene): readonly Visit[] {
  const byKey = Map.groupBy(
    scene.bystanders.flatMap(({ acts }) => acts),
    ({ login }) => keyOf(login),
  );
  return scene.bystanders.flatMap(({ logins }) =>
    logins.map((login) => ({ login, called: keyOf(login), app: null, acts: byKey.get(keyOf(login)) ?? [] })),
  );
}

/** Apps that cotenant made a login for: their own works, and what is others' does not. */
function appVisits(scene: MysqlScene, context: Context): readonly Visit[] {
  const { document, former, variables } = context;
  return [...variables].flatMap(([app, own]) => {
    const last = [document, ...former.toReversed()].find((one) => appsOf(one).includes(app)) ?? document;
    // An edit moves no data: its things are where it made them.
    const first = [...former, document].find((one) => appsOf(one).includes(app)) ?? document;
    return loginsOf(own).map((login, index) => {
      const acts = actsOfApp(last, app, login, databaseOf(first, app));
      const foreign = index === 0 ? foreignTables(scene, context, app) : [];
      const closed = foreign.map(
        (name) =>
          ({ login, does: `reads ${name} of others`, sql: [`SELECT 1 FROM ${name} LIMIT 1`], said: [], forbidden: true, on: app }) as const,
      );
      return { login, called: login.user, app, acts: [...acts, ...closed] };
    });
  });
}

/** Tables that are neither the app's own nor shared with it. */
export function foreignTables(
  scene: MysqlScene,
  context: Context,
  app: string,
  isAsked: (database: string) => boolean = () => true,
): readonly string[] {
  const { document, former } = context;
  const shares = [document, ...former].flatMap((one) => (one['shares'] ?? []) as readonly { readonly from: string; readonly to: string }[]);
  const shared = new Set(shares.filter(({ to }) => to === app).map(({ from }) => databaseOf(document, from)));
  return [
    ...scene.tables

      .filter(({ database }) => isAsked(database) && residentOf(context, database) !== app && !shared.has(database))
      .map(({ database, name }) => `${ident(database)}.${ident(name)}`),
    'mysql.user',
    'cotenant.ledger',
  ];
}

async function look(
  scene: MysqlScene,
  context: Context,
  { login, called, app, acts }: Visit,
): Promise<readonly (readonly [string, Sight])[]> {
  const of = app ?? ofAccount(context, login);
  const client = await connect(scene.server, login).catch(refusalOf);
  const refused = typeof client === 'string' ? client : null;
  const me = typeof client === 'string' ? keyOf(login) : await nameOf(client);
  const door = `${called} connects`;
  const said = [['log in']];
  const out: [string, Sight][] = [];
  const isOurs = app !== null || tenantOf(context, login.user) !== null;
  // Whatever the manifest says of an app: that what it made works on, or that a loss tells of it, holds for the app itself as well.
  const put = (name: string, sight: Sight): void => {
    if (!isOurs) {
      out.push([name, sight]);
      return;
    }
    // One that is accepted under `known` may have the user of an app's login.
    out.push([name, { ...sight, lenient: true }]);
    if (sight.forbidden) return;
    const { on: _, through, ...rest } = { ...sight, lenient: true };
    out.push([strictly(name), { ...rest, of: null, ...(through === undefined ? {} : { through: strictly(through) }) }]);
  };
  put(door, { who: me, of, said, works: refused === null, answer: refused ?? (isOurs ? 'in' : `in as ${me}`) });
  for (const { does, sql, said: words, forbidden, on } of acts) {
    // Who cannot come in shows nothing about what it must not do.
    if (forbidden && typeof client === 'string') continue;
    const came = typeof client === 'string' ? { works: false, answer: client } : await attempt(client, sql);
    const more = { ...(on === undefined ? {} : { on }), ...(forbidden ? { forbidden } : {}) };
    put(`${called} ${does}`, {
      who: me,
      of,
      said: [...said, ...words],
      through: door,
      ...came,
      ...more,
    });
  }
  if (typeof client !== 'string') client.destroy();
  return out;
}

const strictly = (name: string): string => `${name}, whatever its entry says`;
