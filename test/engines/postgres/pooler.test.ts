import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeEachPostgres } from '../../support/engines.ts';
import { pgbouncer, type Pooler, startPgbouncer } from '../../support/pgbouncer.ts';
import { at, query } from '../../support/query.ts';
import { manifestOf, type Workplace, workplace } from './lifecycle/harness.ts';

const apps = `defaults:
  postgres: { connections: 5 }
apps:
  shop: { uses: { main: {} } }
  crm: { uses: { main: { isolation: schema, database: shared } } }
  erp: { uses: { main: { isolation: schema, database: shared, searchPath: [erp, public] } } }
  team: { uses: { main: { isolation: rows, database: pool } } }
readers:
  lens: { reads: [shop, crm] }
`;
const names = ['shop', 'crm', 'erp', 'team', 'lens'] as const;

const front = (port: number, mode: string): string =>
  manifestOf(apps).replace('engine: postgres', `engine: postgres\n    pooler: { url: "postgres://127.0.0.1:${port}", mode: ${mode} }`);

const ignoring = 'ignore_startup_parameters = options,statement_timeout,lock_timeout,extra_float_digits';

describe.skipIf(pgbouncer === null)(pgbouncer === null ? 'PgBouncer: MISSING, see scripts/debian-root' : 'PgBouncer', () => {
  describeEachPostgres('the address of the operator leads to a pooler', { versions: 'ends' }, (server) => {
    const users = (): Record<string, string> => ({ postgres: server().password });

    it.each([
      ['session', ''],
      ['session', ignoring],
      ['transaction', ''],
      ['transaction', ignoring],
      ['statement', ignoring],
    ] as const)('mode %s, "%s": it is refused, with the reason, whatever the verb, and no lock stays behind', async (mode, more) => {
      await using pooler = await startPgbouncer(server(), { mode, users: users(), more });
      await using place = await workplace({ ...server(), port: pooler.port }, manifestOf(apps));
      for (const verb of [['plan'], ['apply', '--yes'], ['status'], ['verify'], ['restore-app', 'shop', '--yes']]) {
        const { code, stdout, stderr } = await place.cli(...verb);
        expect({ verb, code, said: stderr + stdout }).toEqual({
          verb,
          code: verb[0] === 'status' ? (expect.any(Number) as unknown) : 5,
          said: expect.stringMatching(/CT3010[^]*is a pooler, not the server/) as unknown,
        });
      }
      await writeFile(join(place.folder, 'admin.pw'), server().password);
      const url = `postgres://postgres@127.0.0.1:${pooler.port}/postgres`;
      expect(await place.cli('import', url, '--password-file', 'admin.pw')).toMatchObject({
        stderr: expect.stringContaining('CT3010') as unknown,
      });
      expect(await query(server().url, "SELECT 1 FROM pg_locks WHERE locktype = 'advisory'")).toEqual([]);
      await place.write(manifestOf(apps).replace('${PGPORT}', String(server().port)));
      expect((await place.plan()).plan.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    });
  });

  describe.each(['session', 'transaction'] as const)('%s', (mode) => {
    describeEachPostgres('apps go through a pooler', { versions: 'newest' }, (server) => {
      let pooler: Pooler;
      let place: Workplace;

      beforeAll(async () => {
        place = await workplace(server(), manifestOf(apps));
        expect(await place.apply()).toMatchObject({ ending: 'done' });
        const users: Record<string, string> = {};
        for (const app of names) {
          const { POSTGRES_USER = '', POSTGRES_PASSWORD = '' } = await place.reveal(app);
          users[POSTGRES_USER] = POSTGRES_PASSWORD;
        }
        pooler = await startPgbouncer(server(), { mode, users });
        await place.write(front(pooler.port, mode));
        return async () => {
          await place[Symbol.asyncDispose]();
          await pooler[Symbol.asyncDispose]();
        };
      });

      it('changes nothing on the server', async () => {
        expect((await place.plan()).plan.steps).toEqual([]);
      });

      it.each(names)('the URLs of %s lead through it, into its own place, without a setting that it refuses', async (app) => {
        const direct = (await place.reveal(app))['DIRECT_URL'] ?? '';
        for (const name of ['DATABASE_URL', 'POSTGRES_URL']) {
          const url = (await place.reveal(app))[name] ?? '';
          expect(new URL(url).port).toBe(String(pooler.port));
          // More clients than the pool has sessions: they are handed out in turns.
          const clients = Array.from({ length: mode === 'session' ? 2 : 7 }, () => new pg.Client({ connectionString: url }));
          await Promise.all(clients.map((client) => client.connect()));
          const ask = 'SELECT session_user::text AS who, current_schema()::text AS schema, current_database()::text AS database';
          const seen = await Promise.all(clients.map(async (client) => (await client.query(ask)).rows[0] as unknown));
          const [same] = await query(direct, ask);
          expect(new Set(seen.map((row) => JSON.stringify(row)))).toEqual(new Set([JSON.stringify(same)]));
          await Promise.all(clients.map((client) => client.end()));
        }
        expect(new URL(direct).port).toBe(String(server().port));
      });

      it('has a way past it, that carries what a session starts with', async () => {
        const { DIRECT_URL = '', DATABASE_URL = '' } = await place.reveal('crm');
        expect([DIRECT_URL.includes('search_path'), DATABASE_URL.includes('search_path')]).toEqual([true, false]);
        await place.write(
          front(pooler.port, mode).replace('engine: postgres', 'engine: postgres\n    publicUrl: postgres://db.example.com:5433'),
        );
        const { DIRECT_URL: outside = '', POSTGRES_HOST = '' } = await place.reveal('crm');
        expect([new URL(outside).host, POSTGRES_HOST]).toEqual(['db.example.com:5433', '127.0.0.1']);
        await place.write(front(pooler.port, mode));
      });

      it('is proved through the server itself', async () => {
        expect(await place.cli('verify')).toMatchObject({ code: 0 });
      });

      it('keeps the tables of each app apart, in any order of clients', async () => {
        for (const app of ['shop', 'crm', 'erp'] as const) {
          const { DATABASE_URL = '' } = await place.reveal(app);
          await query(DATABASE_URL, `CREATE TABLE things AS SELECT '${app}' AS whose`);
        }
        const whose = async (app: string): Promise<unknown> =>
          (await query((await place.reveal(app))['DATABASE_URL'] ?? '', 'SELECT whose FROM things'))[0]?.['whose'];
        for (const app of ['crm', 'erp', 'shop', 'erp', 'crm', 'crm', 'shop']) expect(await whose(app)).toBe(app);
        expect(
          await query(
            at(server().url, { database: 'shared' }),
            "SELECT schemaname::text FROM pg_tables WHERE tablename = 'things' ORDER BY 1",
          ),
        ).toEqual([{ schemaname: 'crm' }, { schemaname: 'erp' }]);
      });
    });
  });
});

it.each([
  ['postgres://app@pool:6432', 'a user'],
  ['postgres://pool:6432/shop', 'a database'],
  ['mysql://pool:6432', 'another server'],
])('%s is no address of a pooler (%s)', async (url) => {
  await using place = await workplace(
    { host: '127.0.0.1', port: 1, password: '' },
    front(1, 'transaction').replace('postgres://127.0.0.1:1', url),
  );
  const { code, stderr } = await place.cli('plan');
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/CT1015[^]*postgres:\/\/host:6432/) as unknown });
});
