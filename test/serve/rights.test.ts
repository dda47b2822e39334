import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { KeyFile } from '../../src/secrets/keys.ts';
import { routes } from '../../src/serve/routes.ts';
import { describeEachRedis } from '../support/engines-redis.ts';
import { manifestOn } from './redis.ts';
import { type Started, started } from './started.ts';

const whos = ['local', 'passed on', 'read', 'operate', 'app:shop', 'wrong', 'over'] as const;
type Who = (typeof whos)[number];

/** What each may, by what its route wants. 2: an answer; else the status. */
const may: Readonly<Record<(typeof routes)[number]['access'], Readonly<Record<Who, number>>>> = {
  public: { local: 2, 'passed on': 2, read: 2, operate: 2, 'app:shop': 2, wrong: 2, over: 2 },
  health: { local: 2, 'passed on': 2, read: 2, operate: 2, 'app:shop': 2, wrong: 401, over: 401 },
  see: { local: 2, 'passed on': 401, read: 2, operate: 2, 'app:shop': 2, wrong: 401, over: 401 },
  whole: { local: 2, 'passed on': 401, read: 2, operate: 2, 'app:shop': 403, wrong: 401, over: 401 },
  operate: { local: 401, 'passed on': 401, read: 403, operate: 2, 'app:shop': 403, wrong: 401, over: 401 },
};

/** The routes, written down: one that is added has to be judged here. */
const wanted = {
  'get /livez': 'public',
  'get /readyz': 'public',
  'get /health/databases': 'health',
  'get /health/migrations': 'health',
  'get /health/backups': 'health',
  'get /metrics': 'see',
  'get /api/v1/status': 'see',
  'get /api/v1/usage': 'see',
  'get /api/v1/plan': 'whole',
  'get /api/v1/verify': 'whole',
  'get /api/v1/doctor': 'see',
  'get /api/v1/migrations': 'see',
  'get /api/v1/backups': 'see',
  'get /api/v1/history': 'see',
  'post /api/v1/apply': 'operate',
  'post /api/v1/verify': 'operate',
  'post /api/v1/doctor': 'operate',
  'get /api/v1/operations': 'whole',
  'get /api/v1/operations/{id}': 'whole',
  'get /api/v1/operations/{id}/events': 'whole',
  'get /openapi.json': 'public',
};

test('every route wants what was decided', () => {
  expect(Object.fromEntries(routes.map(({ method, path, access }) => [`${method} ${path}`, access]))).toEqual(wanted);
});

