import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { spawn } from '../../test/support/children.ts';
import { describe, expect, it } from 'vitest';
import { nodePath } from '../../test/support/cli.ts';
import { tempDir } from '../../test/support/temp-dir.ts';
import { moduleUnderTest } from '../../test/support/under-test.ts';
import type { LocalProcess, Machine, StartOptions } from '../engine/local.ts';
import { DiagnosticError } from '../model/index.ts';
import { localMachine } from './index.ts';
import { canEnter, serverUser } from './user.ts';

const machine = localMachine();
const isRoot = process.getuid?.() === 0;

async function shell(script: string, folder: string, more: Partial<StartOptions> = {}): Promise<LocalProcess> {
  const server = await machine.start('sh', ['-c', script], { logFile: join(folder, 'log'), stopSignals: ['SIGINT', 'SIGTERM'], ...more });
  await machine.untilReady(server, async () => (await readFile(server.logFile, 'utf8')).includes('ready'), 60_000);
  return server;
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

describe('a free port', () => {
  it('can be listened on', async () => {
    const port = await machine.freePort();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    expect(server.listening).toBe(true);
    server.close();
  });
});

describe('a temporary folder', () => {
  it('belongs to the server user alone, and goes', async () => {
    const folder = await machine.tempFolder('cotenant-test-');
    const stats = await stat(folder.path);
    expect(stats.mode & 0o777).toBe(0o700);
    expect(stats.uid).toBe(machine.user?.uid ?? process.getuid?.());
    await writeFile(join(folder.path, 'file'), 'x');
    await folder.remove();
    expect(existsSync(folder.path)).toBe(false);
  });

  it('is made elsewhere when the server user cannot enter the wished place', async () => {
    await using dir = await tempDir();
    await using folder = await machine.tempFolder('cotenant-test-', dir.path);
    expect(folder.path.startsWith(dir.path)).toBe(!isRoot);
  });
});

describe('programs in a private folder', () => {
  it('are copied for the server user only when needed', async () => {
    await using dir = await tempDir();
    await using target = await machine.tempFolder('cotenant-test-');
    const programs = join(dir.path, 'programs');
    await mkdir(programs);
    await writeFile(join(programs, 'hello'), '#!/bin/sh\necho hello\n', { mode: 0o700 });
    const found = await machine.readable(programs, target.path);
    expect(found).toBe(isRoot ? join(target.path, 'programs') : programs);
    expect(await machine.run(join(found, 'hello'), [])).toMatchObject({ code: 0, stdout: 'hello\n' });
    expect(await machine.readable(programs, target.path)).toBe(found);
  });
});

describe('the server user', () => {
  it.runIf(isRoot)('is not root where this process is', async () => {
    expect((await machine.run('id', ['-u'])).stdout.trim()).toBe(String(machine.user?.uid));
    expect(machine.user?.uid).toBeGreaterThan(0);
    expect((await machine.run('id', ['-G'])).stdout.trim()).toBe(String(machine.user?.gid));
  });

  it.runIf(isRoot)('is missed by name where the system has none', async () => {
    await using dir = await tempDir();
    await writeFile(join(dir.path, 'passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
    expect(() => serverUser(join(dir.path, 'passwd'))).toThrow('CT6004');
  });

  it('enters a folder by the mode bits of every folder above it', async () => {
    await using dir = await tempDir();
    const user = { name: 'other', uid: 60_123, gid: 60_123 };
    const inner = join(dir.path, 'inner');
    await mkdir(inner, { mode: 0o755 });
    expect(canEnter(user, inner)).toBe(false);
    await chmod(dir.path, 0o711);
    expect(canEnter(user, inner)).toBe(true);
    await chmod(inner, 0o710);
    expect(canEnter(user, inner)).toBe(false);
  });
});

describe('a server process', () => {
  it('gets none of our environment', async () => {
    process.env['COTENANT_TEST_CANARY'] = 'canary';
    expect((await machine.run('env', [], { env: { GIVEN: 'yes' } })).stdout).toMatch(/GIVEN=yes/);
    expect((await machine.run('env', [])).stdout).not.toMatch(/canary/i);
  });

  it('is stopped by the first signal that it obeys', async () => {
    await using folder = await machine.tempFolder('cotenant-test-');
    const server = await shell("trap '' INT; trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done", folder.path);
    // A busy machine may take a while to run the shell's trap.
    expect(await server.stop(3_000)).toEqual({ code: 7, signal: null });
    expect(server.end).toEqual({ code: 7, signal: null });
  });

  it('is killed when it obeys none', async () => {
    await using folder = await machine.tempFolder('cotenant-test-');
    const server = await shell("trap '' INT TERM; echo ready; while :; do sleep 0.05; done", folder.path);
    expect(await server.stop(200)).toEqual({ code: null, signal: 'SIGKILL' });
    expect(runs(server.pid)).toBe(false);
  });

  it('keeps its log to itself', async () => {
    await using folder = await machine.tempFolder('cotenant-test-');
    const server = await shell('echo ready; exec sleep 60', folder.path);
    expect((await stat(server.logFile)).mode & 0o777).toBe(0o600);
    await server.kill();
  });

  it('that ends before it is ready is told with the end of its log', async () => {
    await using folder = await machine.tempFolder('cotenant-test-');
    const error = await shell('echo no such setting; exit 3', folder.path).catch((reason: unknown) => reason);
    const diagnostic = error instanceof DiagnosticError ? error.diagnostics[0] : undefined;
    expect(diagnostic?.code).toBe('CT6001');
    expect(diagnostic?.message).toContain('code 3');
    expect(diagnostic?.hint).toContain('no such setting');
  });

  it('that never becomes ready is told too', async () => {
    await using folder = await machine.tempFolder('cotenant-test-');
    const server = await shell('echo ready; exec sleep 60', folder.path);
    await expect(machine.untilReady(server, async () => false, 100)).rejects.toThrow('CT6002');
    await server.kill();
  });

  it('that does not exist is told by name', async () => {
    await using folder = await machine.tempFolder('cotenant-test-');
    const start = (): ReturnType<Machine['start']> =>
      machine.start('/no/such/server', [], { logFile: join(folder.path, 'log'), stopSignals: [] });
    await expect(start()).rejects.toThrow('CT6003: /no/such/server');
    await expect(machine.run('/no/such/program', [])).rejects.toThrow('CT6003');
  });
});

/** Starts a watched server in another Node process, which is then ended in different ways. */
const parent = `
import { localMachine } from '${pathToFileURL(moduleUnderTest('runtime/index')).href}';
const machine = localMachine();
const folder = await machine.tempFolder('cotenant-test-');
const server = await machine.start('sh', ['-c', 'exec sleep 300'], {
  logFile: folder.path + '/log', stopSignals: ['SIGTERM'], watchParent: { remove: [folder.path] },
});
console.log(JSON.stringify({ pid: server.pid, folder: folder.path }));
if (process.argv[2] === 'exit') process.exit(0);
if (process.argv[2] === 'throw') throw new Error('on purpose');
setInterval(() => undefined, 1000);
`;

async function endParent(
  how: NodeJS.Signals | 'exit' | 'throw',
): Promise<{ pid: number; folder: string; code: number | null; signal: string | null }> {
  await using dir = await tempDir();
  const file = join(dir.path, 'parent.ts');
  await writeFile(file, parent);
  const child = spawn(nodePath(), [file, how], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<[number | null, string | null]>((resolve) => child.once('close', (code, signal) => resolve([code, signal])));
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const first = await Promise.race([new Promise<string>((resolve) => child.stdout.setEncoding('utf8').once('data', resolve)), ended]);
  if (typeof first !== 'string') throw new Error(`the parent ended before it had a server: ${complaint}`);
  if (how.startsWith('SIG')) child.kill(how as NodeJS.Signals);
  const [code, signal] = await ended;
  const { pid, folder } = JSON.parse(first) as { pid: number; folder: string };
  return { pid, folder, code, signal };
}

describe('a watched server', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const)('ends with a process that got %s, and its folder goes', async (signal) => {
    const { pid, folder, ...end } = await endParent(signal);
    expect(end).toEqual({ code: null, signal });
    await until(() => !runs(pid) && !existsSync(folder));
  });

  it.each([
    ['exit', 0],
    ['throw', 1],
  ] as const)('ends with a process that ended by %s', async (how, code) => {
    const { pid, folder, ...end } = await endParent(how);
    expect(end).toEqual({ code, signal: null });
    await until(() => !runs(pid) && !existsSync(folder));
  });
});
