import { beforeEach, expect, it } from 'vitest';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { manifestOf, wipe, workplace } from './harness.ts';

const manifest = manifestOf('apps:\n  wp: { uses: { main: { adopt: true, connections: 5, names: { login: wp } } } }\n');
const BY = "DEFINER = 'wp'@'%'";

/** What is made, whether eve is to be told, and how she uses it. */
const MADE: Readonly<Record<string, readonly [made: string, isTold: boolean, uses: string]>> = {
  'a view over the app’s table': [`CREATE ${BY} VIEW rep.v AS SELECT a FROM wp.t`, false, 'SELECT * FROM rep.v'],
  'a view over a table on which the login loses its right': [
    `CREATE ${BY} VIEW rep.v AS SELECT a FROM rep.lost`,
    true,
    'SELECT * FROM rep.v',
  ],
  'a view over a view that runs as whoever uses it': [`CREATE ${BY} VIEW rep.v AS SELECT a FROM rep.inner_`, true, 'SELECT * FROM rep.v'],
  'a view that looks at what its definer may': [
    `CREATE ${BY} VIEW rep.v AS SELECT EVENT_NAME FROM information_schema.EVENTS`,
    true,
    'SELECT * FROM rep.v',
  ],
  'a function': [`CREATE ${BY} FUNCTION wp.f() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM wp.t)`, false, 'SELECT wp.f()'],
  'a procedure that reads': [`CREATE ${BY} PROCEDURE wp.f() SELECT a FROM wp.t`, false, 'CALL wp.f()'],
  'a procedure that grants': [`CREATE ${BY} PROCEDURE wp.f() GRANT SELECT ON wp.t TO 'late'@'%'`, true, 'CALL wp.f()'],
  'a procedure that calls another one': [`CREATE ${BY} PROCEDURE wp.f() CALL wp.g()`, true, 'CALL wp.f()'],
};

describeEachMysql('of what runs as a login that loses rights', { versions: 'kinds' }, (server) => {
  beforeEach(async () => {
    await wipe(server());
    for (const sql of [
      'CREATE DATABASE wp',
      'CREATE DATABASE rep',
      'CREATE TABLE wp.t (a INT)',
      'CREATE TABLE rep.lost (a INT)',
      'CREATE SQL SECURITY INVOKER VIEW rep.inner_ AS SELECT a FROM rep.lost',
      'CREATE PROCEDURE wp.g() SQL SECURITY INVOKER SELECT a FROM wp.t',
      "CREATE USER 'wp'@'%' IDENTIFIED BY 'x'",
      "GRANT ALL ON wp.* TO 'wp'@'%' WITH GRANT OPTION",
      "GRANT SELECT ON rep.lost TO 'wp'@'%'",
      "GRANT SELECT ON rep.inner_ TO 'wp'@'%'",
      "CREATE USER 'late'@'%' IDENTIFIED BY 'x'",
      "CREATE USER 'eve'@'%' IDENTIFIED BY 'x'",
      "GRANT SELECT, EXECUTE ON rep.* TO 'eve'@'%'",
    ])
      await ask(server(), sql);
  });

  it.each(Object.entries(MADE))('%s', { timeout: 120_000 }, async (_name, [made, isTold, uses]) => {
    await using place = await workplace(server(), `${manifest}known: [{ user: eve, on: main, why: tests }]\n`);
    await place.root(made);
    if (uses.includes('wp.f')) await place.root(`GRANT EXECUTE ON ${uses.startsWith('CALL') ? 'PROCEDURE' : 'FUNCTION'} wp.f TO 'eve'@'%'`);
    const works = async (): Promise<boolean> =>
      await ask({ ...server(), user: 'eve', password: 'x' }, uses).then(
        () => true,
        () => false,
      );
    expect(await works()).toBe(true);
    const { plan } = await place.plan();
    const lost = plan.steps.flatMap(({ losses = [] }) => losses).filter(({ who }) => who === 'eve@%');
    expect(lost.length > 0).toBe(isTold);
    expect((await place.apply()).ending).toBe('done');
    if (!isTold) expect(await works()).toBe(true);
  });
});
