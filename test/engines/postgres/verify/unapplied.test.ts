import { expect, test } from 'vitest';
import { applyFixes, fixPlan } from '../../../../src/app/fix.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import { freshPostgres } from '../../../support/engines.ts';
import { testProject } from '../../../support/project.ts';
import { everyday } from '../../../support/sample.ts';
import { at, query } from '../../../support/query.ts';

const LIVING = ['shop_user', 'crm_user', 'blog_user', 'wiki_user', 'team_a_user', 'team_b_user', 'ana_user'] as const;
const PLACES = ['shop', 'crm', 'content', 'content', 'teams', 'teams', 'content'] as const;

const APPS = `apps:
  shop: { uses: { main: { connections: 3, database: shop } } }
  crm: { uses: { main: { connections: 3 } } }
  blog: { uses: { main: { connections: 3, isolation: schema, database: content } } }
  wiki: { uses: { main: { connections: 3, isolation: schema, database: content } } }
  team_a: { uses: { main: { connections: 3, isolation: rows, database: teams } } }
  team_b: { uses: { main: { connections: 3, isolation: rows, database: teams } } }
shares:
  - { from: blog, to: wiki, tables: [posts], via: grant }
  - { from: shop, to: crm, tables: [posts], via: grant }
readers:
  ana: { reads: [blog, wiki], connections: 2 }
`;

/** Each is an edit that was not applied: what the apps have is what the last apply gave them. */
const EDITS: readonly (readonly [string, (apps: string) => string])[] = [
  ['another database, where the data is in the old one', (apps) => apps.replace('database: shop', 'database: shop2')],
  ['another database of a shared place', (apps) => apps.replaceAll('database: content', 'database: content2')],
  [
    'a level',
    (apps) =>
      apps.replace('crm: { uses: { main: { connections: 3', 'crm: { uses: { main: { connections: 3, isolation: schema, database: content'),
  ],
  ['a schema', (apps) => apps.replace('blog: { uses: { main: { connections: 3', 'blog: { uses: { main: { connections: 3, schema: weblog')],
  [
    'an app that goes',
    (apps) =>
      apps
        .replace(/^ {2}blog:.*\n/m, '')
        .replace(/^ {2}- \{ from: blog.*\n/m, '')
        .replace('[blog, wiki]', '[wiki]'),
  ],
  [
    'a login that is called otherwise',
    (apps) => apps.replace('crm: { uses: { main: { connections: 3', 'crm: { uses: { main: { connections: 3, names: { login: crm_app }'),
  ],
  [
    'an owner that is called otherwise',
    (apps) => apps.replace('crm: { uses: { main: { connections: 3', 'crm: { uses: { main: { connections: 3, names: { owner: crmown }'),
  ],
  [
    'an app that is called otherwise',
    (apps) =>
      apps
        .replace('crm: {', 'kundi: {')
        .replace('to: crm', 'to: kundi')
        .replace('uses: { main: { connections: 3 } }', 'uses: { main: { connections: 3, database: crm } }'),
  ],
  ['a tenant that goes', (apps) => apps.replace(/^ {2}team_b:.*\n/m, '')],
  ['a share that goes', (apps) => apps.replace(/^ {2}- \{ from: shop.*\n/m, '')],
  ['a reader that goes', (apps) => apps.replace(/^readers:\n.*\n/m, '')],
];

test('a fix takes nothing from whom an edit is about that was not applied', { timeout: 300_000 }, async () => {
  await using server = await freshPostgres();
  const head = `cotenant: 1
project: tests
instances: { main: { engine: postgres, url: 'postgres://postgres@${server.host}:${server.port}/postgres', password: { env: ADMIN } } }
`;
  await using project = await testProject(head + APPS, { ADMIN: server.password });
  expect((await project.apply({ confirm: 'all' })).trouble).toBe('');
  for (const [login, database] of [
    ['shop_user', 'shop'],
    ['blog_user', 'content'],
  ] as const) {
    const password = (await project.open()).secrets.peek({ secret: `main/${login}` }) ?? '';
    await query(at(server.url, { user: login, password, database }), 'CREATE TABLE posts (title text)');
  }
  expect((await project.apply({ confirm: 'all' })).trouble).toBe('');
  // So that there is something to fix in any case.
  const open = 'GRANT CONNECT ON DATABASE crm TO shop_user';
  const close = 'REVOKE CONNECT ON DATABASE crm FROM shop_user';
  await query(at(server.url, {}), open);
  const before = (await verifyProject(await project.open(), { seed: 7 })).report;
  expect(fixPlan(await project.open(), before).steps).not.toEqual([]);
  const came = async (): Promise<unknown> => {
    const { secrets } = await project.open();
    const doors = LIVING.map(async (user, index) => {
      const password = secrets.peek({ secret: `main/${user}` }) ?? '';
      return await query(at(server.url, { user, password, database: PLACES[index] ?? '' }), 'SELECT 1').then(
        () => [user, 'came in'],
        (error: unknown) => [user, String(error)],
      );
    });
    return Object.fromEntries((await Promise.all(doors)) as [string, string][]);
  };
  const doors = await came();
  expect(Object.values(doors as object)).toEqual(LIVING.map(() => 'came in'));
  for (const [what, edit] of everyday(EDITS, { oneOf: 3 })) {
    expect([what, edit(APPS) === APPS]).toEqual([what, false]);
    await project.write(head + edit(APPS));
    const { report } = await verifyProject(await project.open(), { seed: 7 });
    const offered = fixPlan(await project.open(), report).steps.flatMap(({ commands }) => commands.map(({ text }) => text));
    expect([what, offered]).toEqual([what, []]);
    expect([what, report.findings.some(({ why }) => why.includes('run cotenant apply') || why.includes('its plan is refused'))]).toEqual([
      what,
      true,
    ]);
    // A report from before the edit opens nothing either.
    const said: string[] = [];
    for await (const event of applyFixes(await project.open(), before, { consent: () => Promise.resolve(true), confirm: [] })) {
      if (event.type === 'planned') said.push(...event.outcome.plan.diagnostics.map(({ code }) => code));
      if (event.type === 'result') said.push(event.ending, ...event.results.map(({ status }) => status));
    }
    expect([what, said]).toEqual([what, ['CT4015', 'failed']]);
    expect([what, await came()]).toEqual([what, doors]);
  }
  await project.write(head + APPS);
  await query(at(server.url, {}), close);
  expect((await project.plan()).plan.steps).toEqual([]);
});
