import { beforeEach, expect, it } from 'vitest';
import { openProject } from '../../../../src/app/project.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { loginOf, manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const apps = `apps:
  shop: { uses: { main: { connections: 5 } } }
  blog: { uses: { main: { connections: 5, hosts: ['127.0.0.1'], names: { login: kim } } } }
`;
const known = "known: [{ user: 'kim@%', on: main, why: tests }]\n";

/** Below the level of the server a row counts for every session of its user from a host that fits, whichever account let it in. */
describeEachMysql('an account of an app’s user for more hosts', { versions: 'all' }, (server) => {
  beforeEach(async () => await wipe(server()));

  const blogReads = async (place: Workplace): Promise<boolean> =>
    await ask({ ...loginOf(await place.reveal('blog')), database: 'blog' }, 'SELECT * FROM shop.orders').then(
      () => true,
      () => false,
    );
  const findings = async (place: Workplace) => {
    const project = await openProject({ cwd: place.folder, env: place.env });
    const { report } = await verifyProject(project, { seed: 3 });
    return report.findings.map(({ probe, from, to, verdict }) => `${verdict} ${probe} ${from} > ${to}`);
  };

  it('gives the app what it has: verify says so', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf(apps + known));
    await place.apply();
    await place.as('shop', 'CREATE TABLE orders (id INT)');
    await place.root("CREATE USER 'kim'@'%' IDENTIFIED BY 'x'");
    expect(await findings(place)).toEqual([]);
    await place.root("GRANT SELECT ON shop.* TO 'kim'@'%'");
    expect(await blogReads(place)).toBe(true);
    expect(await findings(place)).toContainEqual(expect.stringMatching(/^BREACH MY-\w+ blog > shop$/));
  });

  it('gets nothing by name that the app would have by it', { timeout: 120_000 }, async () => {
    const isMaria = server().flavor === 'mariadb';
    await using place = await workplace(server(), manifestOf(apps + known));
    await place.apply();
    await place.as('shop', 'CREATE TABLE orders (id INT)');
    await place.root("CREATE USER 'kim'@'%' IDENTIFIED BY 'x'");
    if (isMaria) await place.root('GRANT SELECT ON shop.* TO PUBLIC');
    else
      for (const sql of ["INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('127.%', 'shop', '', 'Y')", 'FLUSH PRIVILEGES'])
        await place.root(sql);
    expect(await blogReads(place)).toBe(true);
    const { plan } = await place.plan();
    const texts = plan.steps.flatMap(({ commands }) => commands.map(({ text }) => text));
    expect(texts.filter((text) => /^GRANT .* TO 'kim'/.test(text))).toEqual([]);
    expect(plan.steps.flatMap(({ losses = [] }) => losses.map(({ who }) => who))).toContain('kim@%');
    await place.apply();
    expect(await blogReads(place)).toBe(false);
    expect((await place.plan()).plan.steps).toEqual([]);
    expect(await findings(place)).toEqual([]);
  });
});
