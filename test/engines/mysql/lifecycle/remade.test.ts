import { beforeEach, expect, it } from 'vitest';
import { openProject } from '../../../../src/app/project.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { loginOf, manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const shop = '  shop: { uses: { main: { connections: 5 } } }\n';
const blog = '  blog: { uses: { main: { connections: 5 } } }\n';
const manifest = (apps: string, more = ''): string => manifestOf(`apps:\n${apps}${more}`);
const known = "known: [{ user: 'shop_user@%', on: main, why: somebody }]\n";
const user = "'shop_user'@'%'";

describeEachMysql('an account that somebody made anew under the name of a retired app’s', { versions: 'kinds' }, (server) => {
  let place: Workplace;

  beforeEach(async () => {
    await wipe(server());
    place = await workplace(server(), manifest(shop + blog));
    expect((await place.apply()).ending).toBe('done');
    await place.as('shop', 'CREATE TABLE orders (n INT)');
    await place.write(manifest(blog));
    expect((await place.apply()).ending).toBe('done');
    await place.root('CREATE DATABASE own');
    await place.root(`DROP USER ${user}`);
    await place.root(`CREATE USER ${user} IDENTIFIED BY 'A-long-1-word'`);
    await place.root(`GRANT ALL ON own.* TO ${user}`);
  });

  const stranger = async (sql: string): Promise<unknown> =>
    await ask({ host: server().host, port: server().port, user: 'shop_user', password: 'A-long-1-word', database: 'own' }, sql).then(
      () => 'open',
      () => 'closed',
    );
  /** Told, and agreed to nothing. */
  const applied = async (...confirm: readonly string[]) => await place.cli('apply', '--yes', ...confirm.map((one) => `--confirm=${one}`));

  it('is told and wants its own consent before it is closed', { timeout: 120_000 }, async () => {
    const { plan } = await place.plan();
    expect(plan.diagnostics.flatMap(({ code, message }) => (code === 'CT2071' ? [message] : []))).toEqual([
      expect.stringContaining('account "shop_user@%" on "main"') as unknown,
    ]);
    const losses = plan.steps.flatMap((step) => (step.losses ?? []).map(({ who, of }) => [who, of]));
    expect(losses).toEqual(expect.arrayContaining([['shop_user@%', null]]));
    expect((await applied()).code).not.toBe(0);
    expect(await stranger('SELECT 1')).toBe('open');
    await place.write(manifest(blog, known));
    expect((await applied()).code).toBe(0);
    expect(await stranger('SELECT 1')).toBe('open');
    expect((await place.plan()).plan).toMatchObject({ steps: [], diagnostics: [] });
    const { report } = await verifyProject(await openProject({ cwd: place.folder, env: place.env }), { seed: 3 });
    expect(report.findings.filter((one) => JSON.stringify(one).includes('shop_user'))).toEqual([]);
  });

  it.each([
    ['', ''],
    ['and is known', known],
  ])('is not dropped with the app %s', { timeout: 120_000 }, async (_how, more) => {
    await place.write(manifest(blog, `removal: delete\n${more}`));
    await applied('shop');
    expect(await stranger('SELECT 1')).toBe('open');
    await applied('shop', 'shop_user@%');
    await applied('shop');
    expect(await place.root("SELECT User AS u FROM mysql.user WHERE User LIKE 'shop%'")).toEqual([{ u: 'shop_user' }]);
    expect(await place.root("SHOW DATABASES LIKE 'shop'")).toEqual([]);
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('is not handed to the app that comes back, unless somebody says that it is the app’s', { timeout: 120_000 }, async () => {
    await place.write(manifest(shop + blog));
    const restored = await place.restore('shop');
    expect(restored.ending).toBe('failed');
    const [told] = restored.diagnostics.filter(({ code }) => code === 'CT2005');
    expect(told?.message).toContain('"shop_user@%"');
    expect((await place.apply()).ending).toBe('failed');
    expect(await stranger('SELECT 1')).toBe('open');
    await place.root(/(UPDATE .*?) says that/.exec(told?.hint ?? '')?.[1] ?? '');
    expect((await place.restore('shop')).ending).toBe('done');
    expect((await place.apply()).ending).toBe('done');
    expect(await ask(loginOf(await place.reveal('shop')), 'SELECT * FROM orders')).toEqual([]);
  });

  it('is another one than an account whose lock alone somebody took off', { timeout: 120_000 }, async () => {
    await place.root("ALTER USER 'shop_user_2'@'%' ACCOUNT UNLOCK");
    const { plan } = await place.plan();
    expect(plan.diagnostics.filter(({ code, message }) => code === 'CT2071' && message.includes('shop_user_2'))).toEqual([]);
    expect(plan.steps.flatMap(({ losses = [] }) => losses.map(({ who, of }) => [who, of]))).toContainEqual(['shop_user_2@%', 'shop']);
  });
});
