import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { verifyProject } from '../../../src/app/verify.ts';
import { localMachine } from '../../../src/runtime/index.ts';
import { execFile } from '../../support/children.ts';
import { describeEachPostgres } from '../../support/engines.ts';
import { pgbouncer } from '../../support/pgbouncer.ts';
import { at, query } from '../../support/query.ts';
import { healthOf, renderedServer } from '../../support/rendered.ts';
import type { PostgresServer } from './runtime.ts';
import { manifestOf, urlOf, type Workplace, workplace } from './lifecycle/harness.ts';

const apps = `apps:
  shop: { uses: { main: { connections: 3 } } }
  blog: { uses: { main: { isolation: schema, database: shared, connections: 3 } } }
  team: { uses: { main: { isolation: rows, database: pool } } }
`;
const local = `cotenant: 1\nproject: life\ninstances: { main: { engine: postgres, pooler: { url: "postgres://x:6432" } } }\n${apps}`;
const password = 'a-password-of-the-pooler';

/** The server as its rendered files have it, with the login of the pooler, and the pooler in front. */
async function start(server: PostgresServer, folder: string): Promise<{ readonly port: number; stop(): Promise<unknown> }> {
  const machine = localMachine();
  const { files, pooler } = await renderedServer(local);
  if (pooler === null || pgbouncer === null) throw new Error('no pooler');
  const port = await machine.freePort();
  const here = (text: string): string =>
    text
      .replaceAll('/run/secrets/main-pooler-', `${folder}/`)
      .replaceAll('/run/secrets/main-admin', `${folder}/main-admin`)
      .replaceAll(/\/etc\/(postgresql|pgbouncer)/g, folder)
      .replaceAll(/(host=|-h )main\b/g, '$1127.0.0.1')
      .replaceAll('5432', String(server.port));
  for (const [name, text] of files) await writeFile(join(folder, name), here(text));
  for (const { name, text } of pooler.config) await writeFile(join(folder, name), here(text).replace('6432', String(port)));
  for (const { name, text } of pooler.secrets) await writeFile(join(folder, name), await text(password));
  await writeFile(join(folder, 'main-admin'), server.password);
  const own = `port = ${server.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nshared_buffers = 16MB\nfsync = off\n`;
  await writeFile(join(folder, 'own.conf'), own);
  await machine.chownToServer(folder);
  await server.restart({ '-c config_file': join(folder, 'postgresql.conf') });
  // Twice, as each start of the set does it.
  for (const _ of [1, 2]) await execFile('/bin/sh', ['-ec', here(pooler.setup)], { env: { PATH: `${server.binDir}:/usr/bin:/bin` } });
  const started = await machine.start(pgbouncer, [join(folder, 'pgbouncer.ini')], {
    logFile: join(folder, 'pgbouncer.log'),
    stopSignals: ['SIGQUIT', 'SIGKILL'],
    watchParent: { remove: [] },
  });
  const health = { server: pooler, instance: 'main-pooler', port, programs: [server.binDir] };
  await machine.untilReady(started, async () => (await healthOf({ ...health, password })) === 0, 30_000);
  expect(await healthOf({ ...health, password: 'wrong' })).not.toBe(0);
  return { port, stop: async () => await started.stop() };
}

const manifest = (port: number): string =>
  manifestOf(`${apps}operators:\n  pgbouncer: { may: [auth-query] }\n`).replace(
    'engine: postgres',
    `engine: postgres\n    pooler: { url: "postgres://127.0.0.1:${port}" }`,
  );

async function clients(place: Workplace, app: string, count: number): Promise<readonly pg.Client[]> {
  const url = await urlOf(place, app);
  const all = Array.from({ length: count }, () => new pg.Client({ connectionString: url }));
  await Promise.all(all.map((client) => client.connect()));
  return all;
}

