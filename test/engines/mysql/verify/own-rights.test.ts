import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { applyFixes, fixPlan } from '../../../../src/app/fix.ts';
import { openProject } from '../../../../src/app/project.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import { lossesToConfirm } from '../../../../src/model/index.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { manifestOf, wipe, type Workplace, workplace } from '../lifecycle/harness.ts';

const adopted = 'apps:\n  hand_0: { uses: { main: { adopt: true, connections: 5, names: { login: hand } } } }\n';

async function correct(place: Workplace): Promise<void> {
  const project = await openProject({ cwd: place.folder, env: place.env });
  const { report } = await verifyProject(project, { seed: 3 });
  const confirm = [...lossesToConfirm(fixPlan(project, report)).keys()];
  for await (const event of applyFixes(project, report, { lockTimeout: 60_000, consent: () => Promise.resolve(true), confirm }))
    if (event.type === 'result') expect(event.ending).toBe('done');
}

describeEachMysql('a fix of what an app has too much of', { versions: 'all' }, (server) => {
  it.each([
    ['by a pattern', ["GRANT ALL ON `hand_0`.* TO 'hand'@'%'"], 'SELECT * FROM handx0.t'],
    ['on everything', ["GRANT ALL ON *.* TO 'hand'@'%'"], 'SELECT * FROM erp.t'],
    ['by a role', ['CREATE ROLE wide', 'GRANT ALL ON *.* TO wide', "GRANT wide TO 'hand'@'%'", 'DEFAULT'], 'SELECT * FROM erp.t'],
  ])('leaves it what the manifest gives it: %s', { timeout: 120_000 }, async (_how, grants, foreign) => {
    for (const name of ['hand_0', 'handx0', 'erp']) {
      await ask(server(), `CREATE DATABASE ${name}`);
      await ask(server(), `CREATE TABLE ${name}.t (x INT)`);
    }
    await ask(server(), "CREATE USER 'hand'@'%' IDENTIFIED BY 'x'");
    const byDefault = server().flavor === 'mariadb' ? "SET DEFAULT ROLE wide FOR 'hand'@'%'" : "SET DEFAULT ROLE wide TO 'hand'@'%'";
    await using place = await workplace(server(), manifestOf(adopted));
    // Before it is applied there is nothing to fix.
    expect((await place.apply()).ending).toBe('done');
    for (const sql of grants) await ask(server(), sql === 'DEFAULT' ? byDefault : sql);
    const hand = { ...server(), user: 'hand', password: 'x' };
    await ask(hand, foreign);
    await correct(place);
    await ask(hand, 'INSERT INTO hand_0.t VALUES (1)');
    await ask(hand, 'CREATE TABLE hand_0.more (x INT)');
    await expect(ask(hand, foreign)).rejects.toThrow();
    await wipe(server());
  });
});

describeEachMysql('fixes that each leave another way to the same thing', { versions: 'all' }, (server) => {
  it('tell what goes with all of them', { timeout: 120_000 }, async (context) => {
    if (server().flavor === 'mysql') return context.skip();
    await using place = await workplace(server(), manifestOf('apps:\n  shop: { uses: { main: { connections: 5 } } }\n'));
    expect((await place.apply()).ending).toBe('done');
    for (const sql of [
      'CREATE DATABASE test',
      "CREATE USER ''@'%'",
      "CREATE USER 'other'@'%' IDENTIFIED BY 'x'",
      "GRANT SELECT, INSERT ON test.* TO ''@'%'",
      'GRANT SELECT, INSERT ON test.* TO PUBLIC',
    ])
      await ask(server(), sql);
    const project = await openProject({ cwd: place.folder, env: place.env });
    const { report } = await verifyProject(project, { seed: 3 });
    expect([...lossesToConfirm(fixPlan(project, report)).keys()]).toContain('other@%');
    await wipe(server());
  });
});

describeEachMysql('a fix of a right that a trigger of the app needs', { versions: 'all' }, (server) => {
  it('tells that whoever writes there can do so no longer', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf('apps:\n  shop: { uses: { main: { connections: 5 } } }\n'));
    expect((await place.apply()).ending).toBe('done');
    for (const sql of [
      'CREATE DATABASE lab',
      'CREATE TABLE lab.loot (s TEXT)',
      "GRANT INSERT ON lab.loot TO 'shop_user'@'%'",
      'CREATE TABLE shop.orders (secret TEXT)',
      "CREATE DEFINER='shop_user'@'%' TRIGGER shop.t AFTER INSERT ON shop.orders FOR EACH ROW INSERT INTO lab.loot VALUES (new.secret)",
    ])
      await ask(server(), sql);
    const project = await openProject({ cwd: place.folder, env: place.env });
    const { report } = await verifyProject(project, { seed: 3 });
    const losses = fixPlan(project, report).steps.flatMap((step) => step.losses ?? []);
    expect(losses.map(({ who, of, what }) => ({ who, of, what }))).toEqual([
      { who: expect.stringMatching(/^shop/) as unknown, of: 'shop', what: [expect.stringMatching(/^trigger shop\.t/)] },
    ]);
    await wipe(server());
  });
});
