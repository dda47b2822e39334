import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCli } from '../support/cli.ts';
import { everyday } from '../support/sample.ts';
import { tempDir } from '../support/temp-dir.ts';

/** Takes connections and never says a word: whoever asks it waits. */
interface SilentServer {
  readonly port: number;
  /** Resolves when somebody has connected since the last call. */
  asked(): Promise<unknown>;
}

const open = new Set<Socket>();
let listener: Server | null = null;
let silent: SilentServer | null = null;

beforeAll(async () => {
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens on a port');
  listener = server;
  silent = { port: address.port, asked: () => once(server, 'connection') };
});

afterAll(() => {
  for (const socket of open) socket.destroy();
  listener?.close();
});

/** What ends by a signal, with the code that a shell gives a process which it ended. */
const signals = [
  { signal: 'SIGINT', code: 130 },
  { signal: 'SIGTERM', code: 143 },
  { signal: 'SIGHUP', code: 129 },
] as const;

const commands = [
  ['plan'],
  ['plan', '--json'],
  ['status'],
  ['status', '--json'],
  ['doctor'],
  ['doctor', '--json'],
  ['top'],
  ['sessions'],
  ['check-stack', '--json'],
  ['top', '--once', '--json'],
] as const;
const looks = commands.flatMap((args) => signals.map((one) => ({ args, ...one })));

describe.each(['postgres', 'mysql', 'redis'])('a command that only looks, on a %s server that never answers', (engine) => {
  it.each(everyday(looks, { oneOf: 3, name: engine }))(
    '$args ends at once by $signal, with $code, and shows no plan',
    async ({ args, signal, code }) => {
      if (!silent) throw new Error('the server listens');
      await using folder = await manifestFor(engine, silent.port);
      const asked = silent.asked();
      const cli = startCli(args, { cwd: folder.path, env: password });
      await asked;
      cli.kill(signal);
      const result = await cli.done;
      expect([result.code, result.signal]).toEqual([code, null]);
      expect(result.stderr).toContain('Interrupted.');
      expect(result.stderr).not.toContain('Nothing is left half done');
      expect(result.stdout).not.toContain('Next: ');
      if (args.length > 1) expect(JSON.parse(result.stdout)).toMatchObject({ ending: 'interrupted', exitCode: code });
      else expect(result.stdout).toBe('');
    },
  );

  it.each(['verify', 'verify --json', 'verify --fix --yes', 'apply --yes', 'restore-app shop --yes'])(
    'so does what changes something and has not begun: %s',
    async (words) => {
      if (!silent) throw new Error('the server listens');
      await using folder = await manifestFor(engine, silent.port);
      for (const { signal, code } of everyday(signals, { oneOf: 3, name: `${engine} ${words}` })) {
        const asked = silent.asked();
        const cli = startCli(words.split(' '), { cwd: folder.path, env: password });
        await asked;
        cli.kill(signal);
        const result = await cli.done;
        expect([signal, result.code, result.signal]).toEqual([signal, code, null]);
        expect(result.stderr).toContain('Interrupted.');
      }
    },
  );
});

describe.each(['postgres', 'mysql', 'redis'])(
  'what waits for a server that no manifest names, on a %s server that never answers',
  (engine) => {
    it('import ends at once, and writes nothing', async () => {
      if (!silent) throw new Error('the server listens');
      await using folder = await manifestFor(engine, silent.port);
      await writeFile(join(folder.path, 'admin.pw'), 'a-canary-31');
      const url = `${engine}://admin@127.0.0.1:${silent.port}`;
      for (const { signal, code } of everyday(signals, { oneOf: 3, name: `${engine} import` })) {
        const asked = silent.asked();
        const cli = startCli(['import', url, '--password-file', 'admin.pw', '--out', 'made.yaml'], { cwd: folder.path, env: {} });
        await asked;
        cli.kill(signal);
        const result = await cli.done;
        expect([signal, result.code, result.signal, result.stdout]).toEqual([signal, code, null, '']);
        expect(await readdir(folder.path)).not.toContain('made.yaml');
      }
    });
  },
);

describe('migrations on a server that never answers', () => {
  const words = [
    'migrate status',
    'migrate status --json',
    'migrate plan',
    'migrate lint --json',
    'migrate adopt shop',
    'migrate up',
    'migrate up --json',
    'migrate down shop --steps 1 --confirm=shop',
    'ready shop --wait 60s',
    'ready shop --json',
  ];
  it.each(everyday(words, { oneOf: 2, name: 'migrations' }))('%s ends at once by a signal', async (line) => {
    if (!silent) throw new Error('the server listens');
    const { port } = silent;
    await using folder = await tempDir();
    await mkdir(join(folder.path, 'm'));
    await writeFile(join(folder.path, 'm/0001_a.sql'), 'CREATE TABLE a (i int);\n');
    const url = `postgres://admin@127.0.0.1:${port}/postgres`;
    const main = `{ engine: postgres, url: "${url}", password: { env: PW } }`;
    const app = '{ uses: { main: {} }, migrations: { tool: sql, directory: m } }';
    await writeFile(join(folder.path, 'cotenant.yaml'), `cotenant: 1\nproject: p\ninstances: { main: ${main} }\napps: { shop: ${app} }\n`);
    const own = { POSTGRES_HOST: '127.0.0.1', POSTGRES_PORT: String(port), POSTGRES_USER: 'shop', POSTGRES_DB: 'shop' };
    for (const { signal, code } of everyday(signals, { oneOf: 3, name: line })) {
      const asked = silent.asked();
      const cli = startCli(line.split(' '), { cwd: folder.path, env: { ...password, ...own, POSTGRES_PASSWORD: 'a-canary-31' } });
      await asked;
      cli.kill(signal);
      const result = await cli.done;
      expect([signal, result.code, result.signal]).toEqual([signal, code, null]);
      expect(result.stderr).toContain('Interrupted.');
      if (line.includes('--json')) expect(JSON.parse(result.stdout)).toMatchObject({ ending: 'interrupted', exitCode: code });
    }
  });
});

const password = { PW: 'a-canary-31' } as const;

async function manifestFor(engine: string, port: number): Promise<Awaited<ReturnType<typeof tempDir>>> {
  const folder = await tempDir();
  const scheme = engine === 'redis' ? 'redis://admin' : `${engine}://admin`;
  const instance = `{ engine: ${engine}, url: "${scheme}@127.0.0.1:${port}", password: { env: PW } }`;
  await writeFile(
    join(folder.path, 'cotenant.yaml'),
    `cotenant: 1\nproject: p\ninstances: { main: ${instance} }\napps: { shop: { uses: { main: {} } } }\n`,
  );
  return folder;
}
