import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { describeEachPostgres } from '../../support/engines.ts';
import { at, query } from '../../support/query.ts';
import { localMachine } from '../../../src/runtime/index.ts';
import { manifestOf, until, type Workplace, workplace } from './lifecycle/harness.ts';
import type { PostgresServer } from './runtime.ts';
import { serverEnv, writeSettings } from '../../../src/engines/postgres/local/init.ts';

const apps = `apps:
  shop: { uses: { main: { connections: 5 } } }
  blog: { uses: { main: { isolation: schema, database: shared, connections: 5 } } }
  team: { uses: { main: { isolation: rows, database: pool, connections: 5 } } }
`;

/** A second server that follows the first one. Gives its port. */
async function follow(primary: PostgresServer): Promise<number> {
  const machine = localMachine();
  const folder = await machine.tempFolder('cotenant-standby-', '/dev/shm');
  const data = join(folder.path, 'data');
  const client = new Client({ connectionString: primary.url });
  await client.connect();
  const [start, stop] = primary.major >= 15 ? ['pg_backup_start', 'pg_backup_stop()'] : ['pg_start_backup', 'pg_stop_backup(false)'];
  await client.query(primary.major >= 15 ? `SELECT ${start}('x', true)` : `SELECT ${start}('x', true, false)`);
  await machine.copyTree(primary.dataDir, data);
  const { rows } = await client.query<{ labelfile: string }>(`SELECT labelfile FROM ${stop}`);
  await client.end();
  await rm(join(data, 'postmaster.pid'), { force: true });
  await writeFile(join(data, 'backup_label'), rows[0]?.labelfile ?? '');
  await writeFile(join(data, 'standby.signal'), '');
  const port = await machine.freePort();
  await writeSettings(machine, data, {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    primary_conninfo: `host=127.0.0.1 port=${primary.port} user=postgres password=${primary.password}`,
    fsync: false,
  });
  await machine.chownToServer(data);
  const process = await machine.start(join(primary.binDir, 'postgres'), ['-D', data], {
    env: serverEnv,
    logFile: join(folder.path, 'server.log'),
    stopSignals: ['SIGINT', 'SIGQUIT'],
    watchParent: { remove: [folder.path] },
  });
  stopLater.push(async () => {
    await process.stop();
    await folder.remove();
  });
  const answers = (): Promise<boolean> =>
    query(at(primary.url, { port }), 'SELECT 1').then(
      () => true,
      () => false,
    );
  await machine.untilReady(process, answers, 60_000);
  return port;
}

const stopLater: (() => Promise<void>)[] = [];

describeEachPostgres('a standby', { versions: 'ends' }, (server) => {
  let place: Workplace;
  let port = 0;
  const onStandby = (more = apps): Promise<void> => place.write(manifestOf(more).replace('${PGPORT}', String(port)));

  beforeAll(async () => {
    place = await workplace(server(), manifestOf(`${apps}  late: { uses: { main: { connections: 5 } } }\n`));
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    await place.write(manifestOf(apps));
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    port = await follow(server());
    const [now] = await query(server().url, 'SELECT pg_current_wal_lsn()::text AS lsn');
    await until(at(server().url, { port }), 'SELECT 1 WHERE pg_last_wal_replay_lsn() >= $1::pg_lsn', [now?.['lsn']]);
    await onStandby();
    return async () => {
      await place[Symbol.asyncDispose]();
      for (const stop of stopLater.splice(0)) await stop();
    };
  });

  const once = /^(?=[^]*CT2042[^]*is a standby)(?![^]*is a standby[^]*is a standby)(?![^]*CT(?:3003|9001))/;

  it.each([
    ['plan', ['plan']],
    ['apply', ['apply', '--yes']],
    ['verify', ['verify']],
    ['verify --fix', ['verify', '--fix', '--yes']],
    ['restore-app', ['restore-app', 'late', '--yes']],
  ])('%s says so, once, and changes nothing', async (_, args) => {
    const { code, stdout, stderr } = await place.cli(...args);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(once) as unknown });
    expect(stdout).not.toMatch(/match the manifest|No changes|to add/);
  });

  it('is refused with something to do as well, and with a removal', async () => {
    onTestFinished(async () => await onStandby());
    await onStandby(apps.replace('shop', 'more'));
    const { plan } = await place.plan();
    expect(plan).toMatchObject({ steps: [], unreached: [], diagnostics: [{ code: 'CT2042', severity: 'error' }] });
  });

  it('is told by status, with the apps that are there', async () => {
    const { placements, diagnostics } = await place.status();
    expect(placements.map(({ app, state }) => `${app} ${state}`)).toEqual(
      expect.arrayContaining(['shop ready', 'blog ready', 'team ready']),
    );
    expect(diagnostics.map(({ code }) => code)).toEqual(['CT2042']);
  });

  describe('default_transaction_read_only and tight timeouts of the operator', () => {
    it('are no standby: a plan goes through them', async () => {
      const { url } = server();
      await query(
        url,
        `ALTER ROLE postgres SET default_transaction_read_only = on; ALTER DATABASE postgres SET default_transaction_read_only = on;
        ALTER ROLE postgres SET statement_timeout = '50ms'; ALTER ROLE postgres SET lock_timeout = '10ms'`,
      );
      await place.write(manifestOf(apps));
      const { plan } = await place.plan();
      expect(plan.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(await place.apply()).toMatchObject({ ending: 'nothing-to-do' });
    });
  });
});
