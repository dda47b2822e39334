import { once } from 'node:events';
import { createServer } from 'node:net';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startCli } from '../support/cli.ts';
import { everyday } from '../support/sample.ts';
import { tempDir } from '../support/temp-dir.ts';

const signals = [
  { signal: 'SIGINT', code: 130 },
  { signal: 'SIGTERM', code: 143 },
  { signal: 'SIGHUP', code: 129 },
] as const;

const manifest = (port: number): string => `cotenant: 1
project: p
instances: { main: { engine: postgres, url: "postgres://admin@127.0.0.1:${port}/postgres", password: { env: PW } } }
apps: { shop: { uses: { main: {} } } }
`;

/** Commands that wait for standard input, which stays open and brings nothing. */
const waiting = [
  'validate --file -',
  'plan --file -',
  'apply --yes --file -',
  'status --file -',
  'verify --file -',
  'env shop --file -',
  'history --file -',
  'connect shop --file -',
  'migrate status --file -',
  'migrate up --file -',
  'migrate down shop --steps 1 --file -',
  'ready shop --file -',
  'backup --file -',
  'backup prune --yes --file -',
  'drill --file -',
  'restore shop --file -',
  'up --file -',
  'credentials set shop --password-file -',
  'import postgres://admin@127.0.0.1:1/postgres --password-file -',
];

describe('a command that waits for standard input', () => {
  it.each(everyday(waiting, { oneOf: 3, name: 'stdin' }))('ends at once by a signal: %s', async (words) => {
    await using folder = await tempDir();
    await writeFile(join(folder.path, 'cotenant.yaml'), manifest(1));
    for (const { signal, code } of everyday(signals, { oneOf: 3, name: words })) {
      const cli = startCli([...words.split(' '), '--debug'], { cwd: folder.path, env: { PW: 'a-canary-31' }, input: null });
      // It listens for signals before it reads.
      await cli.reads();
      cli.kill(signal);
      const result = await cli.done;
      expect([words, signal, result.code, result.signal]).toEqual([words, signal, code, null]);
      expect(result.stderr).toContain('Interrupted.');
    }
    expect(await readdir(folder.path)).not.toContain('made.yaml');
  });
});

describe('what asks a server that never answers', () => {
  it.each(['credentials set shop --password-file pw', 'connect shop --as admin', 'credentials set shop --password-file pw --json'])(
    'ends at once by a signal: %s',
    async (words) => {
      const server = createServer((socket) => socket.on('error', () => undefined));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('it listens on a port');
      await using folder = await tempDir();
      await writeFile(join(folder.path, 'cotenant.yaml'), manifest(address.port));
      await writeFile(join(folder.path, 'pw'), 'a-canary-32');
      for (const { signal, code } of everyday(signals, { oneOf: 3, name: words })) {
        const asked = once(server, 'connection');
        const cli = startCli(words.split(' '), { cwd: folder.path, env: { PW: 'a-canary-31' } });
        await asked;
        cli.kill(signal);
        const result = await cli.done;
        expect([words, signal, result.code, result.signal]).toEqual([words, signal, code, null]);
        expect(result.stdout + result.stderr).not.toContain('canary');
      }
      server.close();
    },
  );
});
