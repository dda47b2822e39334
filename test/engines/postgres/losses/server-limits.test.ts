import { expect, it } from 'vitest';
import { describeEachMajor, freshPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { testProject } from '../../../support/project.ts';

const TOLD = ['the setting statement_timeout = 30s'];

describeEachMajor('a limit that goes leaves the server its own, and', { versions: 'ends' }, (major) => {
  it.each([
    ['none of its own', {}, 'postgres', []],
    ['a looser one in its files', { statement_timeout: '1min' }, 'postgres', []],
    ['a tighter one in its files', { statement_timeout: '20s' }, 'postgres', TOLD],
    ['a tighter one on its command line', { '-c statement_timeout': '20s' }, 'postgres', TOLD],
    ['a tighter one on its command line, in other letters', { '-c Statement_Timeout': '20s', statement_timeout: '1min' }, 'postgres', TOLD],
    ['a tighter one where the admin reads no files', { statement_timeout: '20s' }, 'steward', TOLD],
    ['one that the admin cannot know', {}, 'steward', TOLD],
  ])('%s %j, read by %s', { timeout: 120_000 }, async (_, settings, user, told) => {
    await using server = await freshPostgres({ major, settings });
    await query(server.url, `CREATE ROLE steward LOGIN CREATEROLE CREATEDB PASSWORD 'pw'`);
    const password = user === 'steward' ? 'pw' : server.password;
    const manifest = (more: string): string => `cotenant: 1
project: limits
instances: { main: { engine: postgres, url: 'postgres://${user}@127.0.0.1:${server.port}/postgres', password: { env: ADMIN } } }
apps: { shop: { uses: { main: { ${more} } } } }
`;
    await using project = await testProject(manifest('statementTimeout: 30s'), { ADMIN: password });
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
    await project.write(manifest(''));
    const { steps } = (await project.plan()).plan;
    expect(steps.flatMap(({ losses = [] }) => losses.flatMap(({ what }) => what))).toEqual(told);
  });
});
