import { beforeAll, expect, it } from 'vitest';
import { ask } from '../../../../src/engines/redis/local/client.ts';
import { checks } from '../../../../src/engines/redis/doctor/checks.ts';
import { found, look } from '../../../support/doctor.ts';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { manifestOf, type Workplace, workplace } from '../lifecycle/harness.ts';

const manifest = manifestOf('apps:\n  shop: { uses: { main: {} } }\n  blog: { uses: { main: {} } }\nreaders:\n  lens: { reads: [shop] }\n');
/** No version of these tests was at its end then, but Redis 7.0. */
const now = new Date('2026-01-01');

describeEachRedis('doctor', {}, (server, version) => {
  let place: Workplace;

  beforeAll(async () => {
    place = await workplace(server(), manifest);
    expect((await place.apply()).ending).toBe('done');
    await place.admin('CONFIG', 'SET', 'maxmemory', '100mb', 'maxmemory-policy', 'noeviction', 'save', '3600 1');
    return async () => await place[Symbol.asyncDispose]();
  });

  it('finds nothing on a server that nothing ails, with five commands for any number of apps', async () => {
    const { report } = await look(place, { now });
    expect(report.findings.filter(({ id }) => id !== 'CT-D105' || version !== 'redis7')).toEqual([]);
    expect(report.blind).toEqual([]);
    expect(report.instances[0]?.checks).toEqual(checks.map(({ id }) => id).sort());
    expect(report.instances[0]?.statements).toBe(5);
  });

  it('memory without a limit, nearly full, and keys that are thrown away', async () => {
    await place.admin('CONFIG', 'SET', 'maxmemory', '0');
    expect(await found(place, ['CT-D401', 'CT-D402', 'CT-D403'])).toMatchObject([
      { id: 'CT-D401', severity: 'warning', evidence: { policy: 'noeviction' } },
    ]);
    await place.admin('CONFIG', 'SET', 'maxmemory', '100mb', 'maxmemory-policy', 'allkeys-lru');
    expect(await found(place, ['CT-D401', 'CT-D402', 'CT-D403'])).toMatchObject([{ id: 'CT-D402', severity: 'error' }]);
    await place.admin('CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl');
    expect(await found(place, ['CT-D402'])).toMatchObject([{ severity: 'warning' }]);
    await place.write(manifest.replace('apps:', '    eviction: allow\napps:'));
    expect(await found(place, ['CT-D402'])).toEqual([]);
    await place.write(manifest);
    const [finding] = await found(place, ['CT-D402']);
    await place.admin(...(finding?.remedy[0]?.text ?? '').split(' '));
    expect(await found(place, ['CT-D402'])).toEqual([]);
    const used = Number(/^used_memory:(\d+)/m.exec(String(await place.admin('INFO', 'memory')))?.[1]);
    await place.admin('CONFIG', 'SET', 'maxmemory', String(Math.floor(used * 1.15)));
    expect(await found(place, ['CT-D403'])).toMatchObject([{ severity: 'warning' }]);
    await place.admin('CONFIG', 'SET', 'maxmemory', String(Math.floor(used * 0.9)));
    expect(await found(place, ['CT-D403'])).toMatchObject([{ severity: 'error' }]);
    await place.admin('CONFIG', 'SET', 'maxmemory', '100mb');
  });

  it('saving that fails, and keys that are never saved', async () => {
    await place.as('shop', 'SET', 'shop:a', 'b');
    await place.admin('CONFIG', 'SET', 'save', '');
    expect(await found(place, ['CT-D404', 'CT-D405'])).toMatchObject([{ id: 'CT-D405', severity: 'info' }]);
    // A folder in its place: a file cannot be moved there.
    const dir = String(((await place.admin('CONFIG', 'GET', 'dir')) as readonly unknown[])[1]);
    const { mkdir, rm } = await import('node:fs/promises');
    await rm(`${dir}/dump.rdb`, { force: true });
    await mkdir(`${dir}/dump.rdb/x`, { recursive: true });
    await place.admin('BGSAVE').catch(() => undefined);
    const status = async (): Promise<string> => String(await place.admin('INFO', 'persistence'));
    while (!/rdb_last_bgsave_status:err/.test(await status())) await place.admin('PING');
    expect(await found(place, ['CT-D404'])).toMatchObject([{ severity: 'error', evidence: { rdb_last_bgsave_status: 'err' } }]);
    await rm(`${dir}/dump.rdb`, { recursive: true });
    await place.admin('BGSAVE');
    while (/rdb_last_bgsave_status:err|rdb_bgsave_in_progress:1/.test(await status())) await place.admin('PING');
    await place.admin('CONFIG', 'SET', 'save', '3600 1');
    expect(await found(place, ['CT-D404', 'CT-D405'])).toEqual([]);
  });

  it('a login that is gone, and a server that nearly nobody else can reach', async () => {
    await place.admin('ACL', 'DELUSER', 'shop');
    expect(await found(place, ['CT-D102'])).toMatchObject([{ severity: 'error', apps: ['shop'], what: 'shop lacks login "shop"' }]);
    expect((await place.apply()).ending).toBe('done');
    expect(await found(place, ['CT-D102'])).toEqual([]);
    const clients = await found(place, ['CT-D104'], { limits: { full: 1e-9 } });
    expect(clients).toEqual([]);
    const { REDIS_USERNAME: user = '', REDIS_PASSWORD: password = '' } = await place.reveal('shop');
    const waiting = ask({ host: server().host, port: server().port, user, password }, 'BLPOP', 'shop:never', '0').catch(() => null);
    while (!String(await place.admin('CLIENT', 'LIST')).includes('cmd=blpop')) await place.admin('PING');
    const [full] = await found(place, ['CT-D104'], { limits: { full: 1e-9 } });
    expect(full?.evidence).toMatchObject({ shop: 1 });
    await place.admin('CLIENT', 'KILL', 'USER', 'shop');
    await waiting;
  });

  it('a replica without its primary', async () => {
    await place.admin('REPLICAOF', '127.0.0.1', '1');
    expect(await found(place, ['CT-D406'])).toMatchObject([{ severity: 'warning', evidence: { primary: '127.0.0.1:1' } }]);
    await place.admin('REPLICAOF', 'NO', 'ONE');
    expect(await found(place, ['CT-D406'])).toEqual([]);
  });

  it('names no secret, and says what it may not ask', async () => {
    const { REDIS_PASSWORD: secret = '' } = await place.reveal('shop');
    await place.as('shop', 'SET', 'shop:secret', secret);
    await place.admin('CONFIG', 'SET', 'maxmemory', '0');
    expect(JSON.stringify(await look(place))).not.toContain(secret);
    await place.admin('CONFIG', 'SET', 'maxmemory', '100mb');
    await place.admin('ACL', 'SETUSER', 'watcher', 'on', '>w', '+@all', '-config', '~*');
    const blind = await workplace({ ...server(), password: 'w' }, manifest.replace('redis://admin@', 'redis://watcher@'));
    expect((await look(blind)).report.blind).toMatchObject([{ checks: ['CT-D405'], why: expect.stringContaining('NOPERM') as unknown }]);
    await blind[Symbol.asyncDispose]();
    await place.admin('ACL', 'DELUSER', 'watcher');
  });
});
