import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { urlForm as mysql } from '../../src/engines/mysql/connect/url-form.ts';
import { urlForm as postgres } from '../../src/engines/postgres/connect/url-form.ts';
import { urlForm as redis } from '../../src/engines/redis/connect/url-form.ts';
import { openProject } from '../../src/app/project.ts';
import { planProject } from '../../src/app/plan.ts';
import { type Diagnostic, unreachableCodes } from '../../src/model/index.ts';
import { type Authority, authority } from '../support/certificates.ts';
import { testProject } from '../support/project.ts';

const kinds = [
  ['postgres', postgres.kind, 'postgres://op@'],
  ['mysql', mysql.kind, 'mysql://op@'],
  ['redis', redis.kind, 'redis://op@'],
] as const;

const SECRET = 'canary-of-the-operator';

/** What a plan says of a server that is none. */
async function planned(engine: string, url: string, more = '', env: Readonly<Record<string, string>> = {}): Promise<Diagnostic> {
  const text = `cotenant: 1
project: words
instances:
  main: { engine: ${engine}, url: "${url}", password: { env: PW }${more} }
apps:
  shop: { uses: { main: {} } }
`;
  const whole = { PW: SECRET, ...env };
  await using project = await testProject(text, whole);
  const { plan } = await planProject(await openProject({ cwd: project.path, env: whole }), { deadline: 500 });
  const [first] = plan.diagnostics;
  if (!first || plan.diagnostics.length > 1) throw new Error(`one diagnostic: ${JSON.stringify(plan.diagnostics)}`);
  expect(plan.unreached).toEqual(['main']);
  expect(JSON.stringify(first)).not.toContain(SECRET);
  expect(first.hint).not.toBe('');
  return first;
}

async function listening(server: Server): Promise<number> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  const at = server.address();
  if (at === null || typeof at === 'string') throw new Error('no port');
  return at.port;
}

const greeting = (text: string | Buffer): Server => createServer((socket) => void socket.write(text));
/** Answers as soon as a line has come, as servers of HTTP do. */
const answering = (text: string): Server =>
  createServer((socket) => {
    socket.on('data', (data) => {
      if (data.includes('\n')) socket.end(text);
    });
  });
const MYSQL = Buffer.from('4a0000000a382e302e333600', 'hex');

describe.each(kinds)('%s: no server behind the address', (engine, kind, url) => {
  it('a name that nobody has', async () => {
    expect(await planned(engine, `${url}nobody.invalid:1`, ', tls: { mode: disable }')).toMatchObject({
      code: 'CT3013',
      message: expect.stringMatching(/there is no host "nobody.invalid"|could not be looked up/) as unknown,
    });
  });

  it('a port on which nothing listens', async () => {
    expect(await planned(engine, `${url}127.0.0.1:1`)).toMatchObject({
      code: 'CT3001',
      message: expect.stringContaining('"main" at 127.0.0.1:1 cannot be reached: nothing listens there') as unknown,
    });
  });

  it('somebody who takes the connection and says nothing', async () => {
    const port = await listening(createServer());
    expect(await planned(engine, `${url}127.0.0.1:${port}`)).toMatchObject({
      code: 'CT3014',
      message: expect.stringContaining(`said nothing that a ${kind} server says`) as unknown,
      hint: expect.stringContaining(`like ${kind}`) as unknown,
    });
  });

  it('connect_timeout in the URL is how long it takes', async () => {
    const port = await listening(createServer());
    const word = engine === 'mysql' ? 'connectTimeout=300' : 'connect_timeout=1';
    expect(await planned(engine, `${url}127.0.0.1:${port}?${word}`)).toMatchObject({ code: 'CT3014' });
  });

  it('somebody who takes the connection and ends it', async () => {
    const port = await listening(createServer((socket) => void socket.end()));
    expect(await planned(engine, `${url}127.0.0.1:${port}`)).toMatchObject({ code: 'CT3014' });
  });

  it.each([
    ['a web server', () => answering('HTTP/1.1 400 Bad Request\r\n\r\n'), '"HTTP/1.1 400 Bad Request"'],
    ['one that greets', () => greeting('SSH-2.0-OpenSSH_9.2\r\n'), '"SSH-2.0-OpenSSH_9.2"'],
    engine === 'mysql'
      ? ['one of another kind', () => answering('-NOAUTH Authentication required.\r\n'), '"-NOAUTH Authentication required."']
      : ['one of another kind, in packets', () => greeting(MYSQL), '"8.0.36"'],
    ['one that repeats what it hears', () => createServer((socket) => void socket.pipe(socket)), ''],
  ])('%s says so', async (_, server, words) => {
    const fault = await planned(engine, `${url}127.0.0.1:${await listening(server())}`);
    expect(fault).toMatchObject({ code: 'CT3015', message: expect.stringContaining(`is no ${kind} server: it `) as unknown });
    expect(fault.message).toContain(words);
  });
});

describe.each(kinds)('%s: TLS', (engine, _, url) => {
  let ca: Authority;
  beforeAll(async () => {
    ca = await authority();
  });

  it('on the side of the server alone', async () => {
    const port = await listening(createTlsServer({ ...(await ca.issue()) }));
    expect(await planned(engine, `${url}127.0.0.1:${port}`)).toMatchObject({
      code: 'CT3017',
      message: expect.stringContaining('speaks TLS only') as unknown,
    });
  });

  it('every fault that leaves an instance unreached has exit code 4 or 5', async () => {
    const port = await listening(createServer());
    const { code } = await planned(engine, `${url}127.0.0.1:${port}`);
    expect(unreachableCodes.has(code)).toBe(true);
  });
});
