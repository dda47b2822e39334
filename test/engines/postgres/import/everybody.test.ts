import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { importServer } from '../../../../src/app/import.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';

/** Logins of every kind that may be on a server and belong to no app of it: what stands after CREATE ROLE. */
const strangers: Readonly<Record<string, string>> = {
  fake1: 'LOGIN',
  'fake 2': "LOGIN VALID UNTIL '2001-01-01'",
  'fäke\n3': 'LOGIN CONNECTION LIMIT 0',
  $fake: 'LOGIN NOINHERIT',
  constructor: 'LOGIN',
  PUBLIC: 'LOGIN',
  CURRENT_USER: 'LOGIN',
  cotenant: 'LOGIN',
  maker: 'LOGIN CREATEROLE CREATEDB',
  boss: 'LOGIN SUPERUSER',
  saver: 'LOGIN REPLICATION IN ROLE pg_read_all_data',
  member: 'LOGIN IN ROLE club',
  other_user: 'LOGIN',
  own_user: 'LOGIN',
};

describeEachPostgres('an import names everybody', { versions: 'newest' }, (server) => {
  test('who can log in is an app’s, an operator, known, or said to be left out; all keep their way in, and nobody is asked', async () => {
    const { url, port, password } = server();
    await query(url, `CREATE ROLE club; CREATE ROLE shop LOGIN PASSWORD 'x'`);
    await query(url, 'CREATE DATABASE shop OWNER shop');
    for (const [name, rest] of Object.entries(strangers))
      await query(url, `CREATE ROLE "${name}" ${rest}; ALTER ROLE "${name}" PASSWORD 'x'`);
    await query(url, `COMMENT ON ROLE other_user IS 'cotenant {"project":"other","app":"other"}'`);
    await query(url, `COMMENT ON ROLE own_user IS 'cotenant {"project":"by_hand","app":"own"}'`);
    const { yaml } = await importServer({ url, password: null, env: {}, cwd: '/by-hand' });
    const { known, operators } = parse(yaml) as { known: readonly { user: string }[]; operators: Readonly<Record<string, unknown>> };
    expect([...known.map(({ user }) => user), ...Object.keys(operators)].sort()).toEqual(
      Object.keys(strangers)
        .filter((name) => name !== 'own_user')
        .map((name) => name.replace('$', '$$$$'))
        .sort(),
    );
    expect(yaml).toContain('# role "own_user": it bears the mark of this very project');
    await using project = await testProject(yaml.replace('project: by_hand', 'project: elsewhere'), { POSTGRES_PASSWORD: password });
    const { plan } = await project.plan();
    expect(plan.steps.flatMap(({ losses = [] }) => losses.filter(({ of }) => of === null).map(({ who }) => who))).toEqual(
      expect.not.arrayContaining(Object.keys(strangers).filter((name) => name !== 'own_user')),
    );
    expect(await project.apply({ confirm: ['own_user'] })).toMatchObject({ ending: 'done', trouble: '' });
    for (const user of ['fake1', 'PUBLIC', 'CURRENT_USER', 'other_user', 'member'])
      expect(await query(at(`postgres://127.0.0.1:${port}/shop`, { user, password: 'x' }), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});
