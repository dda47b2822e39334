// The floor that `migrate status` is measured against: every file of every app read and hashed, every ledger found and read, with
// one connection and two messages, and nothing else. The bench strips the types before it starts the clock.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { Client } from 'pg';

const [host, port, database, folder = '.'] = process.argv.slice(2);
const password = process.env['BENCH_POSTGRES_PASSWORD'] ?? '';

const apps = (await readdir(folder, { withFileTypes: true })).filter((one) => one.isDirectory() && one.name.startsWith('app_'));
const files = await Promise.all(
  apps.map(async ({ name }) => {
    const at = join(folder, name);
    const texts = await Promise.all((await readdir(at)).map(async (file) => await readFile(join(at, file), 'utf8')));
    return texts.map((text) => createHash('sha256').update(text).digest('hex'));
  }),
);

const client = new Client({ host: host ?? '', port: Number(port), user: 'postgres', password, database: database ?? '' });
await client.connect();
const found = await client.query<{ nspname: string }>(
  `SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = 'cotenant_migrations' AND c.relkind = 'r'`,
);
const parts = found.rows.map(({ nspname }) => `SELECT '${nspname}' AS app, name, checksum FROM ONLY ${nspname}.cotenant_migrations`);
const { rows } = await client.query(parts.join(' UNION ALL '));
await client.end();
process.stdout.write(`${files.length} apps, ${rows.length} rows\n`);
