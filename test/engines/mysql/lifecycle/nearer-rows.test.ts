import { beforeEach, expect, it } from 'vitest';
import { applyFixes, fixPlan } from '../../../../src/app/fix.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { lossesToConfirm } from '../../../../src/model/index.ts';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const adopting = (more = ''): string =>
  manifestOf(`apps:\n  crm: { uses: { main: { adopt: true, connections: 5, names: { login: crm } } } }\n${more}`);
const beside = (more: string): string => manifestOf(`apps:\n  crm: { uses: { main: { adopt: true, connections: 5 } } }\n${more}`);

const DOES = {
  read: 'SELECT a FROM crm.t',
  add: 'INSERT INTO crm.t VALUES (1, 2)',
  change: 'UPDATE crm.t SET b = 3 WHERE FALSE',
  make: 'CREATE TABLE crm.more (a INT)',
} as const;

/** What an account has for fewer hosts, and the same user for all: the row of the first stands before that of the other. */
const ROWS: readonly (readonly [near: string, far: string])[] = [
  ['SELECT ON crm.*', 'ALL ON crm.*'],
  ['SELECT ON `cr%`.*', 'ALL ON crm.*'],
  ['SELECT ON crm.*', 'ALL ON `cr%`.*'],
  ['SELECT ON crm.t', 'ALL ON crm.t'],
  ['SELECT (a) ON crm.t', 'SELECT, INSERT, UPDATE ON crm.t'],
  ['SELECT (a) ON crm.t', 'SELECT (a), INSERT (a, b) ON crm.t'],
];

describeEachMysql('an account whose row stands before that of the same user for more hosts', { versions: 'kinds' }, (server) => {
  beforeEach(async () => {
    await wipe(server());
    for (const sql of ['CREATE DATABASE crm', 'CREATE TABLE crm.t (a INT, b INT)']) await ask(server(), sql);
  });

  const can = async (user: string): Promise<readonly string[]> => {
    const out: string[] = [];
    for (const [does, sql] of Object.entries(DOES)) {
      const works = await ask({ ...server(), user, password: 'near' }, sql).then(
        () => true,
        () => false,
      );
      if (works) out.push(does);
    }
    await ask(server(), 'DROP TABLE IF EXISTS crm.more');
    return out;
  };
  const both = async (place: Workplace, user: string, [near, far]: readonly [string, string]): Promise<void> => {
    for (const sql of [
      `CREATE USER '${user}'@'%' IDENTIFIED BY 'far'`,
      `GRANT ${far} TO '${user}'@'%'`,
      `CREATE USER '${user}'@'127.0.0.1' IDENTIFIED BY 'near'`,
      `GRANT ${near} TO '${user}'@'127.0.0.1'`,
    ])
      await place.root(sql);
  };

  const told = async (place: Workplace): Promise<readonly string[]> =>
    (await place.plan()).plan.diagnostics.flatMap(({ code, severity, message }) => (code === 'CT2075' ? [`${severity} ${message}`] : []));
  const refusal = (user: string): readonly unknown[] => [
    expect.stringMatching(`^error ${user}@127.0.0.1 on "main" would get .+, by the row of ${user}@%`),
  ];

  it.each(ROWS)('has %s and not %s: an apply that adopts the other account is refused', { timeout: 240_000 }, async (...rows) => {
    await using place = await workplace(server(), adopting());
    await both(place, 'crm', rows);
    expect(await can('crm')).toEqual(['read']);
    expect(await told(place)).toEqual(refusal('crm'));
    expect((await place.apply()).ending).toBe('failed');
    expect(await can('crm')).toEqual(['read']);
    // Where the host is the app's, it is an account of it like the other.
    await place.write(adopting().replace('login: crm }', "login: crm }, hosts: ['%', '127.0.0.1']"));
    expect(await told(place)).toEqual([]);
  });

  it.each(ROWS)('has %s and not %s, which is known: an apply is refused', { timeout: 240_000 }, async (...rows) => {
    const known = (...users: readonly string[]): string =>
      beside(`known: [${users.map((user) => `{ user: '${user}', on: main, why: tests }`).join(', ')}]\n`);
    await using place = await workplace(server(), known('pat@%'));
    await both(place, 'pat', rows);
    expect(await told(place)).toEqual(refusal('pat'));
    expect((await place.apply()).ending).toBe('failed');
    expect(await can('pat')).toEqual(['read']);
    await place.write(known('pat@%', 'pat@127.0.0.1'));
    expect((await place.apply()).ending).toBe('done');
    expect(await can('pat')).toEqual(['read']);
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('is told of by a warning where it is known and the app’s login gets more', { timeout: 240_000 }, async () => {
    await using place = await workplace(server(), adopting("known: [{ user: 'crm@127.0.0.1', on: main, why: tests }]\n"));
    await both(place, 'crm', ['SELECT ON crm.t', 'SELECT ON crm.*']);
    expect(await told(place)).toEqual([expect.stringMatching(/^warning crm@127.0.0.1 on "main" would get .*INSERT.* by the row of crm@%/)]);
  });

  it('goes with the other one where both are strangers’', { timeout: 240_000 }, async () => {
    await using place = await workplace(server(), beside(''));
    await both(place, 'pat', ['SELECT ON crm.*', 'ALL ON `cr%`.*']);
    expect(await told(place)).toEqual([]);
    expect((await place.apply()).ending).toBe('done');
    expect(await can('pat')).toEqual([]);
  });

  it.each(ROWS)('has %s and not %s: verify tells, and no fix gives it more', { timeout: 240_000 }, async (...rows) => {
    await using place = await workplace(
      server(),
      beside("known: [{ user: 'pat@%', on: main, why: tests }, { user: 'sam@%', on: main, why: tests }]\n"),
    );
    for (const sql of ["CREATE USER 'sam'@'%' IDENTIFIED BY 'far'", `GRANT ${rows[1]} TO 'sam'@'%'`]) await place.root(sql);
    expect((await place.apply()).ending).toBe('done');
    await both(place, 'pat', rows);
    await place.root("CREATE USER 'sam'@'127.0.0.1' IDENTIFIED BY 'near'");
    expect(await can('sam')).not.toEqual([]);
    const project = await place.open();
    const { report } = await verifyProject(project, { seed: 3 });
    const found = report.findings.filter(({ probe }) => probe === 'MY-Y23');
    const of = (user: string) => found.filter(({ from }) => from === `${user}@127.0.0.1`);
    expect(of('sam')).toEqual([
      expect.objectContaining({ verdict: 'BREACH', to: 'crm', fix: [], statement: expect.stringMatching(/, by the row of sam@%$/) }),
    ]);
    expect(of('pat')).toEqual([
      expect.objectContaining({ verdict: 'BREACH', to: 'crm', fix: [], why: expect.stringMatching(/would give more/) }),
    ]);
    const confirm = lossesToConfirm(fixPlan(project, report)).keys();
    for await (const event of applyFixes(project, report, { confirm: [...confirm], consent: () => Promise.resolve(true) }))
      if (event.type === 'result') expect(event.ending).not.toBe('failed');
    expect(await can('pat')).toEqual(['read']);
  });
});
