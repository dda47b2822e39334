import { spawn } from 'node:child_process';
import { access, constants, mkdtemp, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { constants as osConstants, tmpdir } from 'node:os';
import { basename, delimiter, join, resolve } from 'node:path';
import type { Client } from '../app/client.ts';
import { fail } from '../model/index.ts';
import { clientMissing } from './codes.ts';
import type { Io } from './io.ts';

/** Runs the client on this terminal to its end, and gives its exit code. What is private to it is gone afterwards. */
export async function runClient(client: Client, args: readonly string[], io: Io): Promise<number> {
  const program = await programOf(client, io);
  await using file = await privateFile(client.file?.text ?? null, io.env);
  const words = client.file && file.path !== null ? [`${client.file.option}=${file.path}`] : [];
  const env = { ...io.env, ...client.env };
  io.interruption.signal.throwIfAborted();
  return await ended(program, [...words, ...client.args(basename(await realpath(program))), ...args], env, io);
}

/** The first of the client's programs in PATH, else beside the local server. Throws CT4020. */
async function programOf({ programs, folders, instance }: Client, io: Io): Promise<string> {
  const path = (io.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const place of [path, folders]) {
    for (const program of programs) {
      for (const folder of place) {
        const file = resolve(io.cwd, folder, program);
        if (await isProgram(file)) return file;
      }
    }
  }
  throw fail(clientMissing, `There is no ${programs.join(' or ')} in PATH, the client for "${instance}".`, {
    instance,
    hint: `Install ${programs[0]}, or take the credentials from cotenant env`,
  });
}

async function isProgram(file: string): Promise<boolean> {
  return await access(file, constants.X_OK)
    .then(async () => (await stat(file)).isFile())
    .catch(() => false);
}

interface PrivateFile extends AsyncDisposable {
  /** null: there is none. */
  readonly path: string | null;
}

/** In a folder of its own, which only this user can enter. */
async function privateFile(text: string | null, env: Io['env']): Promise<PrivateFile> {
  if (text === null) return { path: null, [Symbol.asyncDispose]: () => Promise.resolve() };
  const folder = await mkdtemp(join(env['XDG_RUNTIME_DIR'] ?? tmpdir(), 'cotenant-'));
  const path = join(folder, 'client.cnf');
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  await writeFile(path, text, { mode: 0o600, flag: 'wx' }).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  return { path, [Symbol.asyncDispose]: remove };
}

/**
 * The terminal sends its Ctrl-C to the client too, which answers it in its own way; what others send to this process alone
 * is passed on.
 */
async function ended(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string | null | undefined>>,
  io: Io,
): Promise<number> {
  const set = Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
  const child = spawn(program, args, { cwd: io.cwd, env: set, stdio: 'inherit' });
  io.interruption.handTo((signal) => {
    if (signal !== 'SIGINT' || io.stdin.isTTY !== true) child.kill(signal);
  });
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : osConstants.signals[signal])));
    });
  } finally {
    io.interruption.handTo(null);
  }
}
