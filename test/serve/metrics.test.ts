import { expect, test } from 'vitest';
import { render, typeOf } from '../../src/serve/metrics.ts';
import { spawnSync } from '../support/children.ts';
import { deployTool } from '../support/deploy-tools.ts';
import { describeEachRedis } from '../support/engines-redis.ts';
import { cache } from '../support/places.ts';
import { manifestOn } from './redis.ts';
import { started } from './started.ts';

const promtool = deployTool(cache, 'promtool')?.program ?? null;

test('who accepts OpenMetrics gets it', () => {
  expect(typeOf('application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3').open).toBe(true);
  for (const accept of ['', '*/*', 'text/plain', 'application/openmetrics-text;q=0']) expect(typeOf(accept).open).toBe(false);
});

test('names and words of others cannot break a line', () => {
  const families = [
    { name: 'a_total', type: 'counter', help: 'h\n\\ "', samples: [{ labels: { app: '"\n\\' }, value: Infinity }] },
  ] as const;
  expect(render(families, false)).toBe('# HELP a_total h\\n\\\\ "\n# TYPE a_total counter\na_total{app="\\"\\n\\\\"} +Inf\n');
  expect(render(families, true)).toBe('# TYPE a counter\n# HELP a h\\n\\\\ \\"\na_total{app="\\"\\n\\\\"} +Inf\n# EOF\n');
});

describeEachRedis('metrics', {}, (server) => {
  test('promtool finds nothing, and the number of series depends on apps alone', async () => {
    await using service = await started(manifestOn(server()), { CACHE_PASSWORD: server().password });
    const key = await service.key('operate');
    await service.done('/api/v1/apply', { key });
    await service.done('/api/v1/verify', { key });
    await service.until('/metrics', ({ text }) => text.includes('cotenant_app_size_bytes{') && text.includes('state="idle"'));
    const plain = await service.ask('/metrics');
    expect(plain.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const open = await service.ask('/metrics', { headers: { accept: 'application/openmetrics-text; version=1.0.0' } });
    expect(open.headers.get('content-type')).toContain('application/openmetrics-text');
    expect(open.text).toMatch(/# TYPE cotenant_build info\n[^]*\n# EOF\n$/);
    expect(open.text).toContain('# TYPE cotenant_collector_errors counter');
    const series = (text: string): string[] => [...text.matchAll(/^(?!#)(.*) \S+$/gm)].map(([, name = '']) => name);
    expect(new Set(series(plain.text)).size).toBe(series(plain.text).length);
    expect(series(plain.text).length).toBeLessThan(120);
    const ofApps = series(plain.text).filter((name) => name.includes('app="shop"'));
    expect(ofApps.length).toBeLessThan(25);
    if (promtool === null) return;
    const { status, stdout, stderr } = spawnSync(promtool, ['check', 'metrics'], { input: plain.text, encoding: 'utf8', timeout: 20_000 });
    expect([status, stdout, stderr]).toEqual([0, '', '']);
  });
});
