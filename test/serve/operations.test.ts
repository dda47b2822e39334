import { expect, test } from 'vitest';
import { describeEachRedis } from '../support/engines-redis.ts';
import { freshRedis, manifestOn } from './redis.ts';
import { type Started, started } from './started.ts';

interface Line {
  readonly type: string;
  readonly level: string;
  readonly message: string;
  readonly ending?: string;
}

/** The events of an operation: their numbers, and their lines. */
async function eventsOf(service: Started, at: string, key: string, headers: Record<string, string> = {}) {
  const { text, headers: sent } = await service.ask(`${at}/events`, { key, headers });
  expect(sent.get('content-type')).toContain('text/event-stream');
  const events = [...text.matchAll(/^id: (\d+)\ndata: (.*)$/gm)];
  return { ids: events.map(([, id]) => Number(id)), lines: events.map(([, , data = '']) => JSON.parse(data) as Line) };
}

describeEachRedis('operations', {}, (_server, version) => {
  const env = ({ password }: { readonly password: string }): Record<string, string> => ({ CACHE_PASSWORD: password });

  test('an apply is told as it goes on, is in the history with the key that wanted it, and is looked at again', async () => {
    await using server = await freshRedis(version);
    await using service = await started(manifestOn(server), env(server));
    const key = await service.key('operate');
    const begun = await service.ask('/api/v1/apply', { method: 'POST', key, headers: { 'idempotency-key': 'a-1' } });
    expect(begun).toMatchObject({ status: 202, json: { kind: 'apply', by: 'key key1' } });
    const at = begun.headers.get('location') ?? '';
    // Told while it runs, to its end.
    const { lines, ids } = await eventsOf(service, at, key);
    expect(lines[0]?.type).toBe('version');
    expect(lines.at(-1)).toMatchObject({ type: 'result', ending: 'done', exitCode: 0 });
    expect(ids).toEqual(lines.map((_, index) => index));
    expect(lines.filter(({ type }) => type === 'apply_complete').length).toBeGreaterThan(0);
    const later = await eventsOf(service, at, key, { 'last-event-id': String(ids.length - 3) });
    expect(later.ids).toEqual(ids.slice(-2));
    const again = await service.ask('/api/v1/apply', { method: 'POST', key, headers: { 'idempotency-key': 'a-1' } });
    expect([again.status, again.headers.get('location')]).toEqual([202, at]);
    const other = await service.ask('/api/v1/apply', { method: 'POST', key, headers: { 'idempotency-key': 'a-1' }, body: { yes: true } });
    expect(other).toMatchObject({ status: 422, json: { code: 'CT4666' } });
    const history = await service.ask('/api/v1/history?limit=1');
    expect(history.json).toMatchObject({ runs: [{ by: { user: 'key key1' }, ending: 'done', intent: { verb: 'apply' } }] });
    await service.until('/health/databases', ({ json }) => (json as { status: string }).status === 'pass');
  });

  test('consent is as at the terminal, and If-Match pins the plan that was looked at', async () => {
    await using server = await freshRedis(version);
    await using service = await started(manifestOn(server), env(server));
    const key = await service.key('operate');
    await service.done('/api/v1/apply', { key });
    await service.until('/api/v1/plan', ({ json }) => (json as { steps: unknown[] }).steps.length === 0);
    const without = manifestOn(server).replace('  blog: { uses: { cache: {} } }\n', '');
    await service.write(without);
    const plan = await service.until('/api/v1/plan', ({ json }) => (json as { steps: unknown[] }).steps.length > 0);
    const refused = await service.done('/api/v1/apply', { key });
    expect(refused.json).toMatchObject({ ending: 'refused', exitCode: 7 });
    const { lines } = await eventsOf(service, `/api/v1/operations/${(refused.json as { id: string }).id}`, key);
    expect(lines.filter(({ type }) => type === 'diagnostic').map(({ message }) => message.slice(0, 6))).toContain('CT4003');
    expect(lines.some(({ type }) => type === 'apply_start')).toBe(false);
    const wrong = await service.ask('/api/v1/apply', { method: 'POST', key, headers: { 'if-match': '"other"' }, body: { yes: true } });
    expect(wrong).toMatchObject({ status: 412, json: { code: 'CT4669' } });
    const headers = { 'if-match': plan.headers.get('etag') ?? '' };
    expect((await service.done('/api/v1/apply', { key, headers, body: { yes: true, confirm: ['blog'] } })).json).toMatchObject({
      ending: 'done',
    });
  });

  test('a proof is started, shown, and counted; an operation that is not there is told', async () => {
    await using server = await freshRedis(version);
    await using service = await started(manifestOn(server), env(server));
    const key = await service.key('operate');
    await service.done('/api/v1/apply', { key, body: { yes: true, confirm: ['blog'] } });
    expect(await service.ask('/api/v1/verify')).toMatchObject({ status: 404, json: { code: 'CT4668' } });
    const [one, two] = await Promise.all([1, 2].map(async () => await service.ask('/api/v1/verify', { method: 'POST', key })));
    expect(new Set([one?.status, two?.status])).toEqual(new Set([202, 409]));
    const shown = await service.until('/api/v1/verify', ({ status }) => status === 200);
    expect(shown.json).toMatchObject({ format: 1, findings: [] });
    const { text } = await service.ask('/metrics');
    expect(text).toContain('cotenant_isolation_violations{engine="redis",instance="cache"} 0');
    expect((await service.done('/api/v1/doctor', { key, body: { apps: ['shop'] } })).json).toMatchObject({
      kind: 'doctor',
      ending: 'done',
    });
    expect(await service.ask('/api/v1/doctor', { method: 'POST', key, body: { apps: ['nobody'] } })).toMatchObject({
      status: 404,
      json: { code: 'CT2016' },
    });
    for (const path of ['/api/v1/operations/nope', '/api/v1/operations/nope/events'])
      expect(await service.ask(path)).toMatchObject({ status: 404, json: { code: 'CT4667' } });
  });

  test('pages of the history lead on to its end', async () => {
    await using server = await freshRedis(version);
    await using service = await started(manifestOn(server), env(server));
    const key = await service.key('operate');
    for (const limit of [16, 32, 48]) {
      await service.write(manifestOn(server, `  app${limit}: { uses: { cache: {} } }\n`));
      await service.done('/api/v1/apply', { key, body: { yes: true } });
    }
    const runs: string[] = [];
    let path: string | undefined = '/api/v1/history?limit=1';
    while (path !== undefined) {
      const { json, headers } = await service.ask(path);
      runs.push(...(json as { runs: { run: string }[] }).runs.map(({ run }) => run));
      path = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
    }
    expect(runs.length).toBeGreaterThanOrEqual(3);
    expect(runs).toEqual([...new Set(runs)].sort().reverse());
  });
});
