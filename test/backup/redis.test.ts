import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drillApps } from '../../src/app/backup/drill.ts';
import { backupsOf } from '../../src/app/backup/find.ts';
import { restoreBackup } from '../../src/app/backup/restore.ts';
import { backupApps } from '../../src/app/backup/save.ts';
import { localInstallations, nameOf, unpackedInstallations } from '../../src/engines/redis/local/find.ts';
import { content } from '../engines/redis/backup/content.ts';
import { send } from '../engines/redis/backup/harness.ts';
import { manifestOf, wipe, type Workplace, workplace } from '../engines/redis/lifecycle/harness.ts';
import { findRestic } from '../engines/postgres/harness.ts';
import { execFile } from '../support/children.ts';
import { describeEachRedis } from '../support/engines-redis.ts';
import { cache } from '../support/places.ts';
import { endOf } from './ended.ts';

const PASSWORD = 'repository-canary-word';
const restic = findRestic(cache)?.folder ?? '/nowhere';
const manifest = manifestOf(
  'apps:\n  shop: { uses: { main: {} } }\n  copy: { uses: { main: {} } }\n  blog: { uses: { main: {} } }\nbackup: { repository: ./backups }\n',
);

/** How a run ended, with its errors. */
/** With what went wrong behind it. */
async function end(events: Parameters<typeof endOf>[0]): Promise<string> {
  const { ending, trouble } = await endOf(events);
  return [ending, trouble].filter((part) => part !== '').join(' ');
}

const options = { consent: async () => await Promise.resolve(true), lockTimeout: 60_000 };

describeEachRedis('backups in a repository', {}, (server, version) => {
  describe.skipIf(!existsSync(join(restic, 'restic')))('of restic', () => {
    let place: Workplace;
    const has = async (app: string) => {
      const { REDIS_USERNAME: user = '', REDIS_PASSWORD: password = '' } = await place.reveal(app);
      return { host: server().host, port: server().port, user, password };
    };
    beforeAll(async () => {
      await wipe(server());
      place = await workplace(server(), manifest, {
        PATH: [restic, process.env['PATH'] ?? ''].join(delimiter),
        RESTIC_PASSWORD: PASSWORD,
      });
      expect(await place.apply()).toMatchObject({ ending: 'done' });
      await send(await has('shop'), ...content('shop:', version === 'redis8' || version === 'valkey91'));
      await send(await has('blog'), ['SET', 'blog:a', 'of the neighbour']);
    });
    afterAll(async () => await place[Symbol.asyncDispose]());

    it('are made, cost nothing where nothing has changed, are proved and brought back', { timeout: 180_000 }, async () => {
      for (let at = 0; at < 2; at++) expect(await end(backupApps(await place.open(), ['shop'], options))).toBe('done');
      const [second, first] = await backupsOf(await place.open(), 'shop');
      expect(first?.bytes).toBeGreaterThan(1_000_000);
      expect(second?.added).toBeLessThan((first?.bytes ?? 0) / 100);
      expect(await end(drillApps(await place.open(), ['shop'], options))).toBe('done');
      expect((await backupsOf(await place.open(), 'shop')).map(({ proved }) => proved !== null)).toEqual([true, false]);
      const request = { app: 'shop', from: 'latest', as: 'copy' } as const;
      expect(await end(restoreBackup(await place.open(), request, options))).toBe('done');
      expect(await end(restoreBackup(await place.open(), request, options))).toMatch(
        /^failed CT4306: "copy" has something on "main" already/,
      );
      expect(await place.admin('DBSIZE')).toBe(1 + 2 * ((await place.admin('KEYS', 'shop:*')) as string[]).length);
      expect((await place.plan()).plan.steps).toEqual([]);
    });

    it('whose drill is killed are proved by the next one, which removes what was left', { timeout: 180_000 }, async () => {
      await send(await has('shop'), ...Array.from({ length: 6000 }, (_, at) => ['SET', `shop:many:${at}`, String(at)]));
      expect(await end(backupApps(await place.open(), ['shop'], options))).toBe('done');
      const killed = place.start('drill', 'shop');
      while (!String(await place.admin('INFO', 'keyspace')).includes('db15')) await sleep(2);
      killed.kill('SIGKILL');
      await killed.done;
      expect(String(await place.admin('ACL', 'USERS'))).toContain('cotenant:drill-');
      expect(await end(drillApps(await place.open(), ['shop'], options))).toBe('done');
      expect(String(await place.admin('ACL', 'USERS'))).not.toContain('cotenant:drill-');
      expect(String(await place.admin('INFO', 'keyspace'))).not.toContain('db15');
      expect(await place.as('blog', 'GET', 'blog:a')).toBe('of the neighbour');
    });

    it('come back without cotenant', { timeout: 60_000 }, async () => {
      const installed = [...unpackedInstallations(cache), ...localInstallations()].find((one) => nameOf(one) === version);
      const client = join(dirname(installed?.program ?? ''), `${installed?.product ?? ''}-cli`);
      expect(existsSync(client)).toBe(true);
      const before = await send(server(), ['DUMP', 'shop:l:large'], ['PEXPIRETIME', 'shop:s:ttl'], ['DBSIZE']);
      await place.admin('EVAL', "for _, k in ipairs(redis.call('KEYS', 'shop:*')) do redis.call('DEL', k) end", '0');
      const env = { PATH: place.env['PATH'] ?? '', RESTIC_PASSWORD: PASSWORD, HOME: place.folder };
      await execFile('restic', ['-r', './backups', 'restore', 'latest', '--tag', 'app=shop', '--target', 'out'], {
        cwd: place.folder,
        env,
      });
      const { user, password } = await has('shop');
      const words = ['-h', server().host, '-p', String(server().port), '--user', user];
      const pipe = `"$0" "$@" --pipe < out/redis-main/keys.resp`;
      const told = await execFile('/bin/sh', ['-c', pipe, client, ...words], {
        cwd: place.folder,
        env: { ...env, REDISCLI_AUTH: password },
      });
      expect(told.stdout).toContain('errors: 0');
      expect(await send(server(), ['DUMP', 'shop:l:large'], ['PEXPIRETIME', 'shop:s:ttl'], ['DBSIZE'])).toEqual(before);
    });
  });
});