describeEachRedis('rights', {}, (server) => {
  const env = (): Record<string, string> => ({ CACHE_PASSWORD: server().password });

  async function asWho(service: Started, who: Who): Promise<{ key?: string; headers?: Record<string, string> }> {
    if (who === 'local') return {};
    if (who === 'passed on') return { headers: { 'x-forwarded-for': '192.0.2.1' } };
    if (who === 'wrong') return { key: `ct_0123456789ab_${'A'.repeat(43)}` };
    if (who === 'over') {
      const key = await service.key('operate');
      await expireAll(service);
      return { key };
    }
    return { key: await service.key(who) };
  }

  test('every route with every kind of key, and with none', async () => {
    await using service = await started(manifestOn(server()), env());
    await service.until('/readyz', ({ status }) => status === 200);
    for (const who of whos) {
      const how = await asWho(service, who);
      for (const { method, path, access } of routes) {
        // What is asked for is not there, so that nothing is started: whoever may is told of that.
        const body = method === 'post' ? { body: { nothing: true } } : {};
        const { status, json } = await service.ask(path.replace('{id}', 'none'), { method: method.toUpperCase(), ...how, ...body });
        const expected = may[access][who];
        const what = `${who} ${method} ${path}: ${status} ${JSON.stringify(json)}`;
        // Wrong keys become too many.
        if (expected === 401 && (who === 'wrong' || who === 'over')) expect([401, 429], what).toContain(status);
        else if (expected === 2) expect([200, 400, 404, 503], what).toContain(status);
        else expect(status, what).toBe(expected);
        if (status >= 400 && status !== 503)
          expect(json, what).toMatchObject({ status, code: expect.stringMatching(/^CT\d{4}$/) as unknown });
      }
    }
  });

  test('a key of one app sees that app alone', async () => {
    await using service = await started(manifestOn(server()), env());
    const operate = await service.key('operate');
    await service.done('/api/v1/apply', { key: operate, body: { yes: true } });
    await service.until('/api/v1/status', ({ text }) => text.includes('"ready"'));
    await service.until('/api/v1/doctor', ({ status }) => status === 200);
    const key = await service.key('app:shop');
    const shown = routes.filter(({ method, access }) => method === 'get' && ['see', 'health'].includes(access));
    for (const { path } of shown) {
      const { text, headers } = await service.ask(path, { key });
      expect(text, path).not.toContain('blog');
      const whole = await service.ask(path);
      if (whole.text !== text) expect(headers.get('etag'), path).not.toBe(whole.headers.get('etag') ?? 'none');
      for (const wrong of ['blog', 'nobody']) expect((await service.ask(`${path}?app=${wrong}`, { key })).status, path).not.toBe(200);
    }
    expect((await service.ask('/api/v1/status', { key })).text).toContain('"shop"');
    expect((await service.ask('/api/v1/history', { key })).text).toContain('"shop"');
    expect((await service.ask('/api/v1/history', { key })).text).not.toContain('key1');
    expect((await service.ask('/metrics', { key })).text).toContain('app="shop"');
    // An answer that somebody else got says nothing to this key.
    const etag = (await service.ask('/api/v1/status')).headers.get('etag') ?? '';
    expect((await service.ask('/api/v1/status', { key, headers: { 'if-none-match': etag } })).status).toBe(200);
  });

  test('from afar without a key, health says how all stand and names nobody', async () => {
    await using service = await started(manifestOn(server()), env());
    await service.until('/readyz', ({ status }) => status === 200);
    const headers = { 'x-forwarded-for': '192.0.2.1' };
    const { json, text } = await service.ask('/health/databases', { headers });
    expect(Object.keys(json ?? {})).toEqual(['status', 'state', 'counts']);
    expect(text).not.toMatch(/shop|127\.0\.0\.1|cache/);
    for (const app of ['shop', 'nobody']) expect((await service.ask(`/health/databases?app=${app}`, { headers })).status).toBe(401);
  });

  test('behind a proxy nobody is on this machine, and listening elsewhere wants TLS or that word', async () => {
    await using service = await started(manifestOn(server()), env(), { behindProxy: true, hosts: ['db.example'] });
    expect((await service.ask('/api/v1/status')).status).toBe(401);
    const refused = started(manifestOn(server()), env(), { host: '0.0.0.0' });
    await expect(refused).rejects.toMatchObject({ diagnostics: [{ code: 'CT4653' }] });
  });

  test('a revoked key is refused at once, the last use is noted, and right keys get in among wrong ones', async () => {
    await using service = await started(manifestOn(server()), env());
    const key = await service.key('read');
    for (let i = 0; i < 30; i += 1) await service.ask('/api/v1/status', { key: `ct_0123456789ab_${'B'.repeat(43)}` });
    const refused = await service.ask('/api/v1/status', { key: 'x' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^\d+$/)]);
    expect((await service.ask('/api/v1/history', { key })).status).toBe(200);
    const keys = keysIn(service);
    await expect.poll(async () => (await keys.list())[0]?.used ?? null).toMatch(/:00:00\.000Z$/);
    await keys.revoke('key1');
    expect([401, 429]).toContain((await service.ask('/api/v1/history', { key })).status);
    expect(service.log.join('\n')).not.toContain(key.slice(-43));
  });
});

test('a file of keys that is broken lets nobody in, tells where it lies to nobody who asks, and fills no log', async () => {
  await using service = await started(manifestOn({ port: 1 }), { CACHE_PASSWORD: 'x' });
  const key = await service.key('read');
  await writeFile(join(service.path, '.cotenant/keys.json'), 'broken');
  for (let i = 0; i < 5; i += 1) {
    const answer = await service.ask('/api/v1/history', { key });
    expect(answer).toMatchObject({ status: 503, json: { code: 'CT4652' } });
    expect(answer.text).not.toContain(service.path);
  }
  expect(service.log.filter((line) => line.includes('no key is accepted'))).toHaveLength(1);
  expect((await service.ask('/api/v1/history')).status).toBe(200);
});

function keysIn({ path }: Started): KeyFile {
  return new KeyFile(join(path, '.cotenant/keys.json'), 'digi');
}

/** As if their time were over. */
async function expireAll({ path }: Started): Promise<void> {
  const file = join(path, '.cotenant/keys.json');
  const text = (await readFile(file, 'utf8')).replaceAll('"expires": null', '"expires": "2020-01-01T00:00:00.000Z"');
  await writeFile(file, text, { mode: 0o600 });
}
