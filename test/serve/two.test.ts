import { expect, test } from 'vitest';
import { describeEachRedis } from '../support/engines-redis.ts';
import { freshRedis, manifestOn } from './redis.ts';
import { started } from './started.ts';

describeEachRedis('two services of one manifest', {}, (_server, version) => {
  test('one proves by the clock, the other shows that, and takes over when the first one ends', async () => {
    await using server = await freshRedis(version);
    const env = { CACHE_PASSWORD: server.password };
    const first = await started(manifestOn(server), env, { verifyEvery: 400 });
    await first.done('/api/v1/apply', { key: await first.key('operate') });
    const proved = await first.until('/api/v1/verify', ({ json }) => (json as { exitCode?: number }).exitCode === 0);
    await using second = await started('', env, { verifyEvery: 400, beside: first });
    const shown = await second.until('/api/v1/verify', ({ status }) => status === 200);
    expect(Object.keys(shown.json ?? {})).toEqual(Object.keys(proved.json ?? {}));
    await first.until('/api/v1/operations', ({ text }) => text.split('the clock').length > 3);
    expect((await second.ask('/api/v1/operations')).json).toEqual({ format: 1, operations: [] });
    expect((await second.ask('/metrics')).text).toContain('cotenant_isolation_violations{engine="redis",instance="cache"} 0');
    // The folder goes with the first one, so it only stops here.
    await first.stop();
    await second.until('/api/v1/operations', ({ text }) => text.includes('the clock'));
    await first[Symbol.asyncDispose]();
  });

  test('an apply that is under way when the service ends is over then, and the history says how', async () => {
    await using server = await freshRedis(version);
    const env = { CACHE_PASSWORD: server.password };
    await using service = await started(manifestOn(server), env);
    const key = await service.key('operate');
    expect((await service.ask('/api/v1/apply', { method: 'POST', key })).status).toBe(202);
    await service.stop();
    await using again = await started('', env, { beside: service });
    const { runs } = (await again.ask('/api/v1/history')).json as { runs: readonly { ending: string }[] };
    expect(runs.every(({ ending }) => ['done', 'interrupted', 'partly'].includes(ending))).toBe(true);
    expect((await again.done('/api/v1/apply', { key })).json).toMatchObject({ exitCode: 0 });
  });
});
