import pg from 'pg';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { envOfApp } from '../../../../src/app/env.ts';
import { contextOf, DEADLINE } from '../../../../src/app/sessions.ts';
import type { LintFinding } from '../../../../src/model/index.ts';
import { parseScript } from '../../../../src/engines/postgres/lint/parse.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { type TestProject, testProject } from '../../../support/project.ts';
import { examples, SETTING } from './examples.ts';

const manifest = (port: number): string => `cotenant: 1
project: lint
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${port}/postgres', password: { env: ADMIN } } }
apps:
  shop: { uses: { main: { isolation: schema, database: shared } } }
  crm: { uses: { main: { isolation: schema, database: shared } } }
`;

describeEachPostgres('rules for migrations, on a server', { versions: 'ends' }, (server) => {
  let project: TestProject;
  const clients: pg.Client[] = [];
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.end();
  });
  const open = async (app: string): Promise<pg.Client> => {
    const { variables } = await envOfApp(await project.open(), app);
    const client = new pg.Client({ connectionString: variables.find(({ name }) => name === 'DATABASE_URL')?.value ?? '' });
    await client.connect();
    clients.push(client);
    return client;
  };
  const lint = async (sql: string, transaction = false): Promise<readonly LintFinding[]> => {
    const opened = await project.open();
    const [instance] = opened.manifest.instances;
    const ability = await instance?.engine.lint?.();
    if (!instance || !ability) throw new Error('no linter');
    return await ability.lint(
      instance.input,
      'shop',
      [{ app: 'shop', revision: '1', file: '1.sql', transaction, sql }],
      await contextOf(opened, instance, DEADLINE),
    );
  };

  beforeAll(async () => {
    project = await testProject(manifest(server().port), { ADMIN: server().password });
    expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
    const crm = await open('crm');
    await crm.query('CREATE TABLE customers (id int PRIMARY KEY)');
    const shop = await open('shop');
    await shop.query(SETTING);
    for (const client of clients.splice(0)) await client.end();
    return async () => await project[Symbol.asyncDispose]();
  });

  test('what the examples recommend works', async () => {
    const shop = await open('shop');
    const failed: string[] = [];
    for (const [id, { good, goodWithout }] of Object.entries(examples)) {
      const parsed = await parseScript(good);
      const statements = 'error' in parsed ? [] : parsed.statements.map(({ text }) => text);
      if (!goodWithout) statements.unshift('BEGIN');
      for (const text of statements) await shop.query(text).catch((error: unknown) => failed.push(`${id}: ${String(error)}`));
      if (!goodWithout) await shop.query('ROLLBACK');
      else await shop.query(`RESET ALL; DROP TABLE IF EXISTS people, orders, visits, visits_2020, notes, tags CASCADE; ${SETTING}`);
    }
    expect(failed).toEqual([]);
  });

  test('sizes, types and checks are those of the server', async () => {
    expect(await lint('CREATE INDEX IF NOT EXISTS i ON orders (note); CREATE INDEX IF NOT EXISTS j ON people (name)')).toMatchObject([
      { rule: 'require-concurrent-index-creation', message: expect.stringContaining('"orders" (about 12,000 rows') },
    ]);
    const quiet =
      "SET LOCAL lock_timeout = '1s'; ALTER TABLE orders ALTER COLUMN note TYPE text, ALTER COLUMN checked SET NOT NULL, ADD COLUMN at timestamptz DEFAULT now()";
    expect(await lint(quiet, true)).toEqual([]);
    expect(
      (await lint(`${quiet}, ALTER COLUMN total TYPE numeric(12, 3), ADD COLUMN r float8 DEFAULT random()`, true)).map(({ rule }) => rule),
    ).toEqual(['changing-column-type', 'adding-field-with-default']);
  });

  test('the type changes that are no matter leave the table’s file alone, and the others do not', async () => {
    const shop = await open('shop');
    const file = async (): Promise<unknown> => (await shop.query("SELECT pg_relation_filenode('orders')")).rows[0];
    const types = ['varchar(30)', 'varchar', 'text', 'varchar(10)', 'numeric(12, 2)', 'numeric(12, 3)', 'numeric', 'bigint', 'int4'];
    for (const type of types) {
      for (const column of ['note', 'total', 'number']) {
        await shop.query('BEGIN');
        const before = await file();
        const using = column === 'note' && !/char|text/.test(type) ? null : `ALTER TABLE orders ALTER COLUMN ${column} TYPE ${type}`;
        const rewritten =
          using === null
            ? null
            : await shop.query(using).then(
                async () => JSON.stringify(await file()) !== JSON.stringify(before),
                () => null,
              );
        await shop.query('ROLLBACK');
        if (using === null || rewritten === null) continue;
        const said = (await lint(`SET LOCAL lock_timeout = '1s'; ${using}`, true)).some(({ rule }) => rule === 'changing-column-type');
        if (rewritten) expect({ using, said }).toEqual({ using, said: true });
        // A shorter varchar is read through, which is as long; nothing else that is left alone may be told.
        else if (!type.startsWith('varchar(10)')) expect({ using, said }).toEqual({ using, said: false });
      }
    }
  });

  test('an old transaction of a neighbour is seen, and one of its own is not', async () => {
    const index = 'CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_total ON orders (total)';
    const crm = await open('crm');
    const shop = await open('shop');
    await crm.query('BEGIN; SELECT * FROM customers');
    await shop.query('BEGIN; SELECT 1');
    await expect
      .poll(async () => (await lint(index)).map(({ message }) => message), { timeout: 20_000, interval: 500 })
      .toMatchObject([expect.stringMatching(/it would wait now for a session of "crm_user".* since 20/)]);
    expect((await lint(index))[0]?.message).not.toContain('shop_user');
    await crm.end();
    expect(await lint(index)).toEqual([]);
  });
});
