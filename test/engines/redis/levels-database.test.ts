import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeEachRedis } from '../../support/engines-redis.ts';
import { manifestOf, wipe, type Workplace, workplace } from './lifecycle/harness.ts';
import { ask } from '../../../src/engines/redis/local/client.ts';

const three = (options: string, more = ''): string =>
  manifestOf(`apps:
  a: { uses: { main: { isolation: database${options} } } }
  b: { uses: { main: { isolation: database${options} } } }
  c: { uses: { main: { isolation: database, database: 3${options} } } }
${more}`);

/** One command in the app's own database. */
async function inside(place: Workplace, app: string, ...words: readonly string[]): Promise<unknown> {
  const { REDIS_USERNAME: user = '', REDIS_PASSWORD: password = '', REDIS_DB = '0' } = await place.reveal(app);
  return await ask(
    { host: place.env['HOST'] ?? '', port: Number(place.env['PORT']), user, password, database: Number(REDIS_DB) },
    ...words,
  );
}

describeEachRedis('level database with rules for databases', { versions: ['valkey91'] }, (server) => {
  let place: Workplace;
  beforeEach(async () => {
    await wipe(server());
    place = await workplace(server(), three(''));
    expect(await place.apply()).toEqual({ ending: 'done', diagnostics: [] });
  });
  afterEach(async () => await place[Symbol.asyncDispose]());

  it('gives each app a database and holds it in there', async () => {
    expect(await Promise.all(['a', 'b', 'c'].map(async (app) => (await place.reveal(app))['REDIS_DB']))).toEqual(['1', '2', '3']);
    expect(await inside(place, 'b', 'SET', 'any', '1')).toBe('OK');
    expect(await inside(place, 'b', 'KEYS', '*')).toEqual(['any']);
    expect(await inside(place, 'a', 'KEYS', '*')).toEqual([]);
    await expect(inside(place, 'a', 'SELECT', '2')).rejects.toThrow(/^NOPERM/);
    await expect(inside(place, 'a', 'COPY', 'x', 'y', 'DB', '2')).rejects.toThrow(/^NOPERM/);
    await expect(inside(place, 'a', 'PUBLISH', 'b:x', '')).rejects.toThrow(/^NOPERM/);
    expect(await inside(place, 'b', 'FLUSHDB')).toBe('OK');
    await expect(inside(place, 'b', 'FLUSHALL')).rejects.toThrow(/^NOPERM/);
  });

  it('is silent and proved', async () => {
    expect((await place.plan()).plan.steps).toEqual([]);
    expect((await place.verify()).findings).toEqual([]);
  });

  it('keeps numbers when apps come and go, and gives none twice', async () => {
    await place.write(
      manifestOf('apps:\n  z: { uses: { main: { isolation: database } } }\n  b: { uses: { main: { isolation: database } } }\n'),
    );
    expect((await place.apply()).ending).toBe('done');
    // 1 and 3 are the retired apps' still.
    expect((await place.reveal('b'))['REDIS_DB']).toBe('2');
    expect((await place.reveal('z'))['REDIS_DB']).toBe('4');
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('says the same of a stranger with a pattern, whatever else it lacks to come to the keys', async () => {
    const told = async (rules: string): Promise<readonly string[]> => {
      await place.admin('ACL', 'SETUSER', 'web', 'reset', 'on', '>nobody-tries-this', ...rules.split(' '));
      const { findings } = await place.verify();
      return findings.map(({ verdict, probe, from, to }) => `${verdict} ${probe} ${from} -> ${to}`);
    };
    const all = (verdict: string): readonly string[] => ['a', 'b', 'c'].map((app) => `${verdict} RD-F1 web -> ${app}`);
    expect(await told('+ping')).toEqual([]);
    expect(await told('~* +ping')).toEqual(all('LATENT'));
    // Every connection begins in database 0, and SELECT is not there.
    expect(await told('~* +get')).toEqual(all('LATENT'));
    expect(new Set(await told('~* +get +select'))).toEqual(new Set(all('BREACH')));
    expect(await told('~* +ping db=1')).toEqual(['LATENT RD-F1 web -> a']);
    expect(await told('~* +get db=1')).toEqual(['LATENT RD-F1 web -> a']);
    expect(new Set(await told('~* +get +select db=1'))).toEqual(new Set(['BREACH RD-F1 web -> a']));
    expect(await told('~* +ping db=0')).toEqual([]);
    expect(await told('~* +get db=0')).toEqual([]);
  });

  it('keeps the number of an app whose user somebody has deleted, and its keys', async () => {
    expect(await inside(place, 'b', 'SET', 'any', '1')).toBe('OK');
    await place.admin('ACL', 'DELUSER', 'b');
    const { plan } = await place.plan();
    expect(plan.diagnostics).toEqual([
      expect.objectContaining({
        code: 'CT2005',
        severity: 'warning',
        message: expect.stringMatching(/"b".*database 2.*its own/) as unknown,
      }),
    ]);
    expect((await place.apply()).ending).toBe('done');
    expect((await place.reveal('b'))['REDIS_DB']).toBe('2');
    expect(await inside(place, 'b', 'GET', 'any')).toBe('1');
    // Nor is it given to another one before that.
    await place.admin('ACL', 'DELUSER', 'a');
    await place.write(three('', '  z: { uses: { main: { isolation: database } } }\n'));
    expect((await place.apply()).ending).toBe('done');
    expect(await Promise.all(['a', 'b', 'z'].map(async (app) => (await place.reveal(app))['REDIS_DB']))).toEqual(['1', '2', '4']);
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('gives an app whose user somebody has deleted no other number where its own is somebody else’s by now', async () => {
    expect(await inside(place, 'b', 'SET', 'any', '1')).toBe('OK');
    await place.admin('ACL', 'DELUSER', 'b');
    await place.write(three('', '  z: { uses: { main: { isolation: database, database: 2, adopt: true } } }\n'));
    const { plan } = await place.plan();
    expect(plan.diagnostics.filter(({ severity }) => severity === 'error').map(({ code, message }) => `${code} ${message}`)).toEqual([
      expect.stringMatching(/^CT2046 app "b": .*database 2/),
    ]);
    expect((await place.apply()).ending).toBe('failed');
  });

  it('takes no database from an app for a rule that somebody writes for a user of theirs', async () => {
    expect(await inside(place, 'a', 'SET', 'mine', '1')).toBe('OK');
    await place.admin('ACL', 'SETUSER', 'web', 'on', '>nobody-tries-this', '~*', '+get', 'db=1,2');
    expect((await place.apply({ confirm: ['web'] })).ending).toBe('nothing-to-do');
    expect(await Promise.all(['a', 'b', 'c'].map(async (app) => (await place.reveal(app))['REDIS_DB']))).toEqual(['1', '2', '3']);
    expect(await inside(place, 'a', 'GET', 'mine')).toBe('1');
  });

  it('gives no database that holds keys of nobody', async () => {
    await wipe(server());
    await ask({ ...server(), database: 1 }, 'SET', 'legacy', '1');
    // Another store: nobody has ever set a password for these apps.
    await using other = await workplace(server(), three(''));
    expect((await other.apply()).ending).toBe('done');
    expect((await other.reveal('a'))['REDIS_DB']).toBe('2');
    await ask(server(), 'FLUSHALL');
  });
});

describeEachRedis('level database without rules for databases', { versions: ['redis7', 'redis8', 'valkey81'] }, (server) => {
  it('is refused', async () => {
    await using place = await workplace(server(), three(''));
    const { ending, diagnostics } = await place.apply();
    expect({ ending, codes: diagnostics.map(({ code }) => code) }).toEqual({
      ending: 'failed',
      codes: ['CT2045', 'CT2045', 'CT2045', 'CT4007'],
    });
  });

  it('is built where the manifest accepts that there is no wall, and every report says so', async () => {
    await using place = await workplace(server(), three(', unenforced: true'));
    const { ending, diagnostics } = await place.apply();
    expect({ ending, diagnostics }).toEqual({ ending: 'done', diagnostics: [] });
    expect(await inside(place, 'b', 'SET', 'any', '1')).toBe('OK');
    expect(await inside(place, 'a', 'KEYS', '*')).toEqual([]);
    const { plan, relaxations } = await place.plan();
    expect(plan.steps).toEqual([]);
    expect(relaxations.map(({ app, name }) => `${app} ${name}`)).toEqual([
      'a unenforced: true',
      'b unenforced: true',
      'c unenforced: true',
    ]);
    const { findings, cells } = await place.verify();
    expect(findings).toEqual([]);
    expect(cells.every(({ declared }) => declared)).toBe(true);
  });
});

describeEachRedis('level instance', {}, (server) => {
  it('gives the app the server, but not its administration', async () => {
    await using place = await workplace(server(), manifestOf('apps:\n  solo: { uses: { main: { isolation: instance } } }\n'));
    expect(await place.apply()).toEqual({ ending: 'done', diagnostics: [] });
    expect(await place.as('solo', 'SET', 'any', '1')).toBe('OK');
    expect(await place.as('solo', 'KEYS', '*')).toContain('any');
    expect(await place.as('solo', 'SELECT', '3')).toBe('OK');
    expect(await place.as('solo', 'EVAL', 'return 1', '0')).toBe(1);
    for (const words of [
      ['ACL', 'LIST'],
      ['CONFIG', 'GET', 'x'],
      ['MONITOR'],
      ['DEBUG', 'SLEEP', '0'],
      ['MIGRATE', 'h', '1', 'any', '0', '1'],
    ]) {
      await expect(place.as('solo', ...words)).rejects.toThrow();
    }
    expect((await place.plan()).plan.steps).toEqual([]);
    expect((await place.verify()).findings).toEqual([]);
  });
});

describeEachRedis('a server with few databases', { versions: ['valkey91'], settings: { databases: 2 } }, (server) => {
  it('says when there are none left', async () => {
    await using place = await workplace(server(), three(''));
    const { ending, diagnostics } = await place.apply();
    expect(ending).toBe('failed');
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'app "b": no database is free: the server has 2',
      'app "c": there is no database 3: the server has 2',
      expect.stringContaining('nothing was sent'),
    ]);
  });
});
