import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { restoreApp } from '../../../../src/app/restore.ts';
import { DriftWorld } from '../../../support/drift.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { refused } from '../../../support/refused.ts';
import { everyday } from '../../../support/sample.ts';
import { ident, literal } from '../../../../src/engines/postgres/quote.ts';

/** Each is a word that goes into every name of one app. */
const fixed: Readonly<Record<string, string>> = {
  quotes: `q"u"o't'e`,
  sql: `x"; DROP ROLE admin; --`,
  blanks: ' a b ',
  slash: 'a/b/c',
  percent: '%2F%25',
  bar: 'a|b=c,d',
};
const more: Readonly<Record<string, string>> = {
  upper: 'UPPERlower',
  umlaut: 'größe日本😀',
  dollar: '$body$',
  backslash: 'back\\slash\\',
  braces: '{a,"b"}',
  comment: '/* x */',
  star: 'r*w/x',
  colon: ':verifier',
};
const hostile: Readonly<Record<string, string>> = { ...fixed, ...Object.fromEntries(everyday(Object.entries(more), { oneOf: 3 })) };

/** Reserved or odd whole words, for schemas, columns and databases. */
const words = everyday(['select', 'user', 'order', 'default', 'Table'], { oneOf: 2 });

/** 63 bytes of it, with the tail that tells the names of one app apart. */
const filled = (letter: string, tail: string): string => letter.repeat(63 - Buffer.byteLength(tail)) + tail;

function placements(): Record<string, unknown> {
  const apps: Record<string, unknown> = {};
  const put = (app: string, placement: Record<string, unknown>): void => {
    apps[app] = { uses: { main: { connections: 1, ...placement } } };
  };
  const namesOf = (tail: string, name: (part: string) => string): Record<string, string> => ({
    owner: name(`${tail} owner`),
    readWrite: name(`${tail} rw`),
    readOnly: name(`${tail} ro`),
    login: name(`${tail} login`),
    standbyLogin: name(`${tail} other`),
  });
  for (const [app, word] of Object.entries(hostile)) {
    put(`${app}-d`, {
      database: `${word}d`,
      schema: `${word}s`,
      names: namesOf('d', (part) => `${word}${part}`),
      settings: { 'App.Word': word, application_name: word, DateStyle: 'ISO, DMY' },
    });
    put(`${app}-s`, {
      isolation: 'schema',
      database: `${hostile['sql']} shared`,
      schema: word,
      names: namesOf('s', (part) => `${word}${part}`),
    });
    put(`${app}-r`, {
      isolation: 'rows',
      database: `${hostile['slash']} rows`,
      schema: `${hostile['quotes']} rows`,
      column: `${hostile['bar']} "c"`,
      workspace: word,
      names: { login: `${word}r login`, standbyLogin: `${word}r other` },
    });
  }
  for (const word of words) {
    put(`${word}-d`, { database: word, schema: word, extensions: ['uuid-ossp'] });
    put(`${word}-s`, { isolation: 'schema', database: 'all', schema: word, extensions: ['uuid-ossp', 'hstore'] });
    put(`${word}-r`, { isolation: 'rows', database: `${word} rows`, schema: word, column: word });
  }
  put('long-d', { database: filled('d', ''), schema: filled('s', ''), names: namesOf('d', (part) => filled('n', part)) });
  put('long-u', { database: `${'é'.repeat(31)}d`, schema: 'é'.repeat(31), names: namesOf('u', (part) => `${'é'.repeat(26)}${part}`) });
  return apps;
}

const manifest = (apps: Record<string, unknown>): string =>
  stringify({ apps, readers: { audit: { reads: ['sql-d', 'slash-s'], connections: 1 } } });

/** What an app may call its own things. */
const own = [...Object.values(hostile), ...words, filled('t', '')].map((word) => word.slice(0, 63));

