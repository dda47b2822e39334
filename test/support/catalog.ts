import pg from 'pg';
import type { PostgresServer } from '../engines/postgres/runtime.ts';

/** `type` is an expression: the letter by which `acldefault` knows the kind of object. */
function acl(list: string, type: string, owner: string): string {
  return `(SELECT string_agg(coalesce(g.rolname, 'PUBLIC') || '=' || x.privilege_type || CASE WHEN x.is_grantable THEN '*' ELSE '' END, ' ' ORDER BY g.rolname, x.privilege_type)
    FROM aclexplode(coalesce(${list}, acldefault(${type}, ${owner}))) x LEFT JOIN pg_roles g ON g.oid = x.grantee)`;
}

/** Not a part of an extension. */
function own(catalog: string, alias: string): string {
  return `NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = '${catalog}'::regclass AND e.objid = ${alias}.oid AND e.deptype = 'e')`;
}

const mine = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;

/** Lines of text that say what all databases share: who there is, who may what. */
function shared(version: number): string {
  const options = version >= 160000 ? `m.inherit_option, m.set_option` : 'true, true';
  return `SELECT concat_ws(' ', 'role', rolname, rolcanlogin, rolinherit, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolconnlimit, coalesce(rolvaliduntil, 'infinity'),
      left(coalesce(rolpassword, 'none'), 60), shobj_description(oid, 'pg_authid')) FROM pg_authid WHERE rolname !~ '^pg_'
    UNION SELECT concat_ws(' ', 'member', m.member::regrole, m.roleid::regrole, m.admin_option, ${options}) FROM pg_auth_members m WHERE m.member::regrole::text !~ '^pg_'
    UNION SELECT concat_ws(' ', 'setting', s.setdatabase::text, s.setrole::regrole, x) FROM pg_db_role_setting s, unnest(s.setconfig) x
    UNION SELECT concat_ws(' ', 'database', datname, datdba::regrole, datconnlimit, datallowconn, datistemplate, ${acl('datacl', "'d'", 'datdba')}, shobj_description(oid, 'pg_database')) FROM pg_database
    ${version >= 150000 ? `UNION SELECT concat_ws(' ', 'parameter', p.parname, x.grantee::regrole, x.privilege_type) FROM pg_parameter_acl p, aclexplode(p.paracl) x` : ''}`;
}

/** Lines of text that say what one database holds: who owns it, who may what. */
const inside = `SELECT concat_ws(' ', 'schema', n.nspname, n.nspowner::regrole, ${acl('n.nspacl', "'n'", 'n.nspowner')}) FROM pg_namespace n WHERE ${mine}
  UNION SELECT concat_ws(' ', c.relkind, c.oid::regclass, c.relowner::regrole, ${acl('c.relacl', `(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char"`, 'c.relowner')}, c.relrowsecurity, c.relforcerowsecurity)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${mine} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
  UNION SELECT concat_ws(' ', 'column', a.attrelid::regclass, a.attname, ${acl('a.attacl', "'c'", 'c.relowner')}) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE ${mine} AND a.attacl IS NOT NULL AND a.attacl <> '{}'
  UNION SELECT concat_ws(' ', 'policy', p.polrelid::regclass, p.polname, p.polpermissive, p.polcmd, p.polroles::regrole[], pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) FROM pg_policy p
  UNION SELECT concat_ws(' ', 'function', p.oid::regprocedure, p.proowner::regrole, p.prosecdef, p.proconfig, md5(p.prosrc), ${acl('p.proacl', "'f'", 'p.proowner')}) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE ${mine} AND ${own('pg_proc', 'p')} OR p.proname ~ '^pg_(try_)?advisory' OR p.proname = 'pg_logical_emit_message'
  UNION SELECT concat_ws(' ', 'type', t.oid::regtype, t.typowner::regrole) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${mine} AND ${own('pg_type', 't')}
  UNION SELECT concat_ws(' ', 'defaults', d.defaclrole::regrole, d.defaclnamespace::regnamespace, d.defaclobjtype, ${acl('d.defaclacl', "'r'", 'd.defaclrole')}) FROM pg_default_acl d
  UNION SELECT concat_ws(' ', 'extension', e.extname, e.extnamespace::regnamespace) FROM pg_extension e`;

/**
 * The catalogs of a server in lines that can be compared, read without any code of ours. Access lists are spelled out,
 * so that an untouched one equals one that says the same.
 */
export class Catalog implements AsyncDisposable {
  readonly #server: PostgresServer;
  readonly #clients = new Map<string, Promise<pg.Client>>();

  constructor(server: PostgresServer) {
    this.#server = server;
  }

  /** Runs SQL as the superuser, on a connection that stays. */
  async run(database: string, sql: string): Promise<readonly (readonly unknown[])[]> {
    const client = await this.#client(database);
    const result = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
    return result.rows;
  }

  async lines(databases: readonly string[]): Promise<readonly string[]> {
    const [[version] = []] = await this.run('postgres', `SELECT current_setting('server_version_num')::int4`);
    const all = [
      this.#read('postgres', shared(Number(version)), 'shared'),
      ...databases.map((database) => this.#read(database, inside, database)),
    ];
    return (await Promise.all(all)).flat();
  }

  async #read(database: string, sql: string, label: string): Promise<string[]> {
    const client = await this.#client(database);
    // Planned once: that takes longer than to run it.
    const { rows } = await client.query<unknown[]>({
      name: label === 'shared' ? 'shared' : 'inside',
      text: `SELECT * FROM (${sql}) x(line) ORDER BY line COLLATE "C"`,
      rowMode: 'array',
    });
    return rows.map(([line]) => `${label}: ${String(line)}`);
  }

  #client(database: string): Promise<pg.Client> {
    const known = this.#clients.get(database);
    if (known) return known;
    const { host, port, user, password } = this.#server;
    const client = new pg.Client({ host, port, user, password, database });
    client.on('error', () => undefined);
    const opened = client.connect().then(() => client);
    this.#clients.set(database, opened);
    return opened;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients.values()) await (await client).end();
    this.#clients.clear();
  }
}
