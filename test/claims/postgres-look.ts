import { asUrl } from '../../src/engines/postgres/local/client.ts';
import type { PostgresServer } from '../engines/postgres/runtime.ts';
import { answered, type Tenant } from './suite.ts';

/** What the operator and the apps see of two projects. */
export class PostgresLook {
  readonly #server: () => PostgresServer;

  constructor(server: () => PostgresServer) {
    this.#server = server;
  }

  async root(sql: string, database = 'postgres'): Promise<readonly unknown[]> {
    const { host, port, password } = this.#server();
    const login = `postgres:${encodeURIComponent(password)}`;
    return await asUrl(`postgres://${login}@${host}:${port}/${encodeURIComponent(database)}?sslmode=disable`, sql);
  }

  async as({ variables }: Tenant, sql: string, database?: string): Promise<string> {
    const url = new URL(variables?.['DATABASE_URL'] ?? '');
    if (database !== undefined) url.pathname = `/${encodeURIComponent(database)}`;
    return await answered(asUrl(url.href, sql));
  }

  placeOf({ variables, placement }: Tenant): { readonly database: string; readonly table: string } {
    const { PGDATABASE: database = '', POSTGRES_SCHEMA: schema = 'public' } = variables ?? {};
    return { database, table: placement['isolation'] === 'rows' ? 'public.notes' : `"${schema}".t` };
  }

  /** The databases in which the data of an app can be now: one that was retired has another name. */
  async databasesOf(tenant: Tenant): Promise<readonly string[]> {
    const { database } = this.placeOf(tenant);
    const all = await this.root('SELECT datname AS n FROM pg_database WHERE NOT datistemplate ORDER BY 1');
    const moved = tenant.retired && tenant.placement['isolation'] === 'database';
    return namesOf(all).filter((name) => (moved ? name.startsWith(`${database}__gone`) : name === database));
  }

  async rowsOf(tenant: Tenant): Promise<string> {
    const schema = this.placeOf(tenant).table.split('.')[0]?.replaceAll('"', '') ?? '';
    const which = tenant.retired && tenant.placement['isolation'] === 'schema' ? `LIKE '${schema}\\_\\_gone%'` : `= '${schema}'`;
    const rows = `query_to_xml(format('SELECT x FROM %I.%I ORDER BY 1', n.nspname, c.relname), true, true, '')::text`;
    const sql = `SELECT n.nspname || '.' || c.relname AS n, c.relowner::regrole::text AS o, c.relacl::text AS a, ${rows} AS rows
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname IN ('t', 'notes') AND n.nspname ${which} ORDER BY 1`;
    return JSON.stringify(await Promise.all((await this.databasesOf(tenant)).map(async (n) => [n, await answered(this.root(sql, n))])));
  }

  async reaches(attacker: Tenant, victim: Tenant): Promise<readonly string[]> {
    if (!attacker.variables) return [];
    const { table } = this.placeOf(victim);
    const reached: string[] = [];
    for (const name of await this.databasesOf(victim)) {
      for (const sql of [
        `SELECT x FROM ${table}`,
        `INSERT INTO ${table} (x) VALUES ('planted')`,
        `DELETE FROM ${table} RETURNING x`,
        `TRUNCATE ${table}`,
        `DROP TABLE ${table}`,
      ]) {
        const answer = await this.as(attacker, sql, name);
        if (!answer.startsWith('refused')) reached.push(`does ${sql} in ${name} (${answer})`);
      }
    }
    const user = victim.variables?.['PGUSER'] ?? '';
    const groups = `SELECT m.roleid::regrole::text AS n FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = '${user}'`;
    const theirs = [user, ...namesOf(await this.root(groups))];
    for (const role of theirs) {
      const answer = await this.as(attacker, `SET ROLE ${role}`);
      if (!answer.startsWith('refused') && !theirs.includes(attacker.variables['PGUSER'] ?? '')) reached.push(`becomes ${role}`);
    }
    return reached;
  }
}

const namesOf = (rows: readonly unknown[]): readonly string[] => rows.map((row) => String((row as { readonly n: unknown }).n));
