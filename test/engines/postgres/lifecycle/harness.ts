import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { query } from '../../../support/query.ts';
import { type Applied, manifestFor, type Workplace as AnyWorkplace, workplaceIn } from '../../../support/workplace.ts';

/** The apps and the reader of `threeLevels`. */
export const apps = ['shop', 'blog', 'team', 'lens'] as const;

/** One app at each level, a reader, an extension. `more` stands at the end. */
export function threeLevels(more = ''): string {
  return manifestOf(
    `apps:
  shop: { uses: { main: { connections: 5, extensions: [citext] } } }
  blog: { uses: { main: { isolation: schema, database: shared } } }
  team: { uses: { main: { isolation: rows, database: pool } } }
readers:
  lens: { reads: [shop, blog] }
${more}`,
  );
}

/** A manifest for the server that the environment of the workplace names. */
export function manifestOf(rest: string): string {
  return manifestFor('postgres', 'postgres://postgres@${PGHOST}:${PGPORT}/postgres', rest);
}

/** `threeLevels` without one of them. */
export const gone: Readonly<Record<string, string>> = {
  shop: threeLevels()
    .replace(/ {2}shop: .*\n/, '')
    .replace('[shop, blog]', '[blog]'),
  blog: threeLevels()
    .replace(/ {2}blog: .*\n/, '')
    .replace('[shop, blog]', '[shop]'),
  team: threeLevels().replace(/ {2}team: .*\n/, ''),
  lens: threeLevels().replace(/readers:\n.*\n/, ''),
};

/** Puts a row where the app has its data. */
export const writeOld: Readonly<Record<string, string>> = {
  shop: `CREATE TABLE kept (what text); INSERT INTO kept VALUES ('old')`,
  blog: `CREATE TABLE kept (what text); INSERT INTO kept VALUES ('old')`,
  team: `INSERT INTO notes (workspace, what) VALUES ('team', 'old')`,
};
/** Reads that row back. */
export const readOld: Readonly<Record<string, string>> = {
  shop: 'SELECT what FROM kept',
  blog: 'SELECT what FROM kept',
  team: 'SELECT what FROM notes',
  lens: `SELECT 'old' AS what`,
};

export interface ServerPoint {
  readonly host: string;
  readonly port: number;
  readonly password: string;
}

export interface Workplace extends Omit<AnyWorkplace, 'apply'> {
  /** With every consent; destructive steps only on these names. */
  apply(confirm?: readonly string[]): Promise<Applied>;
}

export async function workplace(server: ServerPoint, manifest: string, more: Readonly<Record<string, string>> = {}): Promise<Workplace> {
  const place = await workplaceIn(manifest, { PGHOST: server.host, PGPORT: String(server.port), ADMIN_PASSWORD: server.password, ...more });
  return { ...place, apply: async (confirm = []) => await place.apply({ confirm }) };
}

/** URL of an app with its password. */
export async function urlOf(place: Workplace, app: string): Promise<string> {
  const url = (await place.reveal(app))['DATABASE_URL'];
  if (url === undefined) throw new Error(`${app} has no DATABASE_URL`);
  return url;
}

/** Names of the apps that can log in with what cotenant gives out. */
export async function whoCanLogIn(place: Workplace, names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    names.map(async (app) => {
      const answer = await query(await urlOf(place, app), 'SELECT session_user::text AS who').catch(() => []);
      return answer[0]?.['who'] === `${app}_user` ? [app] : [];
    }),
  );
  return found.flat();
}

export interface OpenSession extends AsyncDisposable {
  /** False where the server has ended it. */
  isOpen(): Promise<boolean>;
  end(): Promise<void>;
}

export async function session(url: string, first = 'SELECT 1'): Promise<OpenSession> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(first);
  return {
    isOpen: () =>
      client.query('SELECT 1').then(
        () => true,
        () => false,
      ),
    end: () => client.end(),
    [Symbol.asyncDispose]: async () => await client.end().catch(() => undefined),
  };
}

/** Waits until the statement gives a row, and gives it. The time limit of the test ends a wait in vain. */
export async function until(url: string, sql: string, params: readonly unknown[] = []): Promise<Readonly<Record<string, unknown>>> {
  for (;;) {
    const [row] = await query(url, sql, params);
    if (row) return row;
    await delay(10);
  }
}

/** Brings a server back to where it was when it was new. */
export async function wipe(url: string): Promise<void> {
  const databases = await query(
    url,
    `SELECT quote_ident(datname) AS name FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'`,
  );
  for (const { name } of databases) await query(url, `DROP DATABASE ${String(name)} WITH (FORCE)`);
  const roles = await query(url, `SELECT quote_ident(rolname) AS name FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> 'postgres'`);
  const names = roles.map(({ name }) => String(name)).join(', ');
  if (names !== '') await query(url, `DROP OWNED BY ${names}`);
  if (names !== '') await query(url, `DROP ROLE ${names}`);
  await query(url, 'GRANT CONNECT, TEMPORARY ON DATABASE postgres TO PUBLIC');
  await query(url, 'GRANT CONNECT ON DATABASE template1 TO PUBLIC');
  await query(url, 'GRANT USAGE ON SCHEMA public TO PUBLIC');
}

/** What is wrong after an apply that should have brought everything to its end. [] is as it should be. */
export async function unfinished(place: Workplace): Promise<unknown[]> {
  const { ending, diagnostics } = await place.apply();
  const { plan } = await place.plan();
  const rows = (await place.status()).placements.filter(({ state, pending }) => state !== 'ready' || pending > 0);
  const reached = await whoCanLogIn(place, apps);
  return [
    ...(ending === 'done' || ending === 'nothing-to-do' ? [] : [{ ending, diagnostics }]),
    ...plan.steps.map(({ id }) => ({ left: id })),
    ...rows.map(({ app, state, pending }) => ({ app, state, pending })),
    ...apps.filter((app) => !reached.includes(app)).map((app) => ({ shutOut: app })),
  ];
}
