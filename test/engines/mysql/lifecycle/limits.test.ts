import { createConnection } from 'mysql2/promise';
import { beforeEach, expect, it } from 'vitest';
import { importServer } from '../../../../src/app/import.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const lossesOf = async (place: Workplace): Promise<readonly string[]> =>
  (await place.plan()).plan.steps.flatMap(({ losses = [] }) =>
    losses.flatMap(({ who, of, what }) => what.map((one) => `${who} of ${String(of)}: ${one}`)),
  );

describeEachMysql('limits', { versions: 'all' }, (server) => {
  beforeEach(async () => await wipe(server()));

  it('that an adopted login did not have are among what it loses', { timeout: 120_000 }, async () => {
    await ask(server(), 'CREATE DATABASE legacy');
    await ask(server(), "CREATE USER 'old'@'%' IDENTIFIED BY 'x'");
    await ask(server(), "GRANT ALL ON legacy.* TO 'old'@'%'");
    const manifest = (connections: number): string =>
      manifestOf(
        `apps:\n  legacy: { uses: { main: { adopt: true, connections: ${connections}, statementTimeout: 30s, names: { login: old } } } }\n`,
      );
    await using place = await workplace(server(), manifest(20));
    const losses = await lossesOf(place);
    expect(losses).toContain('old@% of legacy: more than 20 sessions at a time (there was no limit)');
    if (server().flavor === 'mariadb')
      expect(losses).toContain('old@% of legacy: statements that take longer than 30 s (there was no limit)');
    expect((await place.apply()).ending).toBe('done');
    await ask(server(), "ALTER USER 'old'@'%' WITH MAX_USER_CONNECTIONS 61");
    expect(await lossesOf(place)).toEqual(['old@% of legacy: more than 20 sessions at a time (it was 61)']);
    const { report } = await verifyProject(await place.open());
    const told = report.findings.flatMap(({ fix }) => fix.flatMap(({ losses = [] }) => losses.flatMap(({ who, what }) => [who, ...what])));
    expect(told).toEqual(['old@%', 'more than 20 sessions at a time (it was 61)']);
    await place.write(manifest(10));
    expect(await lossesOf(place)).toEqual(['old@% of legacy: more than 10 sessions at a time (it was 61)']);
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
  });
});

