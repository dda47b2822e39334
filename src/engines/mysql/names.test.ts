import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { describeEachMysql } from '../../../test/support/engines-mysql.ts';
import { manifestOf, type Workplace, workplace } from './lifecycle/harness.ts';
import { nameTrouble } from './names.ts';
import { errorNumber } from './trouble.ts';

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
