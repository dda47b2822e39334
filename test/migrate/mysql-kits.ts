import { type Kit, kits } from './kits.ts';
import { fileOnPage } from './page.ts';

const RUNS: readonly Kit['tool'][] = ['django', 'drizzle', 'knex', 'dbmate', 'goose', 'flyway', 'liquibase', 'command'];

/** Files of which the page of their tool has another form for these servers. */
const OTHERS: Readonly<Record<string, readonly [file: string, onPage: string]>> = {
  django: ['web/settings.py', 'web/settings.mysql.py'],
  drizzle: ['drizzle.config.ts', 'drizzle.config.mysql.ts'],
  knex: ['knexfile.mjs', 'knexfile.mysql.mjs'],
};

/** The same projects for MySQL and MariaDB. */
export function mysqlKits(): readonly Kit[] {
  return kits()
    .filter(({ tool }) => RUNS.includes(tool))
    .map((one): Kit => {
      const [file, onPage] = OTHERS[one.tool] ?? [];
      if (file !== undefined && onPage !== undefined)
        return { ...one, files: { ...one.files, [file]: fileOnPage(one.tool, onPage) }, page: { [file]: onPage } };
      return one.tool === 'command' ? { ...one, files: { 'migrate.mjs': OWN_TOOL } } : one;
    });
}

const OWN_TOOL = `import { readdirSync, readFileSync } from 'node:fs';
import mysql from '${import.meta.resolve('mysql2/promise')}';

const client = await mysql.createConnection(process.env.DATABASE_URL);
await client.query('CREATE TABLE IF NOT EXISTS migrations (version int NOT NULL)');
const [rows] = await client.query('SELECT version FROM migrations');
if (rows.length === 0) await client.query('INSERT INTO migrations VALUES (0)');
for (const file of readdirSync('.').sort()) {
  const version = Number.parseInt(file, 10);
  if (version <= (rows[0]?.version ?? 0)) continue;
  await client.query(readFileSync(file, 'utf8'));
  await client.query('UPDATE migrations SET version = ?', [version]);
}
await client.end();
`;
