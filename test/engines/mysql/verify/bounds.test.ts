import { beforeEach, expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { fixPlan } from '../../../../src/app/fix.ts';
import { openProject } from '../../../../src/app/project.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import { byText } from '../../../../src/util/text-order.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { manifestOf, wipe, type Workplace, workplace } from '../lifecycle/harness.ts';

const shop = 'apps:\n  shop: { uses: { main: { connections: 5 } } }\n';

async function look(place: Workplace) {
  const project = await openProject({ cwd: place.folder, env: place.env });
  const { report } = await verifyProject(project, { seed: 3 });
  return { findings: report.findings, steps: fixPlan(project, report).steps };
}

describeEachMysql('a fix', { versions: 'all' }, (server) => {
  beforeEach(async () => await wipe(server()));

  const make = async (...statements: readonly string[]): Promise<void> => {
    for (const sql of statements) await ask(server(), sql);
  };

  it('takes nothing from everybody in a place that is nobody’s here', { timeout: 120_000 }, async (context) => {
    if (server().flavor === 'mysql') return context.skip();
    await using place = await workplace(server(), manifestOf(shop));
    await place.apply();
    await make(
      'CREATE DATABASE ops',
      'CREATE TABLE ops.cfg (x INT)',
      'CREATE FUNCTION ops.f() RETURNS INT DETERMINISTIC RETURN 1',
      'GRANT EXECUTE ON FUNCTION ops.f TO PUBLIC',
      'GRANT SELECT ON ops.cfg TO PUBLIC',
      'GRANT INSERT ON `op%`.* TO PUBLIC',
    );
    expect((await place.plan()).plan.steps).toEqual([]);
    const { findings, steps } = await look(place);
    expect(steps).toEqual([]);
    const said = findings.filter(({ statement }) => statement.startsWith('PUBLIC on'));
    expect(said.length).toBeGreaterThan(2);
    for (const { why } of said) expect(why).toContain('is not in the manifest: whoever it belongs to can close it');
    // What leads to an app is closed by both.
    await make('GRANT SELECT ON shop.* TO PUBLIC', 'GRANT SELECT ON `sho%`.* TO PUBLIC');
    const texts = (await look(place)).steps.flatMap(({ commands }) => commands.map(({ text }) => text));
    expect(texts.filter((text) => text.startsWith('REVOKE'))).toHaveLength(2);
    expect((await place.apply()).ending).toBe('done');
    expect((await look(place)).steps).toEqual([]);
    await make(
      'REVOKE EXECUTE ON FUNCTION ops.f FROM PUBLIC',
      'REVOKE SELECT ON ops.cfg FROM PUBLIC',
      'REVOKE INSERT ON `op%`.* FROM PUBLIC',
    );
  });

  it('takes nothing from the roles of others that an app got into', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf(shop));
    await place.apply();
    const role = server().flavor === 'mariadb' ? 'ops' : "'ops'@'%'";
    await make(
      'CREATE DATABASE erp',
      'CREATE TABLE erp.t (x INT)',
      "CREATE USER 'olga'@'%' IDENTIFIED BY 'x'",
      `CREATE ROLE ${role}`,
      `GRANT SELECT ON erp.* TO ${role}`,
      `GRANT ${role} TO 'olga'@'%'`,
      `SET DEFAULT ROLE ${role} ${server().flavor === 'mariadb' ? 'FOR' : 'TO'} 'olga'@'%'`,
      `GRANT ${role} TO 'shop_user'@'%'`,
    );
    const { findings, steps } = await look(place);
    expect(findings.map(({ probe }) => probe)).toEqual(expect.arrayContaining(['MY-Y01', 'MY-Y21']));
    expect(steps.flatMap(({ losses = [] }) => losses)).toEqual([]);
    const fixed = await place.cli('verify', '--fix', '--yes', '--no-input');
    expect([fixed.code, fixed.stdout + fixed.stderr]).toEqual([0, expect.anything()]);
    await ask({ ...server(), user: 'olga', password: 'x' }, 'SELECT * FROM erp.t');
  });

  it('drops nothing that runs as a stranger or the operator, and tells strangers of a table that it drops', {
    timeout: 120_000,
  }, async () => {
    const known = 'known: [{ user: bi@%, on: main, why: tests }, { user: nobody2, on: main, why: tests }]\n';
    await using place = await workplace(server(), manifestOf(shop + known));
    await place.apply();
    await make(
      'CREATE TABLE shop.t (id INT PRIMARY KEY)',
      "CREATE USER 'bi'@'%' IDENTIFIED BY 'x'",
      "CREATE USER 'nobody2'@'%' IDENTIFIED BY 'x'",
      "CREATE USER 'eve'@'%' IDENTIFIED BY 'x'",
      "GRANT SELECT ON shop.* TO 'bi'@'%'",
      "CREATE DEFINER = 'bi'@'%' VIEW shop.bv AS SELECT * FROM shop.t",
      "CREATE DEFINER = 'eve'@'%' PROCEDURE shop.ep() SELECT 1",
      "CREATE DEFINER = 'bi'@'%' EVENT shop.tick ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DO SELECT 1",
      'CREATE VIEW shop.rv AS SELECT * FROM shop.t',
      "GRANT SELECT ON shop.bv TO 'nobody2'@'%'",
    );
    const { findings, steps } = await look(place);
    const about = findings.filter(({ probe, half }) => half === 'analysis' && (probe === 'MY-Y10' || probe === 'MY-Y19'));
    expect(about.map(({ statement }) => statement)).toEqual(
      expect.arrayContaining(['view shop.bv', 'procedure shop.ep', 'event shop.tick', 'view shop.rv', 'event shop.tick']),
    );
    for (const { fix, why, statement } of about)
      expect([statement, fix, why]).toEqual([statement, [], expect.stringMatching(/can drop it .*or make it again/)]);
    expect(steps).toEqual([]);
    // What is an app's own, or nobody's any more, is dropped with the app's name, and whoever used it is told.
    await make(
      'CREATE DATABASE far',
      'CREATE TABLE far.rows_ (id INT NOT NULL) ENGINE = MyISAM',
      'CREATE TABLE shop.merged (id INT NOT NULL) ENGINE = MERGE UNION = (far.rows_)',
      "GRANT SELECT ON shop.merged TO 'nobody2'@'%'",
    );
    const drop = (await look(place)).steps.filter(({ commands }) => commands.some(({ text }) => text.startsWith('DROP')));
    expect(drop.map(({ commands }) => commands[0]?.text)).toEqual(['DROP TABLE `shop`.`merged`']);
    const losses = drop.flatMap((step) => step.losses ?? []).map(({ who, of, what }) => [who, of, ...what].join(' | '));
    const gone = 'table shop.merged (it is dropped)';
    expect(losses.toSorted(byText)).toEqual([`bi@% | bi@% | ${gone}`, `nobody2@% | nobody2 | ${gone}`, `shop_user@% | shop | ${gone}`]);
  });
});
