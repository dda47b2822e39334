import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { describeEachRedis } from '../../support/engines-redis.ts';
import { inheritedNames } from '../../support/hostile-names.ts';
import { importServer } from '../../../src/app/import.ts';
import { manifestOf, workplace } from './lifecycle/harness.ts';
import { ask } from '../../../src/engines/redis/local/client.ts';

/** Each the user and the prefix of an app, but for one, which a stranger has. */
const strange = 'valueOf';
const ours = inheritedNames.filter((name) => name !== strange);
const apps = Object.fromEntries(ours.map((name, index) => [`app${index}`, { uses: { main: { user: name, prefix: name } } }]));
const manifest = manifestOf(stringify({ apps, readers: { lens: { reads: ['app0', 'app1'] } } }));

describeEachRedis('names that every object inherits', { external: false }, (server) => {
  it('are applied, silent from then on, proved, corrected and read', { timeout: 60_000 }, async () => {
    await ask(server(), 'ACL', 'SETUSER', strange, 'reset', 'on', '>x', `~${strange}:*`, '+get');
    await using place = await workplace(server(), manifest);
    const apply = async (): Promise<unknown> => {
      const { ending, diagnostics } = await place.apply();
      return { ending, errors: diagnostics.filter(({ severity }) => severity === 'error') };
    };
    expect(await apply()).toEqual({ ending: 'done', errors: [] });
    expect((await place.plan()).plan.steps).toEqual([]);
    expect((await place.status()).placements.filter(({ state }) => state !== 'ready')).toEqual([]);
    for (const [index, name] of ours.entries()) {
      expect(await place.as(`app${index}`, 'SET', `${name}:k`, '1')).toBe('OK');
      await expect(place.as(`app${index}`, 'GET', `${strange}:k`)).rejects.toThrow(/^NOPERM/);
    }
    const said = (await place.verify()).findings.map((one) => `${one.verdict} ${one.probe} ${one.from} -> ${one.to}: ${one.statement}`);
    expect(said).toEqual([]);
    for (const name of ours) await ask(server(), 'ACL', 'SETUSER', name, `~${strange}:*`, '+keys');
    const drifted = new Set((await place.plan()).plan.steps.map(({ address }) => address.name));
    expect(ours.filter((name) => !drifted.has(name))).toEqual([]);
    expect(await apply()).toEqual({ ending: 'done', errors: [] });
    expect((await place.plan()).plan.steps).toEqual([]);
    await ask(server(), 'ACL', 'SETUSER', 'VALUEOF_2', 'reset', 'on', '>x', '~other:*', '+get');
    const { yaml } = await importServer({ url: server().url, password: null, env: {}, cwd: '/srv/life' });
    expect(parse(yaml)).toMatchObject({ apps: { valueOf_3: { uses: { main: { user: strange, prefix: strange } } } } });
    await using other = await workplace(server(), yaml, { REDIS_ADMIN_PASSWORD: server().password });
    await expect(other.open()).resolves.toBeDefined();
  });
});
