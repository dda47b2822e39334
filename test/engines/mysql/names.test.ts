import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { describeEachMysql } from '../../support/engines-mysql.ts';
import { inheritedNames } from '../../support/hostile-names.ts';
import { importServer } from '../../../src/app/import.ts';
import { manifestOf, type Workplace, workplace } from './lifecycle/harness.ts';
import { nameTrouble } from '../../../src/engines/mysql/names.ts';
import { errorNumber } from '../../../src/engines/mysql/connect/trouble.ts';
import { ground, shortly } from './verify/harness.ts';

/** Each goes into every name of one app. */
const hostile: Readonly<Record<string, string>> = {
  wild: 'digi_core',
  percent: 'a%b%',
  escaped: 'digi\\_core',
  backtick: 'b`a``c',
  quotes: `q"u"o't'e`,
  sql: `x'; DROP USER root; --`,
  blanks: 'a b',
  upper: 'UPPERlower',
  umlaut: 'größe日本',
  slash: 'a/b.c',
  at: 'a@b@%',
  comment: '/* x */',
  colon: ':hash',
  word: 'select',
};

function manifest(): string {
  const apps = Object.fromEntries(
    Object.entries(hostile).map(([app, word]) => [
      app,
      { uses: { main: { database: word, names: { login: `${word}l`, standbyLogin: `${word}s` }, connections: 3 } } },
    ]),
  );
  const all = Object.keys(hostile);
  const shares = all.slice(1).map((to, index) => ({ from: all[index], tables: ['t`a_b%'], columns: ['c`_'], to, via: 'grant' }));
  return manifestOf(stringify({ apps, readers: { lens: { reads: all } }, shares }));
}

describeEachMysql('names that break naive quoting', { versions: 'kinds' }, (server) => {
  let place: Workplace;
  beforeAll(async () => {
    place = await workplace(server(), manifest());
    const { ending, diagnostics } = await place.apply();
    expect(diagnostics.filter((one) => one.severity === 'error')).toEqual([]);
    expect(ending).toBe('done');
    for (const app of Object.keys(hostile)) await place.as(app, 'CREATE TABLE `t``a_b%` (`c``_` INT, rest INT)');
    expect((await place.apply()).ending).toBe('done');
  }, 120_000);
  afterAll(async () => await place[Symbol.asyncDispose]());

  test('a second apply finds nothing to do', async () => {
    expect((await place.plan()).plan.steps.map((step) => step.id)).toEqual([]);
  });

  test('every app is where it belongs, and nowhere else', { timeout: 60_000 }, async () => {
    for (const [app, word] of Object.entries(hostile)) {
      const [row] = await place.as(app, 'SELECT CURRENT_USER() AS me, DATABASE() AS db');
      expect(row).toEqual({ me: `${word}l@%`, db: word });
      const listed = (await place.as(app, 'SHOW DATABASES')).map((one) => String(Object.values(one)[0]));
      const own = Object.values(hostile).filter((name) => listed.includes(name));
      const shared = Object.values(hostile)[Object.keys(hostile).indexOf(app) - 1];
      expect(own.sort()).toEqual([word, ...(shared === undefined ? [] : [shared])].sort());
    }
    const refused: unknown = await place.as('wild', 'CREATE DATABASE digiXcore').catch((error: unknown) => error);
    expect(errorNumber(refused)).toBe(1044);
  });

  test('status knows how big each is', async () => {
    const { placements } = await place.status();
    expect(placements.filter(({ size, state }) => (size ?? 0) < 65536 || state !== 'ready')).toEqual([]);
  });

  test('they are retired, brought back, retired again and dropped', { timeout: 120_000 }, async () => {
    const before = await place.root('SELECT SCHEMA_NAME AS n FROM information_schema.SCHEMATA');
    await place.write(manifestOf('apps: {}\n'));
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
    await place.write(manifest());
    for (const app of [...Object.keys(hostile), 'lens']) expect((await place.restore(app)).ending, app).toBe('done');
    expect((await place.apply()).ending).toBe('done');
    expect(await place.as('wild', 'SELECT * FROM `t``a_b%`')).toEqual([]);
    await place.write(manifestOf('removal: delete\napps: {}\n'));
    expect((await place.apply()).ending).toBe('done');
    expect((await place.apply([...Object.keys(hostile), 'lens'])).ending).toBe('done');
    const after = await place.root('SELECT SCHEMA_NAME AS n FROM information_schema.SCHEMATA');
    expect(before.length - after.length).toBe(Object.keys(hostile).length);
    const accounts = await place.root("SELECT User AS u FROM mysql.user WHERE User NOT LIKE '%.%' AND User NOT IN ('root', 'PUBLIC')");
    expect(accounts).toEqual([]);
  });
});

