import { readFile, stat } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { tempDir } from '../../test/support/temp-dir.ts';
import { Interruption } from './interruption.ts';
import { run } from './run.ts';

interface Ended {
  readonly code: number;
  readonly stderr: string;
}

/** A command that is interrupted, and fails where it writes what it found. */
async function cut(argv: readonly string[], cwd: string, error: Error | null, env: Record<string, string> = {}): Promise<Ended> {
  const interruption = new Interruption(() => undefined);
  const [stdin, stderr] = [new PassThrough(), new PassThrough()];
  const stdout = new PassThrough();
  stdout.write = () => {
    interruption.interrupt('SIGTERM');
    throw error ?? new Error('not asked for here');
  };
  if (error === null) interruption.interrupt('SIGTERM');
  const code = await run(argv, { version: '9', cwd, env, stdin, stdout, stderr, interruption, interrupt: () => undefined });
  return { code, stderr: String(stderr.read() ?? '') };
}

const withCode = (code: string): Error => Object.assign(new Error(`it is ${code}`), { code });

it.each([
  ['a defect', new TypeError('a defect')],
  ['a full disk', withCode('ENOSPC')],
  ['a file that is not there', withCode('ENOENT')],
])('%s is told after an interruption too', async (_, error) => {
  expect(await cut(['completion', 'bash'], '/', error)).toEqual({ code: 1, stderr: expect.stringContaining(error.message) as unknown });
});

it('a defect is kept in a file for its owner, without what may be a secret', async () => {
  await using folder = await tempDir();
  const env = { HOME: folder.path };
  const { stderr } = await cut(['completion', 'bash', '--file=hunter2'], folder.path, new TypeError('a defect'), env);
  const [file = ''] = /\/\S+\.log/.exec(stderr) ?? [];
  const text = await readFile(file, 'utf8');
  expect(text).toMatch(/^cotenant 9, Node v[^]*\ncotenant completion --file=…\nTypeError: a defect\n +at /);
  expect(text).not.toContain('hunter2');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

it.each([['a connection that was given up', withCode('ECONNRESET')]])('%s is not', async (_, error) => {
  expect(await cut(['completion', 'bash'], '/', error)).toEqual({ code: 143, stderr: '' });
});

it('trouble of another kind is told, and the code is that of the signal', async () => {
  await using folder = await tempDir();
  expect(await cut(['apply'], folder.path, null)).toEqual({ code: 143, stderr: expect.stringContaining('CT1018') as unknown });
});
