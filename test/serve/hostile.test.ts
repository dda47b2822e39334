import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { manifestOn } from './redis.ts';
import { type Started, started } from './started.ts';

/** Nothing listens there: what is asked here needs no server. */
const nobody = { port: 1 };
const secret = 'c4nary-of-the-admin';

let service: Started;
let port: number;
beforeAll(async () => {
  service = await started(manifestOn(nobody), { CACHE_PASSWORD: secret }, { hosts: ['db.example'] });
  port = Number(new URL(service.url).port);
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

/** What comes back of bytes that no client would send; '' where the connection was ended without a word. */
async function raw(text: string, patience = 5000): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setTimeout(patience, () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString('latin1');
  });
  socket.on('error', () => undefined);
  socket.write(text, 'latin1');
  await new Promise((resolve) => socket.once('close', resolve));
  return answer;
}

async function statusOf(lines: string): Promise<number> {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(await raw(lines))?.[1] ?? 0);
}

const get = (path: string, host: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${more}\r\n`;

describe('whom the service is called', () => {
  test.each([
    ['localhost', 200],
    ['LOCALHOST:4680', 200],
    ['127.0.0.1:1', 200],
    ['[::1]:4680', 200],
    ['10.0.0.7', 200],
    ['db.example', 200],
    ['evil.example', 421],
    ['localhost.evil.example', 421],
    ['127.0.0.1.evil.example', 421],
    ['db.example.evil.example:80', 421],
    ['localhost@evil.example', 421],
    ['', 421],
  ])('Host: %s is answered with %i', async (host, status) => {
    expect(await statusOf(get('/livez', host))).toBe(status);
  });

  test('no host, two hosts, and a host in the path', async () => {
    expect(await statusOf('GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n')).toBe(400);
    expect(await statusOf('GET /livez HTTP/1.1\r\nHost: evil.example\r\nHost: localhost\r\nConnection: close\r\n\r\n')).toBe(400);
    expect(await statusOf('GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n')).toBe(400);
    expect(await statusOf(get('http://evil.example/livez', 'localhost'))).toBe(400);
  });

  test.each([
    ['Origin: http://evil.example', 403],
    ['Origin: null', 403],
    ['Origin: https://localhost', 403],
    ['Origin: http://localhost.evil.example', 403],
    ['Sec-Fetch-Site: cross-site', 403],
    ['Sec-Fetch-Site: same-site', 403],
    ['Origin: http://localhost', 200],
    ['Sec-Fetch-Site: same-origin', 200],
    ['Sec-Fetch-Site: none', 200],
  ])('a browser with %s is answered with %i', async (header, status) => {
    expect(await statusOf(get('/api/v1/history', 'localhost', `${header}\r\n`))).toBe(status);
  });
});

test.each([
  'Forwarded: for=1.2.3.4',
  'X-Forwarded-For: 1.2.3.4',
  'X-Forwarded-Host: a.example',
  'X-Forwarded-Proto: https',
  'X-Original-Forwarded-For: 1.2.3.4',
  'X-Real-IP: 1.2.3.4',
  'X-Client-IP: 1.2.3.4',
  'X-Cluster-Client-IP: 1.2.3.4',
  'True-Client-IP: 1.2.3.4',
  'CF-Connecting-IP: 1.2.3.4',
  'Fly-Client-IP: 1.2.3.4',
  'X-Azure-ClientIP: 1.2.3.4',
  'X-Envoy-External-Address: 1.2.3.4',
  'Via: 1.1 proxy',
])('a request with %s is not from this machine', async (header) => {
  expect(await statusOf(get('/api/v1/history', 'localhost', `${header}\r\n`))).toBe(401);
});

test('whether the process lives is told to a wrong key too', async () => {
  for (let n = 0; n < 12; n++) expect(await statusOf(get('/livez', 'localhost', 'Authorization: Bearer wrong\r\n'))).toBe(200);
});

describe('what is no request', () => {
  test.each([
    '/../../etc/passwd',
    '/livez/..;/api/v1/status',
    '/%2e%2e/%2e%2e/etc/passwd',
    '//evil.example/livez',
    '/livez%00',
    '/livez/',
    '/LIVEZ',
    '/api/v1/operations/%2e%2e%2fstatus',
    '/api/v1/operations/__proto__',
    '/api/v1/operations/constructor/events',
    `/${'a'.repeat(9000)}`,
    '/%zz',
    '/%c0%ae%c0%ae/',
    '/api/v1/status;app=blog',
  ])('%s is nothing', async (path) => {
    expect([400, 404]).toContain(await statusOf(get(path, 'localhost')));
  });

  test.each([
    '?app=shop&app=blog',
    '?app[]=shop',
    '?app=__proto__',
    '?__proto__[admin]=1',
    '?limit=-1',
    '?limit=1e3',
    '?limit=99999999999999999999',
    '?before=',
    '?nothing=1',
    `?app=${'a'.repeat(300)}`,
  ])('/api/v1/history%s is refused', async (query) => {
    expect([400, 404]).toContain(await statusOf(get(`/api/v1/history${query}`, 'localhost')));
  });

  test('a header is not broken by what is asked', async () => {
    const answer = await raw(get('/api/v1/history?before=a%0d%0aX-Evil:%201', 'localhost'));
    expect(answer).not.toMatch(/^x-evil/im);
    expect(await statusOf(get('/livez', 'localhost', 'X: a\r\n b\r\n'))).toBe(400);
  });

  test.each(['TRACE', 'CONNECT', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'BREW'])('%s is not taken', async (method) => {
    const status = await statusOf(`${method} /api/v1/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    expect([0, 400, 404, 405]).toContain(status);
  });

  test('a length and chunks at once are refused', async () => {
    const smuggled =
      'POST /api/v1/doctor HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n';
    expect(await statusOf(smuggled)).toBe(400);
  });
});

