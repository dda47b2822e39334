import { beforeEach, expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { fixPlan } from '../../../../src/app/fix.ts';
import { openProject } from '../../../../src/app/project.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import type { Step } from '../../../../src/model/index.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { loginOf, manifestOf, session, wipe, type Workplace, workplace } from './harness.ts';

const app = (name: string): string => `  ${name}: { uses: { main: { connections: 5 } } }\n`;
const apps = `apps:\n${app('shop')}${app('blog')}`;
const kim = 'known: [{ user: kim, on: main, why: tests }, { user: crew, on: main, why: tests }]\n';

const shortly = (steps: readonly Step[]): readonly string[] =>
  [...new Set(steps.flatMap(({ losses = [] }) => losses.flatMap(({ who, what }) => what.map((one) => `${who}: ${one}`))))].sort();
const texts = (steps: readonly Step[]): readonly string[] =>
  [...new Set(steps.flatMap(({ commands }) => commands.flatMap(({ text }) => (/^(?:GRANT|REVOKE)/.test(text) ? [text] : []))))].sort();

async function look(place: Workplace) {
  const project = await openProject({ cwd: place.folder, env: place.env });
  const { report } = await verifyProject(project, { seed: 3 });
  return { findings: report.findings, steps: fixPlan(project, report).steps };
}

/** Depth 0: the role that everybody has holds the grant itself. */
describeEachMysql('a role that everybody has', { versions: 'all', settings: { 'loose-activate-all-roles-on-login': 1 } }, (server) => {
  beforeEach(async () => {
    if (server().flavor === 'mysql') await ask(server(), "SET GLOBAL mandatory_roles = ''");
    await wipe(server());
  });

  const make = async (...statements: readonly string[]): Promise<void> => {
    for (const sql of statements) await ask(server(), sql);
  };
  const role = (name: string): string => (server().flavor === 'mariadb' ? name : `'${name}'@'%'`);
  const key = (name: string): string => (server().flavor === 'mariadb' ? `${name}@` : `${name}@%`);
  const account = (name: string): string => `CREATE USER '${name}'@'%' IDENTIFIED BY 'x'`;
  /** A chain of roles, of which everybody has the last one and the first one holds the grant. */
  const chain = async (depth: number, grant: string): Promise<void> => {
    const names = ['holder', 'middle', 'outmost'].slice(0, depth + 1);
    for (const [at, name] of names.entries()) {
      await make(`CREATE ROLE ${role(name)}`);
      if (at > 0) await make(`GRANT ${role(names[at - 1] ?? '')} TO ${role(name)}`);
    }
    const last = names.at(-1) ?? '';
    await make(`GRANT ${grant} TO ${role('holder')}`);
    await make(server().flavor === 'mariadb' ? `GRANT ${last} TO PUBLIC` : `SET GLOBAL mandatory_roles = '${last}'`);
  };
  const does = async (user: string, sql: string): Promise<boolean> =>
    await ask({ ...server(), user, password: 'x' }, sql).then(
      () => true,
      () => false,
    );
  const blogDoes = async (place: Workplace, sql: string): Promise<boolean> =>
    await ask({ ...loginOf(await place.reveal('blog')), database: 'blog' }, sql).then(
      () => true,
      () => false,
    );

  it.each([
    [0, 'shop.*'],
    [1, 'shop.*'],
    [2, 'shop.*'],
    [1, 'shop.orders'],
    [1, '`sho%`.*'],
    [0, '*.*'],
    [1, '*.*'],
    [2, '*.*'],
    [0, 'mysql.*'],
    [1, 'mysql.user'],
    [1, 'cotenant.*'],
  ] as const)('opens an app: %i roles further, on %s', { timeout: 120_000 }, async (depth, on) => {
    await using place = await workplace(server(), manifestOf(apps + kim));
    await place.apply();
    await place.as('shop', 'CREATE TABLE orders (id INT)');
    await make(account('kim'), account('zed'));
    await chain(depth, `SELECT ON ${on}`);
    // Who is known has the role itself as well, a role too.
    const last = role(['holder', 'middle', 'outmost'][depth] ?? '');
    await make(`CREATE ROLE ${role('crew')}`, `GRANT ${last} TO 'kim'@'%'`, `GRANT ${last} TO ${role('crew')}`);
    const read = `SELECT * FROM ${on.startsWith('mysql') ? 'mysql.user' : on.startsWith('cotenant') ? 'cotenant.ledger' : 'shop.orders'} LIMIT 1`;
    expect([await blogDoes(place, read), await does('zed', read)]).toEqual([true, true]);
    await using held = await session({ ...server(), user: 'zed', password: 'x', database: 'information_schema' });
    await held.query(read);
    const planned = (await place.plan()).plan.steps;
    const what = on.startsWith('`') ? 'SELECT on pattern sho%.* (shop, what is made later under such a name)' : `SELECT on ${on}`;
    expect(shortly(planned)).toContain(`zed@%: ${what}`);
    expect(shortly(planned).filter((one) => /^(?:kim|crew)@/.test(one))).toEqual([]);
    const found = await look(place);
    // On everything, the server's own tables are reached besides.
    if (!['*.*', 'mysql.*'].includes(on))
      expect(found.findings.filter(({ half }) => half === 'attack').map(({ statement, answer }) => `${statement}: ${answer}`)).toEqual([]);
    expect(found.findings.filter(({ why }) => why.includes('according to the catalogs it could not'))).toEqual([]);
    expect(texts(found.steps)).toEqual(texts(planned));
    expect(shortly(found.steps).filter((one) => !one.startsWith('shop'))).toEqual(
      shortly(planned).filter((one) => !one.startsWith('shop')),
    );
    expect((await place.cli('apply', '--yes', '--no-input', `--confirm=${key('holder')}`)).stderr).toContain('zed@%');
    expect((await place.apply()).ending).toBe('done');
    expect([await blogDoes(place, read), await does('zed', read)]).toEqual([false, false]);
    await expect(held.query(read)).rejects.toThrow();
    expect(await does('kim', read)).toBe(true);
    expect((await place.plan()).plan.steps).toEqual([]);
    expect((await look(place)).findings).toEqual([]);
  });
});