describe.skipIf(pgbouncer === null)(pgbouncer === null ? 'PgBouncer: MISSING, see scripts/debian-root' : 'the rendered pooler', () => {
  describeEachPostgres('in front of its server', { versions: 'newest', needs: ['clients'] }, (server) => {
    it('lets each app into its own place, holds its pools, and tells nobody a password', async () => {
      await using folder = await localMachine().tempFolder('cotenant-rendered-');
      const pooler = await start(server(), folder.path);
      try {
        await using place = await workplace(server(), manifest(pooler.port));
        expect(await place.apply()).toMatchObject({ ending: 'done' });
        await finds(place);
        await holds(place, server());
        await keeps(place, server(), pooler.port);
        const { report } = await verifyProject(await place.open(), { seed: 7 });
        expect(report.findings.filter(({ verdict }) => verdict !== 'RESIDUAL')).toEqual([]);
      } finally {
        await pooler.stop();
      }
    });
  });
});

/** Each app is where it is without a pooler, also with a prepared statement and with settings at the start of its session. */
async function finds(place: Workplace): Promise<void> {
  const ask = 'SELECT session_user::text AS who, current_schema()::text AS schema, current_database()::text AS database';
  for (const app of ['shop', 'blog', 'team']) {
    const { DIRECT_URL = '', DATABASE_URL = '' } = await place.reveal(app);
    const [direct] = await query(DIRECT_URL, ask);
    const all = await clients(place, app, 5);
    for (const round of [1, 2])
      expect({
        round,
        seen: await Promise.all(all.map(async (one) => (await one.query({ name: 'where', text: ask })).rows[0] as unknown)),
      }).toEqual({
        round,
        seen: all.map(() => direct),
      });
    await Promise.all(all.map((one) => one.end()));
    const url = new URL(DATABASE_URL);
    url.searchParams.set('options', '-c search_path=elsewhere');
    expect(await query(url.href, ask)).toEqual([direct]);
  }
}

/** One app that floods its pool gets no more sessions than it may have, and slows nobody else. */
async function holds(place: Workplace, server: PostgresServer): Promise<void> {
  const flood = await clients(place, 'shop', 12);
  const sleeping = flood.map(async (one) => await one.query('SELECT pg_sleep(0.4)'));
  const began = Date.now();
  const url = await urlOf(place, 'blog');
  expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  const took = Date.now() - began;
  const [row] = await query(server.url, "SELECT count(*)::int AS open FROM pg_stat_activity WHERE usename = 'shop_user'");
  expect(row).toEqual({ open: 2 });
  await Promise.all(sleeping);
  const all = Date.now() - began;
  await Promise.all(flood.map((one) => one.end()));
  // Twelve of 0.4 s in two of the three sessions that it may have.
  expect(all).toBeGreaterThan(2300);
  expect(took).toBeLessThan(all / 2);
}

/** The function with the passwords is the pooler's alone, and knows the logins of the manifest alone. */
async function keeps(place: Workplace, server: PostgresServer, port: number): Promise<void> {
  await query(server.url, "CREATE ROLE stranger LOGIN PASSWORD 'secret-of-a-stranger'");
  const admin = at(server.url, { user: 'pgbouncer', password });
  const known = async (name: string): Promise<number> => (await query(admin, `SELECT * FROM pooler.lookup('${name}')`)).length;
  expect([await known('shop_user'), await known('postgres'), await known('stranger'), await known('pgbouncer')]).toEqual([1, 0, 0, 0]);
  await expect(query(admin, 'SELECT rolpassword FROM pg_authid')).rejects.toThrow('permission denied');
  const lookup = new URL(await urlOf(place, 'shop'));
  lookup.pathname = '/cotenant_lookup';
  await expect(query(lookup.href, "SELECT * FROM pooler.lookup('blog_user')")).rejects.toThrow();
  await expect(query(`postgres://stranger:secret-of-a-stranger@127.0.0.1:${port}/shop`, 'SELECT 1')).rejects.toThrow();
  await query(server.url, 'DROP ROLE stranger');
}
