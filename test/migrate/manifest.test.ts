import { expect, test } from 'vitest';
import { engineIds, loadEngine } from '../../src/engines/index.ts';
import { parseManifest } from '../../src/manifest/parse.ts';

const head = `cotenant: 1
project: p
instances:
  main: { engine: postgres, url: 'postgres://a@localhost/postgres' }
  other: { engine: postgres, url: 'postgres://a@localhost:5433/postgres' }
  cache: { engine: redis, url: 'redis://localhost' }
`;

test.each([
  ['uses: { cache: { } }, migrations: { tool: sql, directory: x }', 'CT1212', 'uses no instance whose engine can run migrations'],
  ['uses: { main: {}, other: {} }, migrations: { tool: sql, directory: x }', 'CT1212', 'does not say on which its migrations run'],
  ['uses: { main: {}, cache: {} }, migrations: { tool: sql, directory: x, placement: cache }', 'CT1212', 'cannot run migrations yet'],
  ['uses: { main: {} }, migrations: { tool: sql, directory: x, placement: other }', 'CT1212', 'does not use the instance'],
  ['uses: { main: {} }, migrations: { tool: command, directory: x, ledger: { table: t } }', 'CT1213', '`command`, `ledger.column`'],
  ['uses: { main: {} }, requires: { revision: a1 }', 'CT4128', 'apps.a.requires names `revision` and the app has no `migrations`'],
  ['uses: { cache: {} }, requires: { tables: [t], columns: { t: [n] } }', 'CT4128', '`tables`, `columns` and the app uses no instance'],
  ['uses: { main: {} }, migrations: { tool: alembic, directory: x, online: true }', 'CT4125', 'side by side while code of both runs'],
  ['uses: { main: {} }, migrations: { tool: alembic, directory: x, online: { lock: 2s } }', 'CT4125', 'apps.a.migrations.online'],
])('a manifest with %s gives %s', async (app, code, words) => {
  const { manifest, diagnostics } = await parseManifest(`${head}apps: { a: { ${app} } }\n`, {
    file: '/p/cotenant.yaml',
    env: {},
    engineIds,
    loadEngine,
  });
  expect(diagnostics.map((one) => one.code)).toEqual([code]);
  expect(diagnostics[0]?.message).toContain(words);
  expect(manifest).toBeNull();
});
