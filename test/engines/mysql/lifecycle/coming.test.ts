import { beforeEach, expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { openProject } from '../../../../src/app/project.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import type { Step } from '../../../../src/model/index.ts';
import { manifestOf, session, wipe, type Workplace, workplace } from './harness.ts';

const app = (name: string): string => `  ${name}: { uses: { main: { connections: 5 } } }\n`;
const apps = `apps:\n${app('crm_new')}${app('blog')}`;

const shortly = (steps: readonly Step[]): readonly string[] =>
  [...new Set(steps.flatMap(({ losses = [] }) => losses.flatMap(({ who, what }) => what.map((one) => `${who}: ${one}`))))].sort();
const findingsOf = async (place: Workplace) =>
  (await verifyProject(await openProject({ cwd: place.folder, env: place.env }), { seed: 3 })).report.findings;

const suite = (name: string, settings: Readonly<Record<string, string | number>>, literal: boolean): void => {
  describeEachMysql(name, { versions: 'all', settings }, (server) => {
    beforeEach(async () => await wipe(server()));

    const make = async (...statements: readonly string[]): Promise<void> => {
      for (const sql of statements) await ask(server(), sql);
    };
    const account = (who: string): string => `CREATE USER '${who}'@'%' IDENTIFIED BY 'x'`;
    const isLiteral = (): boolean => literal && server().flavor === 'mysql';
    const escaped = (): string => (isLiteral() ? 'crm_new' : String.raw`crm\_new`);
    const role = (who: string): string => (server().flavor === 'mariadb' ? who : `'${who}'@'%'`);

    it('is told and taken by the first plan', { timeout: 240_000 }, async () => {
      await make(...['dora', 'tab', 'column', 'member', 'kim'].map(account), 'CREATE DATABASE own');
      await make(`GRANT SELECT, INSERT ON \`${escaped()}\`.* TO 'dora'@'%'`, "GRANT ALL ON own.* TO 'dora'@'%'");
      await make("GRANT SELECT, CREATE ON `crm_new`.`t` TO 'tab'@'%'", `CREATE ROLE ${role('clerks')}`);
      await make(`GRANT SELECT ON \`${escaped()}\`.* TO ${role('clerks')}`, `GRANT ${role('clerks')} TO 'member'@'%'`);
      await make(`GRANT ${role('clerks')} TO 'kim'@'%'`);
      await using place = await workplace(server(), manifestOf(`${apps}known: [{ user: kim, on: main, why: tests }]\n`));
      await using works = await session({ ...server(), user: 'dora', password: 'x', database: 'own' });
      const { steps } = (await place.plan()).plan;
      expect(shortly(steps)).toEqual([
        'dora@%: INSERT, SELECT on crm_new.*',
        'member@%: SELECT on crm_new.*',
        'tab@%: CREATE, SELECT on crm_new.t',
      ]);
      expect(steps.filter(({ cause }) => cause === 'drift')).toEqual([]);
      expect((await place.cli('apply', '--yes', '--no-input', '--confirm=dora@%', '--confirm=member@%')).stderr).toContain('tab@%');
      expect((await place.apply()).ending).toBe('done');
      // Nobody can have been in a database that was not there.
      expect(await works.isOpen()).toBe(true);
      expect((await place.plan()).plan.steps).toEqual([]);
      expect(await findingsOf(place)).toEqual([]);
      await place.as('crm_new', 'CREATE TABLE t (x INT)');
      for (const user of ['dora', 'tab', 'member'])
        await expect(ask({ ...server(), user, password: 'x' }, 'SELECT * FROM crm_new.t')).rejects.toThrow();
      await ask({ ...server(), user: 'kim', password: 'x' }, 'SELECT * FROM crm_new.t');
    });

    it('is told and taken where everybody has it', { timeout: 240_000 }, async () => {
      await make(account('p'), 'CREATE DATABASE crm_old', 'CREATE TABLE crm_old.t (x INT)');
      const pattern = isLiteral() ? 'crm_new' : 'crm%';
      if (server().flavor === 'mariadb') await make('GRANT SELECT ON `crm%`.* TO PUBLIC', 'GRANT INSERT ON `crm\\_new`.* TO PUBLIC');
      else await make(`INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('%', '${pattern}', '', 'Y')`, 'FLUSH PRIVILEGES');
      await using place = await workplace(server(), manifestOf(apps));
      const { steps } = (await place.plan()).plan;
      const about = isLiteral() ? 'SELECT on crm_new.*' : 'SELECT on pattern crm%.* (crm_old, what is made later under such a name)';
      expect(shortly(steps)).toContain(`p@%: ${about}`);
      expect((await place.apply()).ending).toBe('done');
      expect((await place.plan()).plan.steps).toEqual([]);
      expect(await findingsOf(place)).toEqual([]);
      await place.as('crm_new', 'CREATE TABLE t (x INT)');
      await expect(ask({ ...server(), user: 'p', password: 'x' }, 'SELECT * FROM crm_new.t')).rejects.toThrow();
    });
  });
};

suite('a grant on a database that an apply is about to make', {}, false);
suite('a grant on such a database, with names taken as they are', { 'loose-partial-revokes': 'ON' }, true);
