// The floor that a plan is measured against: the same catalogs through the same driver on 8 connections at a time, one
// message for each database, and nothing else. Plain JavaScript, so that no time goes into stripping types.
import process from 'node:process';
import pg from 'pg';

const lanes = 8;
const [host, port] = process.argv.slice(2);
const password = process.env.BENCH_POSTGRES_PASSWORD;

const shared = `
  SELECT * FROM pg_authid;
  SELECT * FROM pg_auth_members;
  SELECT * FROM pg_db_role_setting;
  SELECT * FROM pg_database;
  SELECT * FROM pg_shdescription;
  SELECT * FROM pg_parameter_acl`;

const inside = `
  SELECT n.nspname, r.rolname, n.nspacl FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema';
  SELECT n.nspname, c.relname, c.relkind, r.rolname, c.relacl FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema';
  SELECT n.nspname, p.oid::regprocedure, p.prosecdef, r.rolname, p.proacl FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles r ON r.oid = p.proowner
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema';
  SELECT n.nspname, t.typname, t.typtype, r.rolname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_roles r ON r.oid = t.typowner
    WHERE t.typtype IN ('d', 'e', 'r') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema';
  SELECT a.attrelid::regclass, a.attname, a.attacl FROM pg_attribute a WHERE a.attacl IS NOT NULL;
  SELECT r.rolname, n.nspname, d.defaclobjtype, d.defaclacl FROM pg_default_acl d JOIN pg_roles r ON r.oid = d.defaclrole LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace;
  SELECT extname FROM pg_extension;
  SELECT p.oid::regprocedure, p.proacl FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ '^pg_(try_)?advisory|^pg_logical_emit_message';
  SELECT lanname, lanpltrusted FROM pg_language`;

async function read(database, text) {
  const client = new pg.Client({ host, port: Number(port), user: 'postgres', password, database });
  await client.connect();
  const result = await client.query(text);
  await client.end();
  return result;
}

const found = await read('postgres', shared);
const names = found[3].rows.filter((row) => row.datallowconn && !['postgres', 'template1'].includes(row.datname)).map((row) => row.datname);
let at = 0;
let rows = 0;
await Promise.all(
  Array.from({ length: lanes }, async () => {
    while (at < names.length) {
      const results = await read(names[at++], inside);
      for (const one of results) rows += one.rows.length;
    }
  }),
);
process.stdout.write(`${names.length} databases, ${rows} rows\n`);
