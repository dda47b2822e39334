import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { applyFixes, fixPlan } from '../../../../src/app/fix.ts';
import { openProject } from '../../../../src/app/project.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { type Login, loginOf, manifestOf, wipe, workplace } from './harness.ts';

const APPS = `apps:
  shop: { uses: { main: { connections: 5, database: shop } } }
  crm: { uses: { main: { connections: 5 } } }
  wiki: { uses: { main: { connections: 5, logins: { app: rw, migrator: owner } } } }
readers:
  lens: { reads: [shop, crm] }
shares:
  - { from: shop, to: crm, tables: [posts], via: grant }
`;
const LIVING = ['shop', 'crm', 'wiki', 'lens'] as const;

const edit = (app: string, fields: string) => (apps: string) =>
  apps.replace(`${app}: { uses: { main: { connections: 5`, `${app}: { uses: { main: { connections: 5, ${fields}`);

/** Each is an edit that was not applied: what the apps have is what the last apply gave them. */
const EDITS: readonly (readonly [string, (apps: string) => string])[] = [
  ['another database, where the data is in the old one', (apps) => apps.replace('database: shop', 'database: shop2')],
  ['another database where none was named', edit('crm', 'database: crm2')],
  ['a login that is called otherwise', edit('crm', 'names: { login: crm_app }')],
  ['a waiting login that is called otherwise', edit('crm', 'names: { standbyLogin: crm_spare }')],
  ['logins that change places', edit('crm', 'names: { login: crm_user_2, standbyLogin: crm_user }')],
  ['other hosts', edit('crm', 'hosts: ["127.0.0.%"]')],
  ['more hosts', edit('crm', 'hosts: ["%", "127.0.0.1"]')],
  [
    'an app that goes',
    (apps) =>
      apps
        .replace(/^ {2}crm:.*\n/m, '')
        .replace(/^shares:\n.*\n/m, '')
        .replace('[shop, crm]', '[shop]'),
  ],
  [
    'an app that is called otherwise',
    (apps) =>
      edit('kundi', 'database: crm')(apps.replace('crm: {', 'kundi: {')).replace('to: crm', 'to: kundi').replace('[shop, crm]', '[shop]'),
  ],
  ['a login that goes', (apps) => apps.replace(', migrator: owner', '')],
  ['a level of a login', (apps) => apps.replace('app: rw', 'app: read')],
  ['a reader that goes', (apps) => apps.replace(/^readers:\n.*\n/m, '')],
  ['a share that goes', (apps) => apps.replace(/^shares:\n.*\n/m, '')],
];

describeEachMysql('a fix beside an edit that was not applied', { versions: 'all' }, (server) => {
  it('takes nothing from whom the edit is about', { timeout: 300_000 }, async () => {
    await using place = await workplace(server(), manifestOf(APPS));
    expect((await place.apply()).ending).toBe('done');
    await place.as('shop', 'CREATE TABLE posts (id INT)');
    expect((await place.apply()).ending).toBe('done');
    const logins: Login[] = [];
    for (const app of LIVING) logins.push(loginOf(await place.reveal(app)));
    const came = async (): Promise<readonly string[]> =>
      await Promise.all(
        logins.map(
          async (login) =>
            await ask(login, `SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '${login.database}'`).then(
              ({ length }) => `${login.user} ${length}`,
              String,
            ),
        ),
      );
    // So that there is something to fix in any case.
    await place.root("GRANT SELECT ON wiki.* TO 'shop_user'@'%'");
    const open = async () => await openProject({ cwd: place.folder, env: place.env });
    const before = (await verifyProject(await open(), { seed: 7 })).report;
    expect(fixPlan(await open(), before).steps).not.toEqual([]);
    const doors = await came();
    expect(doors).toEqual(logins.map(({ user }) => `${user} 1`));
    for (const [what, change] of EDITS) {
      expect([what, change(APPS) === APPS]).toEqual([what, false]);
      await place.write(manifestOf(change(APPS)));
      const { report } = await verifyProject(await open(), { seed: 7 });
      const offered = fixPlan(await open(), report).steps.flatMap(({ commands }) => commands.map(({ text }) => text));
      expect([what, offered]).toEqual([what, []]);
      // A report from before the edit opens nothing either.
      const said: string[] = [];
      for await (const event of applyFixes(await open(), before, { consent: () => Promise.resolve(true), confirm: [] })) {
        if (event.type === 'planned') said.push(...event.outcome.plan.diagnostics.map(({ code }) => code));
        if (event.type === 'result') said.push(event.ending);
      }
      expect([what, said]).toEqual([what, ['CT4015', 'failed']]);
      expect([what, await came()]).toEqual([what, doors]);
    }
    await place.write(manifestOf(APPS));
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
    await wipe(server());
  });
});
