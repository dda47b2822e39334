import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import type { Loss } from '../../../../src/model/index.ts';
import { manifestOf, type Workplace, wipe, workplace } from '../lifecycle/harness.ts';

const PASSWORD = 'word';
/** Its names make the plan advise `operators` for the first two, its group for the third. */
const LOGINS = ['backup', 'exporter', 'reads_all', 'plain'];

const apps = 'apps:\n  shop: { uses: { main: { adopt: true, database: shop, names: { login: shop } } } }\n';

/** What everybody, or each of them by name, has; where; and what they do with it. */
const cases: Readonly<Record<string, readonly [sql: string, database: string, does: string]>> = {
  'temporary tables in the database postgres': ['SELECT 1', 'postgres', 'CREATE TEMPORARY TABLE mine (n int)'],
  'temporary tables in template1': ['GRANT TEMPORARY ON DATABASE template1 TO PUBLIC', 'template1', 'CREATE TEMPORARY TABLE mine (n int)'],
  'temporary tables in an adopted database': ['SELECT 1', 'shop', 'CREATE TEMPORARY TABLE mine (n int)'],
  'temporary tables, and no other way in': [
    'REVOKE ALL ON DATABASE shop FROM PUBLIC; GRANT TEMPORARY ON DATABASE shop TO PUBLIC; GRANT CONNECT ON DATABASE shop TO backup, exporter, reads_all, plain',
    'shop',
    'CREATE TEMPORARY TABLE mine (n int)',
  ],
  'schemas in the database postgres': ['GRANT CREATE ON DATABASE postgres TO PUBLIC', 'postgres', 'CREATE SCHEMA mine'],
  'schemas in template1': ['GRANT CREATE ON DATABASE template1 TO PUBLIC', 'template1', 'CREATE SCHEMA mine'],
  'schemas in an adopted database': ['GRANT CREATE ON DATABASE shop TO PUBLIC', 'shop', 'CREATE SCHEMA mine'],
  'schemas in a database that is no app’s': ['GRANT CREATE ON DATABASE other TO PUBLIC', 'other', 'CREATE SCHEMA mine'],
  'temporary tables in a database that is no app’s': ['SELECT 1', 'other', 'CREATE TEMPORARY TABLE mine (n int)'],
  'the schema public of postgres': ['SELECT 1', 'postgres', 'SELECT * FROM public.seen'],
  'what it makes in the schema public of postgres': [
    'GRANT CREATE ON SCHEMA public TO PUBLIC',
    'postgres',
    'CREATE TABLE public.mine (n int)',
  ],
  'what it makes in the schema public of an app': ['SELECT 1', 'shop', 'CREATE TABLE public.mine (n int)'],
  'a table of the app': ['SELECT 1', 'shop', 'SELECT * FROM public.orders'],
  'a function of the app': ['SELECT 1', 'shop', 'SELECT public.one()'],
  'a sequence of the app': ['SELECT 1', 'shop', `SELECT nextval('public.numbers')`],
  'messages in the stream of changes': ['SELECT 1', 'shop', `SELECT pg_logical_emit_message(false, 'a', 'b')`],
};

describeEachPostgres('what a plan says would keep it', { versions: 'ends' }, (server, major) => {
  const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
  const does = async (login: string, database: string, sql: string): Promise<boolean> =>
    await query(at(server().url, { user: login, password: PASSWORD, database }), `BEGIN; ${sql}; ROLLBACK`).then(
      () => true,
      () => false,
    );
  const losses = async (place: Workplace): Promise<readonly Loss[]> =>
    (await place.plan()).plan.steps.flatMap(({ losses: all = [] }) => all).filter(({ who }) => LOGINS.includes(who));

  /** Sections as people paste them. */
  const pasted = (keeps: Iterable<string | null>): string => {
    const all = [...keeps].map((keep) => keep ?? 'nothing');
    const of = (section: string, open: string, close: string): string => {
      const items = all.flatMap((keep) => (keep.startsWith(`${section}: `) ? [keep.slice(section.length + 3, -1)] : []));
      return items.length === 0 ? '' : `${section}: ${open}${items.join(', ').replaceAll('why: …', 'why: it stays')}${close}\n`;
    };
    return of('operators', '{', '}') + of('known', '[', ']');
  };

  const prepared = async (database: string, more: string): Promise<void> => {
    await wipe(server().url);
    await root(`DROP TABLE IF EXISTS public.seen`);
    for (const login of [...LOGINS, 'shop']) await root(`CREATE ROLE ${login} LOGIN PASSWORD '${PASSWORD}'`);
    await root('GRANT pg_read_all_data TO reads_all; CREATE TABLE public.seen (n int); GRANT SELECT ON public.seen TO PUBLIC');
    await root('CREATE DATABASE shop OWNER shop');
    await root('CREATE DATABASE other');
    await root(
      `GRANT CREATE, USAGE ON SCHEMA public TO PUBLIC; SET ROLE shop; CREATE TABLE public.orders (n int); GRANT SELECT ON public.orders TO PUBLIC; CREATE SEQUENCE public.numbers;
       GRANT USAGE ON SEQUENCE public.numbers TO PUBLIC; CREATE FUNCTION public.one() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
      'shop',
    );
    await root(more, database);
  };

  // What everybody has in the schema `public` is what differs.
  it.each(Object.entries(cases).filter(([name]) => major > 14 || name.includes('schema public')))(
    'keeps it: %s',
    async (name, [more, database, sql]) => {
      await prepared(/DATABASE (\w+)/.test(more) ? 'postgres' : database, more);
      const could = await Promise.all(LOGINS.map((login) => does(login, database, sql)));
      expect(could, name).toEqual(LOGINS.map(() => true));
      await using place = await workplace(server(), manifestOf(apps));
      const before = await losses(place);
      const keeps = new Map(before.map(({ who, keep }) => [who, keep]));
      await place.write(manifestOf(`${apps}${pasted(keeps.values())}`));
      const rights = (await losses(place)).flatMap(({ who, what }) =>
        what.filter((one) => !one.includes('sessions of all')).map((one) => `${who}: ${one}`),
      );
      expect(rights).toEqual([]);
      expect((await place.apply()).ending).toBe('done');
      expect(await Promise.all(LOGINS.map((login) => does(login, database, sql)))).toEqual(could);
      expect((await place.plan()).plan.steps).toEqual([]);
    },
  );

  it('is a line under operators for what has the rights of one, whatever it is called', async () => {
    await prepared('postgres', 'REVOKE CONNECT ON DATABASE shop FROM PUBLIC');
    await using place = await workplace(server(), manifestOf('apps: { blog: { uses: { main: {} } } }\n'));
    const keeps = new Map((await losses(place)).map(({ who, keep }) => [who, keep]));
    expect([...keeps]).toEqual([
      ['backup', 'known: [{ user: backup, on: main, why: … }]'],
      ['exporter', 'known: [{ user: exporter, on: main, why: … }]'],
      ['plain', 'known: [{ user: plain, on: main, why: … }]'],
      ['reads_all', 'operators: { reads_all: { may: [read-all] } }'],
    ]);
    await place.write(manifestOf(`apps: { blog: { uses: { main: {} } } }\n${pasted(keeps.values())}`));
    expect(await losses(place)).toEqual([]);
    expect((await place.apply(['shop'])).ending).toBe('done');
    for (const login of LOGINS) expect(await does(login, 'postgres', 'CREATE TEMPORARY TABLE mine (n int)')).toBe(true);
    expect((await place.plan()).plan.steps).toEqual([]);
  });
});
