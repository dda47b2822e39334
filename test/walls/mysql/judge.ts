import { type Connection, createConnection } from 'mysql2/promise';
import type { Effects } from '../suite.ts';
import { acts, onApp, onServer, type Act } from './attempts.ts';

/** Somebody who tries to log in with each of these passwords. */
export interface Person {
  readonly user: string;
  /** Whose things are theirs: an app, or nobody's. */
  readonly app: string;
  /** Its own. */
  readonly known: readonly string[];
  readonly guesses: readonly string[];
}

export interface Point {
  readonly host: string;
  readonly port: number;
}

export interface Bench {
  readonly point: Point;
  /** The operator's connection: what an act has changed is put back with it. */
  readonly root: Connection;
  readonly flavor: 'mysql' | 'mariadb';
  readonly people: readonly Person[];
  /** Apps, each with the database of its name. */
  readonly victims: readonly string[];
  /** An open session of each, by its app. */
  readonly sessions: ReadonlyMap<string, number>;
}

type Rows = readonly Readonly<Record<string, unknown>>[];

/** What everybody gets to do, tried with their own connections. */
export async function effectsOf(bench: Bench): Promise<Effects> {
  const effects = new Map<string, string>();
  for (const person of bench.people) {
    const add = (what: string, by: string): void => {
      const effect = `${person.app} ${what}`;
      if (!effects.has(effect)) effects.set(effect, by);
    };
    const hands = await Hands.open(bench, person, add);
    if (hands === null) continue;
    try {
      for (const role of await rolesOf(hands, bench.flavor)) {
        await hands.ask(role).catch(() => undefined);
        await tryAll(bench, person, hands, add);
      }
    } finally {
      hands.end();
    }
  }
  return effects;
}

type Add = (what: string, by: string) => void;

/** A login of somebody, which comes back after the server has ended it. */
class Hands {
  readonly #login: () => Promise<Connection>;
  #client: Connection;

  private constructor(login: () => Promise<Connection>, client: Connection) {
    [this.#login, this.#client] = [login, client];
  }

  /** Null where no password lets them in. A guess that does is an effect by itself. */
  static async open({ point }: Bench, { user, known, guesses }: Person, add: Add): Promise<Hands | null> {
    for (const password of [...known, ...guesses]) {
      const login = async (): Promise<Connection> => {
        const client = await createConnection({ ...point, user, password, disableEval: true, connectTimeout: 10_000 });
        client.on('error', () => undefined);
        await client.query('SET SESSION lock_wait_timeout = 1, SESSION innodb_lock_wait_timeout = 1');
        return client;
      };
      const client = await login().catch(() => null);
      if (client === null) continue;
      if (!known.includes(password)) add(`logs in as ${user}`, `password '${password}'`);
      return new Hands(login, client);
    }
    return null;
  }

  async ask(sql: string): Promise<Rows> {
    try {
      return await rowsOf(this.#client, sql);
    } catch (error) {
      if ((error as { fatal?: boolean }).fatal === true) this.#client = await this.#login();
      throw error;
    }
  }

  end(): void {
    this.#client.destroy();
  }
}

export async function rowsOf(client: Connection, sql: string): Promise<Rows> {
  const [found] = await client.query(sql);
  return Array.isArray(found) ? (found as Rows) : [];
}

/** What a session can turn itself into. */
async function rolesOf(hands: Hands, flavor: Bench['flavor']): Promise<readonly string[]> {
  if (flavor === 'mysql') return ['SET ROLE ALL'];
  const found = await hands.ask('SELECT DISTINCT ROLE_NAME AS n FROM information_schema.APPLICABLE_ROLES').catch((): Rows => []);
  return ['SELECT 1', ...found.map(({ n }) => `SET ROLE \`${String(n)}\``)];
}

async function tryAll(bench: Bench, person: Person, hands: Hands, add: Add): Promise<void> {
  const others = bench.victims.filter((app) => app !== person.app);
  const attempts: readonly Act[] = [
    ...others.flatMap((app) => onApp(app, person.app, bench.sessions.get(app) ?? 0)),
    ...onServer(bench.flavor),
    ...(await acts(async (sql) => await hands.ask(sql).catch((): Rows => []), others)),
  ];
  for (const act of attempts) {
    const answer = await sent(hands, act.sql);
    if (answer === null) continue;
    if (act.undo.length > 0) for (const sql of act.undo) await bench.root.query(sql).catch(() => undefined);
    for (const app of others) {
      if (answer.includes(`canary-${app}`)) add(`reads ${app}`, act.sql.join('; '));
      else if (answer.includes(app) || (act.learns && act.of === app)) add(`learns of ${app}`, act.sql.join('; '));
    }
    if (act.does !== '') add(`${act.does}${act.of === '' ? '' : ` ${act.of}`}`, act.sql.join('; '));
  }
}

/** All that was answered, or null where it was refused. */
async function sent(hands: Hands, statements: readonly string[]): Promise<string | null> {
  try {
    const answers: Rows[] = [];
    for (const sql of statements) answers.push(await hands.ask(sql));
    return textOf(answers.at(-1) ?? []);
  } catch {
    return null;
  } finally {
    if (statements.length > 1) await hands.ask('ROLLBACK').catch(() => undefined);
  }
}

const textOf = (rows: Rows): string =>
  rows
    .flatMap((row) => Object.values(row))
    .map(wordOf)
    .join(' ');
const wordOf = (value: unknown): string =>
  Buffer.isBuffer(value) ? value.toString('latin1') : typeof value === 'string' ? value : JSON.stringify(value);
