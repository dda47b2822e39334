import { describe, expect, it } from 'vitest';
import { found, look } from '../../../support/doctor.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { pgbouncer, startPgbouncer } from '../../../support/pgbouncer.ts';
import { manifestOf, workplace } from '../lifecycle/harness.ts';

const apps = `apps:
  shop: { uses: { main: {} } }
  crm: { uses: { main: { isolation: schema, database: shared } } }
  erp: { uses: { main: { isolation: schema, database: shared } } }
`;

describe.skipIf(pgbouncer === null)(pgbouncer === null ? 'PgBouncer: MISSING, see scripts/debian-root' : 'PgBouncer', () => {
  describeEachPostgres('doctor and a pooler', { versions: 'newest' }, (server) => {
    it('what it changes, whom it keeps out, and nothing where it changes nothing', async () => {
      await using place = await workplace(server(), manifestOf(apps));
      expect((await place.apply()).ending).toBe('done');
      const users: Record<string, string> = {};
      for (const app of ['shop', 'crm', 'erp']) {
        const { POSTGRES_USER = '', POSTGRES_PASSWORD = '' } = await place.reveal(app);
        users[POSTGRES_USER] = POSTGRES_PASSWORD;
      }
      const through = async (port: number): Promise<void> =>
        await place.write(
          manifestOf(apps).replace(
            'engine: postgres',
            `engine: postgres\n    pooler: { url: "postgres://127.0.0.1:${port}", mode: transaction }`,
          ),
        );
      {
        await using pooler = await startPgbouncer(server(), { mode: 'transaction', users });
        await through(pooler.port);
        const { report } = await look(place);
        expect(report.findings.filter(({ id }) => id === 'CT-D212')).toEqual([]);
        expect(report.instances[0]?.checks).toContain('CT-D212');
      }
      {
        // What some set for "a schema in a shared database", and what then holds for all of them.
        await using pooler = await startPgbouncer(server(), {
          mode: 'transaction',
          users,
          more: `[databases]\nshared = host=127.0.0.1 port=${server().port} connect_query='SET search_path = erp'`,
        });
        await through(pooler.port);
        const [finding, ...more] = await found(place, ['CT-D212']);
        expect(more).toEqual([]);
        expect(finding).toMatchObject({ severity: 'error', apps: ['crm'], evidence: { searchPath: 'erp' } });
        expect(finding?.what).toMatch(/^through the pooler crm has the search path 'erp' in place of /);
      }
      {
        const { shop_user: _, ...others } = users;
        await using pooler = await startPgbouncer(server(), { mode: 'transaction', users: others });
        await through(pooler.port);
        const [finding, ...more] = await found(place, ['CT-D212']);
        expect(more).toEqual([]);
        expect(finding).toMatchObject({ severity: 'error', apps: ['shop'] });
        expect(finding?.what).toMatch(/^the pooler does not let shop in, and the server does/);
        await through(pooler.port);
        await pooler[Symbol.asyncDispose]();
        // From where it cannot be reached, nothing is said of the apps.
        const { report } = await look(place);
        expect(report.findings.filter(({ id }) => id === 'CT-D212')).toEqual([]);
        expect(report.blind.map(({ checks, where }) => [checks, where])).toEqual([
          [['CT-D212'], 'as shop'],
          [['CT-D212'], 'as crm'],
        ]);
      }
    });
  });
});
