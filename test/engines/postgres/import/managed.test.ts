import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { describeEachMajor, freshPostgres } from '../../../support/engines.ts';
import { asService, SERVICE_ADMIN, SERVICE_PASSWORD, type Service, services } from '../../../support/managed-services.ts';
import { testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import { importServer } from '../../../../src/app/import.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import type { PostgresServer } from '../runtime.ts';
import type { Major } from '../../../../src/engines/postgres/local/find.ts';

const login = (name: string, more = ''): string => `CREATE ROLE ${name} LOGIN PASSWORD 'old-${name}' ${more}`;
/** From 16 on who makes a role only administers it. */
const acts = (major: Major, name: string): string =>
  `GRANT ${name} TO ${SERVICE_ADMIN}${major >= 16 ? ' WITH INHERIT TRUE, SET TRUE' : ''}`;

/** What a team sets up with the admin that the console gave it. */
const lines = (major: Major): readonly (readonly [database: string, sql: string, login?: string])[] => [
  ['postgres', `${login('shop')}; ${acts(major, 'shop')}`],
  ['postgres', 'CREATE DATABASE shop OWNER shop'],
  ['shop', 'CREATE TABLE orders (id serial PRIMARY KEY, note text); INSERT INTO orders (note) VALUES ($$a$$)', 'shop'],
  ['postgres', `${login('blog')}; ${login('reporter')}`],
  ['postgres', 'CREATE DATABASE blog'],
  ['blog', 'CREATE TABLE posts (n int); GRANT SELECT, INSERT, UPDATE, DELETE ON posts TO blog; GRANT SELECT ON posts TO reporter'],
  ['shop', 'GRANT SELECT ON orders TO reporter', 'shop'],
  ['postgres', `${login('gateway', 'NOINHERIT')}; CREATE ROLE anon NOLOGIN; GRANT anon TO gateway`],
  ['shop', 'GRANT SELECT ON orders TO anon', 'shop'],
  ['postgres', `${login('crm')}; ${login('lens')}; ${acts(major, 'crm')}; ${acts(major, 'lens')}`],
  ['postgres', 'CREATE DATABASE hub'],
  ['hub', 'CREATE SCHEMA crm AUTHORIZATION crm; CREATE SCHEMA lens AUTHORIZATION lens'],
  ['hub', 'CREATE TABLE crm.c (n int); GRANT USAGE ON SCHEMA crm TO lens; GRANT SELECT ON crm.c TO lens', 'crm'],
  ['hub', 'CREATE TABLE lens.l (n int)', 'lens'],
];

const does: readonly (readonly [login: string, database: string, sql: string])[] = [
  ['shop', 'shop', 'INSERT INTO orders (note) VALUES ($$b$$); CREATE TABLE more (n int); ALTER TABLE orders ADD COLUMN x int'],
  ['blog', 'blog', 'INSERT INTO posts VALUES (1); DELETE FROM posts'],
  ['reporter', 'blog', 'SELECT * FROM posts'],
  ['reporter', 'shop', 'SELECT * FROM orders'],
  ['gateway', 'shop', 'SET ROLE anon; SELECT * FROM orders'],
  ['crm', 'hub', 'INSERT INTO crm.c VALUES (1); CREATE TABLE crm.more (n int)'],
  ['lens', 'hub', 'INSERT INTO lens.l VALUES (1); SELECT * FROM crm.c'],
];

async function refusals(server: PostgresServer): Promise<readonly string[]> {
  const out: string[] = [];
  for (const [user, database, sql] of does) {
    const client = new pg.Client(at(server.url, { user, password: `old-${user}`, database }));
    const came = client.connect().then(async () => await client.query(`BEGIN; ${sql}; ROLLBACK`));
    out.push(
      ...(await came.then(
        () => [],
        (error: unknown) => [`${user} in ${database}: ${sql}: ${String(error)}`],
      )),
    );
    await client.end().catch(() => undefined);
  }
  return out;
}

describe.each(services)('%s', (service: Service) => {
  describeEachMajor('a server that the admin of a service set up by hand', { versions: 'ends' }, (major) => {
    test('is imported: everybody works on, the second plan is silent, and nothing is open', async () => {
      await using server = await freshPostgres({ major });
      await asService(server, service);
      const admin = at(server.url, { user: SERVICE_ADMIN, password: SERVICE_PASSWORD });
      for (const [database, sql, user] of lines(major))
        await query(
          at(
            server.url,
            user ? { user, password: `old-${user}`, database } : { user: SERVICE_ADMIN, password: SERVICE_PASSWORD, database },
          ),
          sql,
        );
      expect(await refusals(server)).toEqual([]);
      const { yaml } = await importServer({ url: admin, password: null, env: {}, cwd: '/by-hand' });
      await using project = await testProject(yaml, { POSTGRES_PASSWORD: SERVICE_PASSWORD });
      const hint = (await project.plan()).plan.diagnostics.find(({ code }) => code === 'CT2053')?.hint ?? '';
      const line = /service: \{.*\}$/.exec(hint)?.[0] ?? '';
      await project.write(yaml.replace('engine: postgres\n', `engine: postgres\n    ${line}\n`));
      const { ending, trouble, outcome } = await project.apply({ confirm: 'strangers' });
      expect({ ending, trouble }).toEqual({ ending: 'done', trouble: '' });
      const strangers = outcome?.plan.steps.flatMap(({ losses = [] }) => losses.filter(({ of }) => of === null)) ?? [];
      expect(strangers).toEqual([]);

      expect(await refusals(server)).toEqual([]);
      expect((await project.plan()).plan.steps.flatMap(({ commands }) => commands.map(({ text }) => text))).toEqual([]);
      const { report } = await verifyProject(await project.open(), { seed: 7 });
      const open = report.findings.filter(({ verdict }) => verdict !== 'UNPROVEN');
      expect(open.map((one) => `${one.probe} ${one.from} > ${one.to}: ${one.statement} | ${one.answer}`)).toEqual([]);
    });
  });
});
