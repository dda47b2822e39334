import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PostgresServer } from '../engines/postgres/runtime.ts';
import type { InitScript } from './init-scripts.ts';
import { at, query } from './query.ts';

interface Operator {
  readonly user: string;
  readonly password: string;
  /** False: a managed service's admin. Default true. */
  readonly superuser?: boolean;
}

/** Runs the script, as the server's superuser or as a managed service's admin that is made for it. */
export async function setUpByHand(server: PostgresServer, script: InitScript, operator: Operator): Promise<void> {
  if (operator.superuser === false)
    await query(server.url, `CREATE ROLE ${operator.user} LOGIN CREATEROLE CREATEDB PASSWORD '${operator.password}'`);
  if (script.md5) {
    const file = join(server.dataDir, 'pg_hba.conf');
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('scram-sha-256', 'md5'));
    await query(server.url, 'SELECT pg_reload_conf()');
  }
  for (const [database, sql, login] of script.lines) {
    const as = login ? { user: login[0], password: login[1] } : { user: operator.user, password: operator.password };
    await query(at(server.url, { database, ...as }), sql);
    // Such an admin makes itself a member before it gives something away.
    if (operator.superuser !== false || !sql.includes('CREATE USER')) continue;
    for (const app of script.running) await query(at(server.url, { database, ...as }), `GRANT "${app.login}" TO ${operator.user}`);
  }
}
