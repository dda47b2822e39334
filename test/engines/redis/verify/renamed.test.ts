import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import type { RedisServer } from '../runtime.ts';
import { ask } from '../../../../src/engines/redis/local/client.ts';
import { TenantSession } from '../../../../src/engines/redis/verify/tenant-session.ts';
import { manifestOf, type Workplace, workplace } from '../lifecycle/harness.ts';

const apps = manifestOf('apps:\n  shop: { uses: { main: {} } }\n  blog: { uses: { main: {} } }\nreaders:\n  lens: { reads: [shop] }\n');

async function rename(server: RedisServer, ...lines: readonly string[]): Promise<void> {
  const file = join(server.dataDir, 'renamed.conf');
  await writeFile(file, lines.map((line) => `rename-command ${line}\n`).join(''), { mode: 0o644 });
  await server.restart({ include: file });
}

const shortly = async (place: Workplace): Promise<readonly string[]> =>
  (await place.verify()).findings.map(({ verdict, probe, from, answer }) => `${verdict} ${probe} ${from ?? ''}: ${answer}`);

describeEachRedis('a server whose configuration gives commands other names', {}, (server) => {
  it('is no breach, and a right to one of them is found by its rule', async () => {
    const hidden = ['FLUSHALL ""', 'MONITOR ""', 'SHUTDOWN ""', 'DEBUG ""'];
    const renamed = [
      'FLUSHDB WIPE',
      'KEYS FIND',
      'PSYNC COPYALL',
      'SCRIPT RUN',
      'GETDEL TAKE',
      'SSUBSCRIBE HEAR',
      'LMPOP PULL',
      'UNLINK PUT',
    ];
    await rename(server(), ...hidden, ...renamed);
    await using place = await workplace(server(), apps);
    expect((await place.apply()).ending).toBe('done');
    expect(await shortly(place)).toEqual([]);
    expect((await place.plan()).plan.steps).toEqual([]);
    await place.admin('ACL', 'SETUSER', 'shop', '+flushdb', '(+keys ~*)');
    await place.admin('SET', 'blog:x', '1');
    expect(await place.as('shop', 'WIPE')).toBe('OK');
    const found = await shortly(place);
    expect(found).toContain('BREACH RD-K02 shop: the rule +flushdb, whatever the command is called here');
    expect(found.some((one) => one.includes('RD-K11 shop: the rule +keys'))).toBe(true);
    expect((await place.apply()).ending).toBe('done');
    expect(await shortly(place)).toEqual([]);
  });
});

describeEachRedis('a server that has renamed what cotenant needs', {}, (server) => {
  it('is told to give it back, and keeps its data where a delete needs it', async () => {
    await using place = await workplace(server(), apps);
    expect((await place.apply()).ending).toBe('done');
    await rename(server(), 'UNLINK ""', 'CONFIG CFG');
    await place.as('blog', 'SET', 'blog:x', '1');
    const alone = 'apps:\n  shop: { uses: { main: {} } }\n';
    await place.write(manifestOf(alone));
    expect((await place.apply()).ending).toBe('done');
    await place.write(manifestOf(`${alone}removal: delete\n`));
    const failed = await place.apply({ confirm: ['blog', 'lens'] });
    expect(failed.diagnostics.map(({ code, hint }) => [code, hint])).toContainEqual(['CT3003', expect.stringContaining('UNLINK')]);
    expect(await place.admin('GET', 'blog:x')).toBe('1');
    await rename(server());
    await place.admin('SET', 'blog:x', '1');
    expect((await place.apply({ confirm: ['blog', 'lens'] })).ending).toBe('done');
    expect(await place.admin('GET', 'blog:x')).toBe(null);
    for (const name of ['CLIENT', 'ACL', 'COMMAND']) {
      await rename(server(), `${name} HIDDEN`);
      const { plan } = await place.plan();
      expect(plan.diagnostics.map(({ hint }) => hint)).toContainEqual(expect.stringContaining(`give ${name} its own name back`));
    }
  });
});

describeEachRedis('a server that cannot answer', {}, (server) => {
  const target = () => ({
    host: server().host,
    port: server().port,
    user: 'admin',
    password: server().password,
    tls: null,
  });
  const outcome = async (login: { user: string; password: string } | null): Promise<string> => {
    const entered = await TenantSession.enter(target(), login, 5000);
    if (!(entered instanceof TenantSession)) return entered.outcome;
    await entered[Symbol.asyncDispose]();
    return 'in';
  };

  it('lets nobody in, and is no breach for it', async () => {
    const wrong = { user: 'admin', password: 'wrong' };
    expect(await outcome(wrong)).toBe('denied');
    const [, before] = (await ask(server(), 'CONFIG', 'GET', 'maxclients')) as [string, string];
    await ask(server(), 'CONFIG', 'SET', 'maxclients', '1');
    await using first = (await TenantSession.enter(target(), { user: 'admin', password: server().password }, 5000)) as TenantSession;
    expect(await outcome(wrong)).toBe('broken');
    expect(await outcome(null)).toBe('broken');
    expect((await first.attempt(['CONFIG', 'SET', 'maxclients', before])).outcome).toBe('succeeded');
    expect(await outcome(wrong)).toBe('denied');
  });

  it('says neither yes nor no to a command that it does not take', async () => {
    await ask(server(), 'ACL', 'SETUSER', 'some', 'on', '>secret', '~mine:*', 'resetchannels', '+@all', '-@dangerous');
    await using some = (await TenantSession.enter(target(), { user: 'some', password: 'secret' }, 5000)) as TenantSession;
    const tried = async (...words: readonly string[]): Promise<string> => (await some.attempt(words)).outcome;
    expect(await tried('NOSUCH', 'other:x')).toBe('broken');
    expect(await tried('OBJECT', 'NOSUCH', 'other:x')).toBe('broken');
    expect(await tried('GET')).toBe('broken');
    expect(await tried('GET', 'other:x')).toBe('denied');
    expect(await tried('GET', 'mine:x')).toBe('succeeded');
    await ask(server(), 'CONFIG', 'SET', 'maxmemory', '1');
    expect(await tried('SET', 'other:x', '1')).toBe('denied');
    expect(await tried('SET', 'mine:x', '1')).toBe('broken');
    await ask(server(), 'CONFIG', 'SET', 'maxmemory', '0');
    await ask(server(), 'CONFIG', 'SET', 'min-replicas-to-write', '3');
    expect(await tried('SET', 'mine:x', '1')).toBe('broken');
    await ask(server(), 'CONFIG', 'SET', 'min-replicas-to-write', '0');
    await ask(server(), 'REPLICAOF', '127.0.0.1', '1');
    expect(await tried('SET', 'other:x', '1')).toBe('denied');
    expect(await tried('SET', 'mine:x', '1')).toBe('broken');
    await ask(server(), 'REPLICAOF', 'NO', 'ONE');
  });
});
