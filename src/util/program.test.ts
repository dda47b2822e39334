import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { spawn } from '../../test/support/children.ts';
import { runProgram } from './program.ts';

const never = new AbortController().signal;
const shell = (script: string, more: Partial<Parameters<typeof runProgram>[0]> = {}): ReturnType<typeof runProgram> =>
  runProgram({ program: '/bin/sh', args: ['-c', script, 'sh', 'a b', ''], cwd: '/', env: { WORD: 'set' }, signal: never, ...more });

it('arguments, environment, both streams, the code and a secret are the program’s', async () => {
  const end = await shell('echo "$#:$1:$2:$WORD"; cat /dev/fd/3; echo error >&2; exit 7', { secret: 'canary' });
  expect(end).toEqual({ code: 7, output: 'a b::set\n'.replace(/^/u, '2:').concat('canary'), errors: 'error\n', silent: false });
});

it('nothing can be read from the standard input', async () => {
  expect(await shell('cat; echo end')).toMatchObject({ code: 0, output: 'end\n' });
});

it('a signal that ends it is no code', async () => {
  expect(await shell('kill -9 $$')).toMatchObject({ code: null });
});

it('is stopped by the signal of the run, and killed where it does not listen', async () => {
  const stop = new AbortController();
  const running = shell("trap '' TERM; echo up; while :; do sleep 0.1; done", { signal: stop.signal, line: () => stop.abort() });
  expect(await running).toMatchObject({ code: null, output: 'up\n' });
});

it('is given up after its silence', async () => {
  expect(await shell('exec sleep 60', { silence: 200 })).toMatchObject({ code: null, silent: true });
});

it('goes with a process that was killed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cotenant-program-'));
  const file = join(folder, 'pid');
  const module = new URL('program.ts', import.meta.url).href;
  const script = `import { runProgram } from ${JSON.stringify(module)}; await runProgram({ program: '/bin/sh', args: ['-c', 'echo $$ > ${file}; exec sleep 600'], cwd: '/', env: process.env, signal: new AbortController().signal });`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
  let pid = 0;
  while (pid === 0) {
    await sleep(20);
    pid = Number(await readFile(file, 'utf8').catch(() => '0'));
  }
  parent.kill('SIGKILL');
  const lives = (): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };
  while (lives()) await sleep(20);
  expect(lives()).toBe(false);
  await rm(folder, { recursive: true });
});