/** Each the database and the account of an app, and the table that it shares, but for two, which a stranger has. */
const [strangeDatabase, stranger] = ['valueOf', 'toString'] as const;
const ours = inheritedNames.filter((name) => name !== strangeDatabase && name !== stranger);
const inherited = manifestOf(
  stringify({
    apps: Object.fromEntries(
      ours.map((name, index) => [
        `app${index}`,
        { uses: { main: { database: name, names: { login: name, standbyLogin: `${name}_` }, connections: 3 } } },
      ]),
    ),
    readers: { lens: { reads: ['app0', 'app1'] } },
    shares: ours.slice(1).map((name, index) => ({ from: `app${index + 1}`, tables: [name], columns: [name], to: 'app0', via: 'grant' })),
  }),
);

describeEachMysql('names that every object inherits', { versions: 'kinds' }, (server) => {
  test('are applied, silent from then on, proved, corrected and read', { timeout: 180_000 }, async () => {
    await using made = await ground(server(), inherited);
    const { place } = made;
    const apply = async (): Promise<unknown> => {
      const { ending, diagnostics } = await place.apply();
      return { ending, errors: diagnostics.filter((one) => one.severity === 'error') };
    };
    for (const [index, name] of ours.entries())
      await place.as(`app${index}`, `CREATE TABLE \`${name}\` (\`constructor_\` INT) SELECT 1 AS \`${name}\``);
    expect(await apply()).toEqual({ ending: 'done', errors: [] });
    expect((await place.plan()).plan.steps.map((step) => step.id)).toEqual([]);
    expect((await place.status()).placements.filter(({ state }) => state !== 'ready')).toEqual([]);
    for (const name of ours.slice(1))
      expect(await place.as('app0', `SELECT \`${name}\` AS n FROM \`${name}\`.\`${name}\``)).toEqual([{ n: 1 }]);
    expect(shortly((await made.verify()).findings)).toEqual([]);
    await place.root(`CREATE DATABASE \`${strangeDatabase}\``);
    await place.root(`CREATE USER '${stranger}'@'%' IDENTIFIED BY 'pw-of-a-stranger'`);
    await place.root(`GRANT ALL ON \`${strangeDatabase}\`.* TO '${stranger}'@'%'`);
    for (const name of ours) {
      await place.root(`GRANT SELECT ON \`${strangeDatabase}\`.* TO '${name}'@'%'`);
      await place.root(`GRANT SELECT (\`constructor_\`) ON \`${name}\`.\`${name}\` TO '${stranger}'@'%'`);
    }
    expect((await made.verify()).findings.length).toBeGreaterThan(ours.length);
    expect(await apply()).toEqual({ ending: 'done', errors: [] });
    expect((await place.plan()).plan.steps.map((step) => step.id)).toEqual([]);
    expect(shortly((await made.verify()).findings)).toEqual([]);
    // As somebody's own: what a project has is left out.
    await place.root('DROP DATABASE cotenant');
    const { host, port, password } = server();
    const { yaml } = await importServer({ url: `mysql://root@${host}:${port}`, password, env: {}, cwd: place.folder });
    expect(parse(yaml)).toMatchObject({
      apps: {
        valueOf_2: { uses: { main: { database: strangeDatabase, names: { login: stranger } } } },
        proto: { uses: { main: { database: '__proto__', names: { login: '__proto__' } } } },
      },
    });
    await place.write(yaml.replace('MYSQL_ROOT_PASSWORD', 'ADMIN_PASSWORD'));
    expect((await place.plan()).plan.steps.length).toBeGreaterThan(0);
  });
});

describe('names that a server cannot hold', () => {
  test.each([
    ['database', 'd'.repeat(65), 'CT2002'],
    ['account', 'a'.repeat(81), 'CT2002'],
    ['database', 'mysql', 'CT2003'],
    ['database', 'Performance_Schema', 'CT2003'],
    ['database', 'cotenant', 'CT2003'],
    ['database', 'ends ', 'CT2003'],
    ['database', 'a\nb', 'CT2003'],
    ['database', '😀', 'CT2003'],
    ['account', 'root', 'CT2003'],
    ['account', 'mysql.sys', 'CT2003'],
    ['account', '', 'CT2003'],
  ] as const)('%s %j is %s', (what, name, code) => {
    expect(nameTrouble(what, name)?.code).toBe(code);
  });
});
