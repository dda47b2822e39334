import { beforeEach, expect, it } from 'vitest';
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
    expect(losses).toContain('old@% of legacy: more than 20 sessions at a time');
    if (server().flavor === 'mariadb') expect(losses).toContain('old@% of legacy: statements that take longer than 30 s');
    expect((await place.apply()).ending).toBe('done');
    // Its own app lowers it: only sessions that are too many now are told.
    await place.write(manifest(10));
    expect(await lossesOf(place)).toEqual([]);
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
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
