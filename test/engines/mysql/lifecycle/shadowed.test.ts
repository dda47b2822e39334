import { beforeEach, expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { manifestOf, wipe, workplace } from './harness.ts';

const manifest = manifestOf(`apps:
  hand_0: { uses: { main: { connections: 5 } } }
known:
  - { user: "kim@%", on: main, why: tests }
`);

describeEachMysql('a row for everybody that goes', { versions: 'all' }, (server) => {
  beforeEach(async () => await wipe(server()));

  it.each([
    ['which counts beside the patterns of a known login', 'SELECT, DELETE', 'INSERT, DELETE', 'Y, Y'],
    ['which has less than they', 'SELECT, INSERT, DELETE', 'INSERT, DELETE', 'Y, N'],
    ['which has all that one of them has', 'SELECT', 'INSERT, SELECT', 'Y, Y'],
  ])('%s leaves it all that it had, in databases of others too', { timeout: 60_000 }, async (_what, wide, narrow, everybody) => {
    await using place = await workplace(server(), manifest);
    const [select = '', insert = ''] = everybody.split(', ');
    for (const sql of [
      'CREATE DATABASE handx0',
      'CREATE TABLE handx0.kept (id INT PRIMARY KEY)',
      "CREATE USER 'kim'@'%' IDENTIFIED BY 'x'",
      `GRANT ${wide} ON \`hand%\`.* TO 'kim'@'%'`,
      `GRANT ${narrow} ON \`hand_0\`.* TO 'kim'@'%'`,
      `INSERT INTO mysql.db (Host, Db, User, Select_priv, Insert_priv) VALUES ('127.%', 'hand_0', '', '${select}', '${insert}')`,
      'FLUSH PRIVILEGES',
    ])
      await place.root(sql);
    const kim = { ...server(), user: 'kim', password: 'x' };
    const can = async (): Promise<readonly string[]> => {
      const out: string[] = [];
      for (const [word, sql] of [
        ['INSERT', 'INSERT INTO handx0.kept VALUES (1)'],
        ['SELECT', 'SELECT * FROM handx0.kept'],
        ['DELETE', 'DELETE FROM handx0.kept'],
      ] as const)
        await ask(kim, sql).then(
          () => out.push(word),
          () => undefined,
        );
      await place.root('TRUNCATE handx0.kept');
      return out;
    };
    const before = await can();
    const { plan } = await place.plan();
    expect(plan.steps.flatMap(({ losses = [] }) => losses.filter(({ who }) => who === 'kim@%'))).toEqual([]);
    expect((await place.apply()).ending).toBe('done');
    // On MariaDB the row for a nearer host came before its own: those count now.
    expect(await can()).toEqual(expect.arrayContaining([...before]));
    expect((await place.plan()).plan.steps).toEqual([]);
  });
});
