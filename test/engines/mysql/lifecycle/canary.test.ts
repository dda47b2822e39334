import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { twoApps, workplace } from './harness.ts';

/** Everything that shows something, and everything that changes something. What must not show a secret. */
const commands: readonly (readonly string[])[] = [
  ['plan', '--debug', '--sql'],
  ['plan', '--out', 'plan.json'],
  ['apply', 'plan.json', '--yes', '--debug'],
  ['plan', '--json'],
  ['status', '--json'],
  ['env', 'shop'],
  ['env', 'digi_core', '--format', 'json'],
  ['verify', '--json'],
  ['env', 'nobody', '--debug'],
];

describeEachMysql('passwords', { versions: 'all', settings: { 'general-log': 1, 'slow-query-log': 1, 'long-query-time': 0 } }, (server) => {
  it('stand in no log, list, plan or answer of the server or of cotenant', { timeout: 180_000 }, async () => {
    await using place = await workplace(server(), twoApps);
    const seen: [string, string][] = [];
    for (const command of commands) {
      const { stdout, stderr } = await place.cli(...command);
      seen.push([command.join(' '), stdout + stderr]);
    }
    // A password that the server does not have yet is sent as a hash as well.
    await place.root("ALTER USER 'shop_user'@'%' IDENTIFIED BY 'other'");
    const again = await place.cli('apply', '--yes', '--debug');
    expect(again.code).toBe(0);
    seen.push(['apply again', again.stdout + again.stderr]);
    for (const file of await filesOf(server().dataDir)) seen.push([file, (await readFile(file)).toString('latin1')]);
    seen.push(['server log', await readFile(server().logFile, 'latin1')]);
    for (const table of ['events_statements_history_long', 'events_statements_history', 'threads']) {
      const rows = await ask(server(), `SELECT * FROM performance_schema.${table}`).catch(() => []);
      seen.push([table, JSON.stringify(rows)]);
    }
    seen.push(['plan.json', await readFile(join(place.folder, 'plan.json'), 'utf8')]);
    const secrets = [
      server().password,
      ...(await Promise.all(['shop', 'digi_core', 'lens'].map(async (app) => (await place.reveal(app))['MYSQL_PASSWORD'] ?? ''))),
    ];
    expect(secrets.every((secret) => secret.length > 20)).toBe(true);
    const logged = seen.filter(([, text]) => text.includes('shop_user'));
    expect(logged.length).toBeGreaterThan(5);
    const found = seen.flatMap(([place, text]) => (secrets.some((secret) => text.includes(secret)) ? [place] : []));
    expect(found).toEqual([]);
  });
});

/** Logs and tables: everything that the server keeps in its folder. */
async function filesOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