describeEachPostgres('hostile names', { versions: 'newest', settings: { max_connections: 300 } }, (server) => {
  let world: DriftWorld;
  beforeAll(async () => {
    world = await DriftWorld.make(server(), manifest(placements()), []);
  });
  afterAll(async () => await world[Symbol.asyncDispose]());

  test('are applied, and then there is nothing to do', async () => {
    expect(await world.pending()).toEqual([]);
    expect(await world.catalog.run('postgres', `SELECT count(*)::int FROM pg_roles WHERE rolname = 'admin'`)).toEqual([[0]]);
  });

  test.each(Object.entries(hostile))('%s: logins work at every level', async (app, word) => {
    const inOwn = await world.runAs(
      `${word}d login`,
      `${word}d`,
      `CREATE TABLE t AS SELECT 1 AS n; SELECT current_user, current_schema(), (SELECT n FROM t), current_setting('app.word'), current_setting('datestyle')`,
    );
    expect(inOwn).toEqual([[`${word}d owner`, `${word}s`, 1, word, 'ISO, DMY']]);
    const inShared = await world.runAs(
      `${word}s login`,
      `${hostile['sql']} shared`,
      'CREATE TABLE t (n int); SELECT current_user, current_schema()',
    );
    expect(inShared).toEqual([[`${word}s owner`, word]]);
    expect(await world.runAs(`${word}r login`, `${hostile['slash']} rows`, `SELECT ${app === '' ? 1 : 2}, cotenant.workspace()`)).toEqual([
      [2, word],
    ]);
    expect(await refused(world.runAs(`${word}d login`, `${hostile['sql']} shared`, 'SELECT 1'))).toBe('42501');
  });

  describe.each([
    ['an app', `${hostile['sql']}d login`, `${hostile['sql']}d`, 'blanks-s'],
    ['an app in a shared database', `${hostile['blanks']}s login`, `${hostile['sql']} shared`, 'sql-s'],
  ])('of things that %s makes', (_who, login, database) => {
    test('are no drift, and can be corrected', async () => {
      const things = own.flatMap((name) => [
        `CREATE TABLE ${ident(name)} (id serial, ${ident(name)} int)`,
        `CREATE TYPE ${ident(`${name}!`.slice(-63))} AS ENUM (${literal(name)})`,
        `CREATE FUNCTION ${ident(name)}(${ident(`${name}!`.slice(-63))}, int[]) RETURNS int LANGUAGE sql AS 'SELECT 1'`,
        `CREATE VIEW ${ident(`${name}?`.slice(-63))} AS SELECT 1 AS n`,
      ]);
      await world.runAs(login, database, things.join(';\n'));
      expect(await world.pending()).toEqual([]);
      const drift = own.flatMap((name) => [
        `GRANT SELECT ON ${ident(name)} TO PUBLIC`,
        `GRANT UPDATE (${ident(name)}) ON ${ident(name)} TO PUBLIC`,
        `GRANT EXECUTE ON ROUTINE ${ident(name)} TO PUBLIC`,
      ]);
      await world.runAs(login, database, drift.join(';\n'));
      const strays = own.map((name) => `CREATE TABLE ${ident(`${name}+`.slice(-63))} (id serial)`);
      await world.runAs(login, database, `SET ROLE NONE; ${strays.join(';\n')}`);
      await world.apply();
      expect(await world.pending()).toEqual([]);
    });
  });

  test('of shared tables and of their policies', async () => {
    const database = `${hostile['slash']} rows`;
    const schema = `${hostile['quotes']} rows`;
    const column = `${hostile['bar']} "c"`;
    for (const name of own) {
      const table = `${ident(schema)}.${ident(name)}`;
      const sql = `CREATE TABLE ${table} (${ident(column)} text, n int, PRIMARY KEY (${ident(column)}, n)); CREATE POLICY ${ident(name)} ON ${table} USING (${literal(name)} = '|')`;
      await world.runAs(`${database}_migrator`, database, sql);
    }
    await world.apply();
    expect(await world.pending()).toEqual([]);
    const table = `${ident(schema)}.${ident(hostile['sql'] ?? '')}`;
    const mine = `INSERT INTO ${table} VALUES (${literal(hostile['quotes'] ?? '')}, 1); SELECT n FROM ${table}`;
    expect(await world.runAs(`${hostile['quotes']}r login`, database, mine)).toEqual([[1]]);
    expect(await world.runAs(`${hostile['sql']}r login`, database, `SELECT n FROM ${table}`)).toEqual([]);
    expect(await refused(world.runAs(`${hostile['sql']}r login`, database, mine))).toBe('42501');
  });

  test('of columns that are reserved words', async () => {
    for (const word of words) {
      await world.runAs(`${word} rows_migrator`, `${word} rows`, `CREATE TABLE ${ident(word)}.t (${ident(word)} text)`);
    }
    await world.apply();
    expect(await world.pending()).toEqual([]);
    for (const word of words) {
      const user = `${word}_r_user`;
      expect(await refused(world.runAs(user, `${word} rows`, `INSERT INTO ${ident(word)}.t VALUES ('other')`))).toBe('42501');
      await world.runAs(user, `${word} rows`, `INSERT INTO ${ident(word)}.t VALUES (${literal(`${word}-r`)})`);
    }
  });

  test('of apps that are taken out and brought back', async () => {
    const apps = placements();
    const { 'slash-d': _a, 'percent-d': _b, 'sql-d': _c, 'slash-s': _d, 'quotes-s': _e, ...kept } = apps;
    const text = await world.manifest(stringify({ apps: kept }));
    await world.apply();
    expect(await world.pending()).toEqual([]);
    expect(await refused(world.runAs(`${hostile['slash']}d login`, `${hostile['slash']}d`, 'SELECT 1'))).toMatch(/^(28|3D)/);
    for (const app of ['slash-d', 'percent-d', 'sql-d', 'slash-s', 'quotes-s']) {
      for await (const event of restoreApp(await world.project.open(), app, { consent: async () => Promise.resolve(true) })) {
        if (event.type === 'result')
          expect([app, event.ending, event.results.flatMap((one) => one.diagnostic ?? [])]).toEqual([app, 'done', []]);
      }
    }
    await world.project.write(text);
    await world.apply();
    expect(await world.pending()).toEqual([]);
    expect(await world.runAs(`${hostile['slash']}s login`, `${hostile['sql']} shared`, 'SELECT count(*) FROM t')).toEqual([['0']]);
  });
});