describe('bodies', () => {
  test('one that is too large, of another kind, or no JSON, and one without a key is not read', async () => {
    const key = await service.key('operate');
    const post = async (body: unknown, headers = {}) => await service.ask('/api/v1/verify', { method: 'POST', key, body, headers });
    expect((await post('x'.repeat(70_000))).status).toBe(413);
    expect((await post('{}', { 'content-type': 'text/plain' })).status).toBe(415);
    for (const body of ['{', '[]', '"x"', '1', '{"apps":"shop"}', '{"apps":[]}', '{"seed":1.5}', '{"x":1}', '{"__proto__":{"apps":[]}}'])
      expect((await post(body)).status, body).toBe(400);
    const text = JSON.stringify((await post(`{"apps":["${secret}"]}`)).json) + (await post(`{"${secret}":1}`)).text;
    expect(text.match(new RegExp(secret, 'g'))?.length ?? 0).toBeLessThanOrEqual(1);
    const head = 'POST /api/v1/verify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n{';
    const began = performance.now();
    expect(await statusOf(head)).toBe(401);
    expect(performance.now() - began).toBeLessThan(4000);
  });
});

describe('keys', () => {
  test.each(['Basic eDp5', 'Bearer', 'Bearer  ', `Bearer ${'a'.repeat(8000)}`, 'bearer ct_x', 'Bearer a b', 'Bearer \xff'])(
    'Authorization: %s is no key, and makes nobody somebody',
    async (authorization) => {
      expect([400, 401, 429]).toContain(await statusOf(get('/api/v1/history', 'localhost', `Authorization: ${authorization}\r\n`)));
    },
  );
});

test('who sends slowly is not waited for long, and others are answered meanwhile', async () => {
  const slow = Array.from({ length: 50 }, async () => await raw('GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ', 60_000));
  expect((await service.ask('/livez')).status).toBe(200);
  const began = performance.now();
  await Promise.all(slow);
  expect(performance.now() - began).toBeLessThan(20_000);
});

test('nothing that was sent, and no secret, is in the log', () => {
  expect(service.log.join('\n')).not.toMatch(/Bearer|ct_[0-9a-f]|evil|c4nary/i);
});
