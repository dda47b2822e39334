import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { RedisServer } from '../engines/redis/runtime.ts';
import { redisWays } from '../engines/redis/harness.ts';
import { localMachine } from '../../src/runtime/index.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { cache } from '../support/places.ts';
import { type Answered, type Started, started } from './started.ts';

const [redis] = redisWays(localMachine(), { cache, env: {} }, { version: 'valkey91' });

/** Status of each app on each engine, by the key of the answer. */
function verdicts({ json }: Answered): Readonly<Record<string, string>> {
  if (typeof json !== 'object' || json === null || !('checks' in json)) return {};
  const checks = json.checks as Record<string, readonly { status: string }[]>;
  return Object.fromEntries(Object.entries(checks).map(([key, [check]]) => [key, check?.status ?? '']));
}

describeEachPostgres('a service over two servers', { versions: 'newest' }, (server) => {
  let second: RedisServer | null = null;
  let service: Started;
  beforeAll(async () => {
    second = (await redis?.start()) ?? null;
    service = await started(manifest(), env());
    const key = await service.key('operate');
    expect((await service.done('/api/v1/apply', { key, body: { yes: true } })).json).toMatchObject({ exitCode: 0 });
    return async () => {
      await service[Symbol.asyncDispose]();
      await second?.stop();
    };
  });

  const manifest = (): string => `cotenant: 1
project: digi
instances:
  main: { engine: postgres, url: "postgres://postgres@127.0.0.1:${server().port}/postgres", password: { env: MAIN } }
  cache: { engine: redis, url: "redis://admin@127.0.0.1:${second?.port ?? 0}", password: { env: CACHE } }
apps:
  shop: { uses: { main: {}, cache: {} } }
  blog: { uses: { main: {} } }
`;
  const env = (): Record<string, string> => ({ MAIN: server().password, CACHE: second?.password ?? '' });
  const all = { 'postgres/main/shop': 'pass', 'postgres/main/blog': 'pass', 'redis/cache/shop': 'pass' };
  const health = '/health/databases';

  test.skipIf(!redis)('each server goes and comes back, and nobody restarts anything', async () => {
    await service.until(health, (answer) => JSON.stringify(verdicts(answer)) === JSON.stringify(all));

    await second?.kill();
    const cacheGone = { ...all, 'redis/cache/shop': 'fail' };
    const gone = await service.until(health, (answer) => JSON.stringify(verdicts(answer)) === JSON.stringify(cacheGone));
    expect(gone.status).toBe(503);
    expect(gone.text).not.toMatch(/127\.0\.0\.1|localhost/);
    expect((await service.ask(`${health}?app=blog`)).status).toBe(200);
    expect((await service.ask('/livez')).status).toBe(200);
    await server().kill();
    await service.until(health, (answer) => Object.values(verdicts(answer)).every((one) => one === 'fail'));
    expect((await service.ask('/metrics')).text).toContain('cotenant_instance_up{engine="postgres",instance="main"} 0');

    await server().restart();
    await second?.restart();
    const back = await service.until(health, (answer) => JSON.stringify(verdicts(answer)) === JSON.stringify(all));
    expect(back.json).toMatchObject({ status: 'pass', state: 'healthy', counts: { pass: 3, warn: 0, fail: 0 } });
    expect(service.log.map((line) => line.replace(/^\S+ /, '')).filter((line) => line.includes('answer'))).toHaveLength(4);
  });

  test.skipIf(!redis)('what the interface says is what the command line says', async () => {
    const { statusProject } = await import('../../src/app/status.ts');
    const { planProject } = await import('../../src/app/plan.ts');
    const { openProject } = await import('../../src/app/project.ts');
    const { statusJson } = await import('../../src/report/status-text.ts');
    const { planJson } = await import('../../src/report/plan-json.ts');
    const more = manifest().replace('blog: {', 'wiki: {');
    await service.write(more);
    await service.until('/api/v1/plan', ({ text }) => text.includes('wiki'));
    const project = await openProject({ cwd: service.path, env: env() });
    const status = JSON.parse(statusJson(await statusProject(project))) as { placements: object[] };
    const plan = planJson(await planProject(project));
    await service.until('/api/v1/plan', ({ text }) => text === plan);
    const shown = await service.ask('/api/v1/status');
    const without = (text: string): unknown =>
      JSON.parse(text, (key: string, value: unknown) => (key === 'size' || key === 'connections' ? 0 : value));
    expect(without(shown.text)).toEqual(without(JSON.stringify(status)));
    const etag = shown.headers.get('etag') ?? '';
    expect([200, 304]).toContain((await service.ask('/api/v1/status', { headers: { 'if-none-match': etag } })).status);
  });

  test.skipIf(!redis)('a broken manifest is told, and the last good one goes on', async () => {
    await service.until('/readyz', ({ status }) => status === 200);
    await service.write('cotenant: 1\nproject: digi\napps: { shop: { uses: { nowhere: {} } } }\n');
    await service.until('/readyz', ({ text }) => text.includes('warn'));
    expect(service.log.join('\n')).toMatch(/the manifest is broken, and the last good one goes on: CT\d+/);
    expect((await service.ask('/metrics')).text).toContain('cotenant_manifest_valid 0');
    expect((await service.ask('/api/v1/status')).text).toContain('"blog"');
    const key = await rename(join(service.path, 'cotenant.yaml'), join(service.path, 'broken.yaml'))
      .then(() => service.write(manifest()))
      .then(() => service.key('operate'));
    await service.until('/readyz', ({ text }) => text.includes('pass'));
    await service.write('cotenant: [');
    expect(await service.ask('/api/v1/apply', { method: 'POST', key })).toMatchObject({ status: 409, json: { code: 'CT1001' } });
  });
});
