import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { TenantSession } from '../../../../src/engines/mysql/verify/tenant-session.ts';
import { ground, seedTables } from './harness.ts';

const settings = { 'disable-log-bin': 0, 'log-bin': 'changes' };

describeEachMysql('a verify as somebody who may do everything', { versions: 'all', settings }, (server, version) => {
  const isMariadb = version.startsWith('mariadb');
  const OBSERVED = [
    `SELECT User, Host, max_user_connections, max_questions, Super_priv FROM mysql.user ORDER BY 1, 2`,
    `SELECT * FROM mysql.db ORDER BY 1, 2, 3`,
    'SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES ORDER BY 1, 2',
    'SELECT ROUTINE_SCHEMA, ROUTINE_NAME FROM information_schema.ROUTINES ORDER BY 1, 2',
    'SELECT SCHEMA_NAME FROM information_schema.SCHEMATA ORDER BY 1',
    'SELECT PLUGIN_NAME FROM information_schema.PLUGINS ORDER BY 1',
    // What nobody wrote there changed nothing, nor did it for a moment.
    isMariadb ? 'SHOW MASTER STATUS' : 'SHOW BINARY LOG STATUS',
    // Who set it last, and when; that it was set to what it was is a change as well.
    isMariadb
      ? 'SELECT VARIABLE_NAME, GLOBAL_VALUE_ORIGIN FROM information_schema.SYSTEM_VARIABLES ORDER BY 1'
      : "SELECT VARIABLE_SOURCE, SET_TIME FROM performance_schema.variables_info WHERE VARIABLE_NAME = 'max_connections'",
  ];

  it('changes nothing that nothing takes back, and sees that it may', { timeout: 180_000 }, async () => {
    await using made = await ground(server());
    await seedTables(made);
    for (const user of ['m_a_user', 'plain_user']) await ask(server(), `GRANT ALL ON *.* TO '${user}'@'%' WITH GRANT OPTION`);
    // Somebody's own limit, stricter than the manifest's, and hours that somebody has used up.
    await ask(server(), "ALTER USER 'm_a_user'@'%' WITH MAX_USER_CONNECTIONS 4");
    await ask(server(), "CREATE USER 'counted'@'%' IDENTIFIED BY 'x' WITH MAX_CONNECTIONS_PER_HOUR 2");
    const place = { host: server().host, port: server().port, ssl: null };
    const enters = async (): Promise<string> => {
      const entered = await TenantSession.enter(place, 'counted', 'x', 5000);
      if (!(entered instanceof TenantSession)) return entered.code;
      await entered[Symbol.asyncDispose]();
      return 'in';
    };
    expect([await enters(), await enters(), await enters()]).toEqual(['in', 'in', '1226']);
    const seen = async (): Promise<readonly unknown[]> => await Promise.all(OBSERVED.map(async (sql) => [sql, await ask(server(), sql)]));
    const before = await seen();
    const { findings } = await made.verify();
    expect(await seen()).toEqual(before);
    expect(await enters()).toBe('1226');
    // What the attacks find is what the server's own tables say, of each thing by itself.
    expect(findings.filter(({ verdict }) => verdict === 'UNPROVEN')).toEqual([]);
    const reached = findings.filter(({ probe, half }) => probe === 'MY-Y17' && half === 'both');
    expect(reached.map(({ from, verdict }) => [from, verdict])).toEqual([
      ['m_a', 'BREACH'],
      ['plain', 'BREACH'],
    ]);
    // The server asks for the right before it finds that there is nothing to do.
    const relay = isMariadb ? "FLUSH RELAY LOGS 'cotenant_probe_none'" : "FLUSH RELAY LOGS FOR CHANNEL 'cotenant_probe_none'";
    for (const [sql, errno] of [
      ["SET GLOBAL max_connections = 'cotenant'", 1232],
      [relay, isMariadb ? 1617 : 3074],
    ] as const) {
      await expect(made.place.as('m_a', sql), sql).rejects.toMatchObject({ errno });
      await expect(made.place.as('mxb', sql), sql).rejects.toMatchObject({ errno: 1227 });
    }
  });
});
