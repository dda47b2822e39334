import type { Progress } from '../../src/util/progress.ts';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { lintMigrations, planMigrations } from '../../src/app/migrate/lint.ts';
import { renderedJson, renderedText } from '../../src/report/migrations-more.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { checkout } from '../support/places.ts';
import { type TestProject, testProject } from '../support/project.ts';

const manifest = (port: number): string => `cotenant: 1
project: linted
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${port}/postgres', password: { env: ADMIN } } }
apps:
  shop: { uses: { main: { isolation: schema, database: shared } }, migrations: { tool: sql, directory: shop } }
  crm: { uses: { main: { isolation: schema, database: shared } }, migrations: { tool: sql, directory: crm } }
`;

describeEachPostgres('rules for what is pending', { versions: 'newest' }, (server) => {
  let project: TestProject;

  beforeAll(async () => {
    project = await testProject(manifest(server().port), { ADMIN: server().password });
    for (const app of ['shop', 'crm']) await mkdir(join(project.path, app));
    await writeFile(join(project.path, 'crm/0001_first.sql'), 'CREATE TABLE customers (id int PRIMARY KEY);\n');
    await writeFile(join(project.path, 'shop/0001_first.sql'), 'CREATE TABLE orders (id int PRIMARY KEY);\n');
    await writeFile(
      join(project.path, 'shop/0002_theirs.sql'),
      '-- customers\nALTER TABLE orders ADD COLUMN buyer int REFERENCES crm.customers (id);\n\nCREATE EXTENSION pg_trgm;\n',
    );
    expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
    return async () => await project[Symbol.asyncDispose]();
  });

  test('names the revision, the file and the line', async () => {
    const far: string[] = [];
    const progress: Progress = (done, all, of) => far.push(`${done} of ${all} ${of}`);
    const { revisions, findings, diagnostics } = await lintMigrations({ ...(await project.open()), progress }, []);
    expect(diagnostics).toEqual([]);
    expect(far).toEqual(['0 of 1 servers reached', '1 of 1 servers reached', '0 of 2 apps', '1 of 2 apps', '2 of 2 apps']);
    expect(revisions).toBe(3);
    expect(findings.map(({ app, revision, line, rule }) => [app, revision, line, rule])).toEqual([
      ['shop', '0002_theirs', 2, 'neighbour-object'],
      ['shop', '0002_theirs', 4, 'server-wide-statement'],
    ]);
    expect(findings[0]).toMatchObject({ message: 'schema "crm" is that of app "crm"', file: join(project.path, 'shop/0002_theirs.sql') });
    expect(await lintMigrations(await project.open(), ['crm'])).toMatchObject({ revisions: 1, findings: [] });
  });

  test('what is pending is printed with what was found in it, as text that could be pasted', async () => {
    const planned = await planMigrations(await project.open(), ['shop']);
    expect(renderedText(planned)).toBe(`-- shop 0001_first: ${project.path}/shop/0001_first.sql
CREATE TABLE orders (id int PRIMARY KEY);

-- shop 0002_theirs: ${project.path}/shop/0002_theirs.sql
-- error neighbour-object, line 2: schema "crm" is that of app "crm"
--   instead: ${planned.findings[0]?.instead ?? ''}
-- error server-wide-statement, line 4: ${planned.findings[1]?.message ?? ''}
--   instead: ${planned.findings[1]?.instead ?? ''}
-- customers
ALTER TABLE orders ADD COLUMN buyer int REFERENCES crm.customers (id);

CREATE EXTENSION pg_trgm;

-- 2 revisions: 2 errors, 0 warnings.
`);
    expect(JSON.parse(renderedJson(planned))).toMatchObject({
      revisions: 2,
      migrations: [{ revision: '0001_first' }, { revision: '0002_theirs' }],
      findings: [{ rule: 'neighbour-object' }, { rule: 'server-wide-statement' }],
    });
    expect(renderedText(await planMigrations(await project.open(), ['crm']))).toMatch(/\n-- 1 revision: nothing found\.\n$/);
  });

  test('tells of tools that lock a database with one key, as the page shows', async () => {
    const page = await readFile(join(checkout, 'docs/migrations.md'), 'utf8');
    const found = async (name: string): Promise<readonly string[]> => {
      const [, apps = ''] = new RegExp(`^\`\`\`yaml ${name}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(page) ?? [];
      expect(apps).toContain('node-pg-migrate');
      await project.write(manifest(server().port).replace(/apps:[^]*/u, apps));
      const { diagnostics } = await lintMigrations(await project.open());
      return diagnostics.filter(({ code }) => code === 'CT4117').map(({ severity, message }) => `${severity} ${message}`);
    };
    expect(await found('one-database')).toEqual([expect.stringContaining('warning shop, crm: their tools lock')]);
    expect(await found('two-databases')).toEqual([]);
  });
});
