// The floor that a plan is measured against: the same catalogs through the same driver on 8 connections at a time, one
// message for each database, and nothing else. The bench strips the types before it starts the clock.
import process from 'node:process';
import { Client, type QueryResult } from 'pg';

const lanes = 8;
const [host, port] = process.argv.slice(2);
const password = process.env['BENCH_POSTGRES_PASSWORD'] ?? '';

const users = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;

const shared = `
  SELECT * FROM pg_authid;
  SELECT * FROM pg_auth_members;
  SELECT * FROM pg_db_role_setting;
  SELECT * FROM pg_shdescription;
  SELECT * FROM pg_parameter_acl;
  SELECT * FROM pg_database WHERE datallowconn AND datname NOT IN ('postgres', 'template1')`;

const inside = `
  SELECT n.nspname, r.rolname, n.nspacl FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner WHERE ${users};
  SELECT n.nspname, c.relname, c.relkind, r.rolname, c.relacl FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND ${users};
  SELECT n.nspname, p.proname, p.prosecdef, r.rolname, p.proacl FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles r ON r.oid = p.proowner WHERE ${users};
  SELECT n.nspname, t.typname, t.typtype, r.rolname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_roles r ON r.oid = t.typowner
    WHERE t.typtype IN ('d', 'e', 'r') AND ${users};
  SELECT a.attrelid::regclass, a.attname, a.attacl FROM pg_attribute a WHERE a.attacl IS NOT NULL;
  SELECT r.rolname, n.nspname, d.defaclobjtype, d.defaclacl FROM pg_default_acl d JOIN pg_roles r ON r.oid = d.defaclrole LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace;
  SELECT extname FROM pg_extension;
  SELECT p.oid::regprocedure, p.proacl FROM pg_proc p WHERE p.proname = 'pg_logical_emit_message';
  SELECT lanname, lanpltrusted FROM pg_language`;

async function read(database: string, text: string): Promise<readonly QueryResult<Record<string, unknown>>[]> {
  const client = new Client({ host: host ?? '', port: Number(port), user: 'postgres', password, database });
  await client.connect();
  const result: unknown = await client.query(text);
  await client.end();
  // Several statements in one message give a list of results.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return result as readonly QueryResult<Record<string, unknown>>[];
}

const found = await read('postgres', shared);
const names = (found.at(-1)?.rows ?? []).map((row) => String(row['datname']));
const queue = names.values();
let rows = 0;
await Promise.all(
  Array.from({ length: lanes }, async () => {
    for (const name of queue) for (const one of await read(name, inside)) rows += one.rows.length;
  }),
);
process.stdout.write(`${names.length} databases, ${rows} rows\n`);