describeEachMysql('limits of an entry that gives none', { versions: 'kinds' }, (server) => {
  beforeEach(async () => await wipe(server()));
  const adopting = (more = ''): string =>
    manifestOf(`apps:\n  legacy: { uses: { main: { adopt: true, names: { login: old }${more} } } }\n`);

  it('leave an adopted account its own', { timeout: 120_000 }, async () => {
    await ask(server(), 'CREATE DATABASE legacy');
    await ask(server(), "CREATE USER 'old'@'%' IDENTIFIED BY 'x' WITH MAX_USER_CONNECTIONS 61");
    await ask(server(), "GRANT ALL ON legacy.* TO 'old'@'%'");
    await using place = await workplace(server(), adopting());
    expect((await lossesOf(place)).filter((one) => one.includes('sessions at a time'))).toEqual([]);
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
    const { report } = await verifyProject(await place.open());
    expect(report.findings.filter(({ statement }) => statement.startsWith('MAX_USER_CONNECTIONS'))).toEqual([]);
    await place.write(adopting(', connections: 9'));
    expect(await lossesOf(place)).toEqual(['old@% of legacy: more than 9 sessions at a time (it was 61)']);
  });

  it('leave it those that are tighter, and count them', { timeout: 120_000 }, async () => {
    const { flavor } = server();
    const more = flavor === 'mariadb' ? ' MAX_STATEMENT_TIME 7' : '';
    await ask(server(), 'CREATE DATABASE legacy');
    await ask(
      server(),
      `CREATE USER 'old'@'%' IDENTIFIED BY 'x' REQUIRE SSL WITH MAX_USER_CONNECTIONS 3 MAX_QUERIES_PER_HOUR 100000 MAX_CONNECTIONS_PER_HOUR 5000${more}`,
    );
    await ask(server(), "GRANT ALL ON legacy.* TO 'old'@'%'");
    const has = async () =>
      await ask(server(), "SELECT ssl_type, max_user_connections, max_questions, max_connections FROM mysql.user WHERE User = 'old'");
    const before = await has();
    await using place = await workplace(server(), adopting());
    const { fields = [] } = (await place.plan()).plan.steps.find(({ address }) => address.name === 'old@%') ?? {};
    expect(fields.flatMap(({ field }) => (/^max|ssl/.test(field) ? [field] : []))).toEqual([]);
    expect((await place.apply()).ending).toBe('done');
    expect(await has()).toEqual(before);
    expect((await place.plan()).plan.steps).toEqual([]);
    const { report } = await verifyProject(await place.open());
    expect(report.findings.filter(({ statement }) => statement.startsWith('MAX_'))).toEqual([]);
    await ask(server(), "ALTER USER 'old'@'%' WITH MAX_USER_CONNECTIONS 5000");
    const errors = (await place.plan()).plan.diagnostics.filter(({ severity }) => severity === 'error');
    expect(errors).toMatchObject([{ code: 'CT2004', message: expect.stringContaining('legacy 5000') }]);
    await place.write(adopting(', connections: 9'));
    expect(await lossesOf(place)).toEqual(['old@% of legacy: more than 9 sessions at a time (it was 5000)']);
  });

  it('count the sessions of the account itself, not those of another one of its name', { timeout: 120_000 }, async () => {
    await ask(server(), 'CREATE DATABASE legacy');
    for (const where of ['192.0.2.7', '127.0.0.1']) await ask(server(), `CREATE USER 'old'@'${where}' IDENTIFIED BY 'x'`);
    await ask(server(), "GRANT ALL ON legacy.* TO 'old'@'192.0.2.7'");
    const { host, port } = server();
    const sessions = await Promise.all(
      Array.from({ length: 24 }, async () => await createConnection({ host, port, user: 'old', password: 'x' })),
    );
    const errorsWith = async (from: string): Promise<readonly string[]> => {
      await using place = await workplace(server(), adopting(`, hosts: ['${from}']`));
      return (await place.plan()).plan.diagnostics.flatMap(({ code, severity }) => (severity === 'error' ? [code] : []));
    };
    expect(await errorsWith('192.0.2.7')).toEqual([]);
    expect(await errorsWith('127.0.0.1')).toContain('CT2070');
    await Promise.all(sessions.map((one) => one.end()));
  });

  it('refuse one that has more sessions open now, and an import gives it what it needs', { timeout: 120_000 }, async () => {
    await ask(server(), 'CREATE DATABASE legacy');
    await ask(server(), "CREATE USER 'old'@'%' IDENTIFIED BY 'x'");
    await ask(server(), "GRANT ALL ON legacy.* TO 'old'@'%'");
    const { host, port } = server();
    const open = async () => await createConnection({ host, port, user: 'old', password: 'x' });
    const sessions = await Promise.all(Array.from({ length: 24 }, open));
    await using place = await workplace(server(), adopting());
    expect((await place.plan()).plan.diagnostics.filter(({ severity }) => severity === 'error')).toMatchObject([
      { code: 'CT2070', message: expect.stringContaining('"old@%" has 24 sessions open') },
    ]);
    expect((await place.apply()).ending).toBe('failed');
    const { yaml } = await importServer({ url: `mysql://root@${host}:${port}`, password: server().password, env: {}, cwd: place.folder });
    expect(yaml).toContain('connections: 29');
    await place.write(adopting(', connections: 25'));
    expect((await place.apply()).ending).toBe('done');
    await Promise.all(sessions.map((one) => one.end()));
  });
});

describeEachMysql('an app', { versions: 'kinds' }, (server) => {
  it('may be called as what stands for the whole server', { timeout: 120_000 }, async () => {
    await wipe(server());
    for (const sql of ['CREATE DATABASE test', "CREATE USER ''@'127.0.0.9'", "CREATE USER 'late'@'%' IDENTIFIED BY 'x'"])
      await ask(server(), sql);
    await using place = await workplace(server(), manifestOf('apps:\n  server: { uses: { main: { connections: 5 } } }\n'));
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
    for (const sql of ["CREATE USER ''@'127.0.0.9'", "GRANT SELECT ON server.* TO 'late'@'%'"]) await ask(server(), sql);
    const { steps } = (await place.plan()).plan;
    expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length);
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
    await wipe(server());
  });
});
