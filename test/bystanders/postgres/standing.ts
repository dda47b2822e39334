import type { Client } from 'pg';
import { connect, type Login, type Point } from './session.ts';

interface Kept {
  readonly login: Login;
  readonly client: Client;
  readonly asked: string;
}

/** All that the server asks its catalogs when somebody connects, as one text for each login and database. */
export type Asked = (login: Login) => string;

const keyOf = ({ user, database }: Login): string => JSON.stringify([user, database]);

/**
 * Sessions that bystanders have open all the time. What they do is done in them, as long as a new connection would come in
 * just as they did; whoever has none, or for whom the server's answer may be another one now, connects.
 */
export class Standing implements AsyncDisposable {
  readonly #point: Point;
  readonly #kept = new Map<string, Kept>();

  constructor(point: Point) {
    this.#point = point;
  }

  find(login: Login, asked: string): Client | null {
    const kept = this.#kept.get(keyOf(login));
    return kept?.asked === asked ? kept.client : null;
  }

  async keep(login: Login, asked: string, client: Client): Promise<void> {
    await this.drop(login);
    this.#kept.set(keyOf(login), { login, client, asked });
  }

  async drop(login: Login): Promise<void> {
    const kept = this.#kept.get(keyOf(login));
    this.#kept.delete(keyOf(login));
    await kept?.client.end().catch(() => undefined);
  }

  /** Theirs and nobody else's, as far as the server lets them in. */
  async only(logins: readonly Login[]): Promise<readonly Login[]> {
    const wanted = new Map(logins.map((login) => [keyOf(login), login]));
    const others = [...this.#kept].filter(([key]) => !wanted.has(key));
    await Promise.all(others.map(async ([, { login }]) => await this.drop(login)));
    const missing = [...wanted].filter(([key]) => !this.#kept.has(key));
    await Promise.all(missing.map(async ([, login]) => await this.#open(login)));
    return [...this.#kept.values()].map(({ login }) => login);
  }

  /** Those of them that the server has ended since. */
  async ended(logins: readonly Login[]): Promise<readonly Login[]> {
    const gone = await Promise.all(logins.map(async (login) => ((await this.#isOpen(login)) ? [] : [login])));
    for (const login of gone.flat()) await this.drop(login);
    return gone.flat();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.only([]);
  }

  async #open(login: Login): Promise<void> {
    const client = await connect(this.#point, login).catch(() => null);
    if (client) this.#kept.set(keyOf(login), { login, client, asked: '' });
  }

  async #isOpen(login: Login): Promise<boolean> {
    const answer = this.#kept.get(keyOf(login))?.client.query('SELECT 1');
    return (await answer?.then(() => true).catch(() => false)) ?? false;
  }
}

interface Row {
  readonly kind: 'role' | 'database' | 'setting' | 'member';
  readonly one: string;
  readonly other: string;
  readonly text: string;
}

const ASKED = `SELECT 'role' AS kind, oid::text AS one, rolname::text AS other, md5(a::text) AS text FROM pg_authid a
  UNION ALL SELECT 'database', oid::text, datname, md5((to_jsonb(d) - 'datfrozenxid' - 'datminmxid')::text) FROM pg_database d
  UNION ALL SELECT 'setting', setrole::text, setdatabase::text, md5(setconfig::text) FROM pg_db_role_setting
  UNION ALL SELECT 'member', member::text, roleid::text, md5(to_jsonb(m)::text) FROM pg_auth_members m ORDER BY 1, 2, 3, 4`;

/** Its row, those of the roles that it is a member of, the database's, and the settings of both. Where one changed, so did the text. */
export async function askedBy(operator: Client): Promise<Asked> {
  const { rows } = await operator.query<Row>(ASKED);
  const of = (kind: Row['kind']): readonly Row[] => rows.filter((row) => row.kind === kind);
  const [roles, databases, settings, members] = [of('role'), of('database'), of('setting'), of('member')];
  return ({ user, password, database }) => {
    const role = roles.find(({ other }) => other === user);
    const place = databases.find(({ other }) => other === database);
    const all = new Set([role?.one]);
    for (const one of all) for (const member of members) if (member.one === one) all.add(member.other);
    const own = settings.filter(({ one, other }) => ['0', role?.one].includes(one) && ['0', place?.one].includes(other));
    return JSON.stringify([password, place, own, roles.filter(({ one }) => all.has(one)), members.filter(({ one }) => all.has(one))]);
  };
}
