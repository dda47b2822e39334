import { beforeEach, expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { fixPlan } from '../../../../src/app/fix.ts';
import { openProject } from '../../../../src/app/project.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import type { Step } from '../../../../src/model/index.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const app = (name: string): string => `  ${name}: { uses: { main: { connections: 5 } } }\n`;
const apps = `apps:\n${app('crm_eu')}`;

const shortly = (steps: readonly Step[]): readonly string[] =>
  [...new Set(steps.flatMap(({ losses = [] }) => losses.flatMap(({ who, what }) => what.map((one) => `${who}: ${one}`))))].sort();

async function look(place: Workplace) {
  const project = await openProject({ cwd: place.folder, env: place.env });
  const { report } = await verifyProject(project, { seed: 3 });
  return { findings: report.findings, steps: fixPlan(project, report).steps };
}

describeEachMysql('a grant of a stranger on a pattern', { versions: 'all' }, (server) => {
  beforeEach(async () => await wipe(server()));

  const make = async (...statements: readonly string[]): Promise<void> => {
    for (const sql of statements) await ask(server(), sql);
  };
  const account = (name: string): string => `CREATE USER '${name}'@'%' IDENTIFIED BY 'x'`;
  const neighbours = async (): Promise<void> => {
    for (const name of ['crm_us', 'crm_dev', 'crm_own', 'other']) await make(`CREATE DATABASE ${name}`, `CREATE TABLE ${name}.t (x INT)`);
    await make(
      account('bi'),
      'GRANT SELECT, INSERT ON `crm%`.* TO bi@"%" WITH GRANT OPTION',
      // The server looks at this row alone for these.
      'GRANT SELECT ON `crm\\_own`.* TO bi@"%"',
      'GRANT SELECT ON `crm\\_d%`.* TO bi@"%"',
    );
  };
  const does = async (sql: string, user = 'bi'): Promise<boolean> =>
    await ask({ ...server(), user, password: 'x' }, sql).then(
      () => true,
      () => false,
    );
  const WHAT_BI_DOES = ['SELECT * FROM crm_us.t', 'INSERT INTO crm_us.t VALUES (1)', 'SELECT * FROM crm_own.t', 'SELECT * FROM crm_dev.t'];
  const WHAT_BI_DOES_NOT = ['INSERT INTO crm_own.t VALUES (1)', 'INSERT INTO crm_dev.t VALUES (1)', 'SELECT * FROM other.t'];
  const bi = async (): Promise<readonly boolean[]> => {
    const out: boolean[] = [];
    for (const sql of [...WHAT_BI_DOES, ...WHAT_BI_DOES_NOT]) out.push(await does(sql));
    return out;
  };
  const asBefore = [...WHAT_BI_DOES.map(() => true), ...WHAT_BI_DOES_NOT.map(() => false)];
  const told = (existing: string): string =>
    `bi@%: GRANT OPTION, INSERT, SELECT on pattern crm%.* (${existing}what is made later under such a name, grants to others on patterns)`;

  it('is told before the database is made, and gives way to grants on what else is there', { timeout: 120_000 }, async () => {
    await neighbours();
    expect(await bi()).toEqual(asBefore);
    await using place = await workplace(server(), manifestOf(apps));
    const { steps } = (await place.plan()).plan;
    expect(shortly(steps)).toEqual([told('')]);
    expect(steps.filter(({ cause }) => cause === 'drift')).toEqual([]);
    const refused = await place.cli('apply', '--yes', '--no-input');
    expect(refused.stdout + refused.stderr).toContain('--confirm=bi@%');
    expect((await place.apply()).ending).toBe('done');
    await place.as('crm_eu', 'CREATE TABLE t (x INT)');
    expect(await does('SELECT * FROM crm_eu.t')).toBe(false);
    expect(await bi()).toEqual(asBefore);
    expect((await place.plan()).plan.steps).toEqual([]);
    expect((await look(place)).findings).toEqual([]);
  });

  it('is taken by a plan and by a fix alike where somebody made it later', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf(apps));
    await place.apply();
    await place.as('crm_eu', 'CREATE TABLE t (x INT)');
    await neighbours();
    expect(await does('SELECT * FROM crm_eu.t')).toBe(true);
    const texts = (steps: readonly Step[]): readonly string[] =>
      steps.flatMap(({ commands }) => commands.flatMap(({ text }) => (/^(?:GRANT|REVOKE)/.test(text) ? [text] : []))).sort();
    const planned = (await place.plan()).plan.steps;
    const fixed = (await look(place)).steps;
    expect(texts(fixed)).toEqual(texts(planned));
    for (const steps of [planned, fixed]) expect(shortly(steps)).toEqual([told('crm_eu, ')]);
    const { code, stdout, stderr } = await place.cli('verify', '--fix', '--yes', '--no-input', '--confirm=bi@%');
    expect([code, stdout + stderr]).toEqual([0, expect.anything()]);
    expect(await does('SELECT * FROM crm_eu.t')).toBe(false);
    expect(await bi()).toEqual(asBefore);
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('of a role goes too, known strangers keep theirs, and so it is in the database of an app that went', {
    timeout: 120_000,
  }, async () => {
    const known = 'known: [{ user: rita, on: main, why: tests }, { user: kim, on: main, why: tests }]\n';
    await using place = await workplace(server(), manifestOf(`${apps}${app('blog')}${known}`));
    await place.apply();
    await place.as('crm_eu', 'CREATE TABLE t (x INT)');
    await neighbours();
    const [role, to] = server().flavor === 'mariadb' ? ['readers', 'FOR'] : ["'readers'@'%'", 'TO'];
    await make(`CREATE ROLE ${role}`, `GRANT SELECT ON \`crm\\_%\`.* TO ${role}`, account('rita'), account('kim'), account('mallory'));
    for (const name of ['rita', 'mallory']) await make(`GRANT ${role} TO '${name}'@'%'`, `SET DEFAULT ROLE ${role} ${to} '${name}'@'%'`);
    await make("GRANT SELECT ON `%`.* TO 'kim'@'%'");
    const reads = async (): Promise<Record<string, boolean>> => {
      const out: Record<string, boolean> = {};
      for (const name of ['rita', 'kim', 'mallory'])
        for (const place_ of ['crm_eu', 'crm_us']) out[`${name} ${place_}`] = await does(`SELECT * FROM ${place_}.t`, name);
      return out;
    };
    const all = { 'rita crm_eu': true, 'rita crm_us': true, 'kim crm_eu': true, 'kim crm_us': true, 'mallory crm_us': true };
    expect(await reads()).toEqual({ ...all, 'mallory crm_eu': true });
    expect((await place.apply()).ending).toBe('done');
    expect(await reads()).toEqual({ ...all, 'mallory crm_eu': false });
    expect((await place.plan()).plan.steps).toEqual([]);
    expect((await look(place)).findings).toEqual([]);
    // The app goes, and a pattern comes back, before and after.
    await place.write(manifestOf(`apps:\n${app('blog')}${known}`));
    for (const _ of [1, 2]) {
      await make("GRANT SELECT ON `crm\\_e%`.* TO 'mallory'@'%'");
      expect(shortly((await place.plan()).plan.steps)).toContain(
        'mallory@%: SELECT on pattern crm\\_e%.* (crm_eu, what is made later under such a name)',
      );
      expect((await place.apply()).ending).toBe('done');
      expect(await reads()).toEqual({ ...all, 'mallory crm_eu': false });
      expect((await place.plan()).plan.steps).toEqual([]);
    }
  });
});
