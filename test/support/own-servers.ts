import { chmod, chown, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type CliResult, type RunningCli, runCli, startCli } from './cli.ts';
import { cache } from './places.ts';
import { tempDir } from './temp-dir.ts';

const supervisor = z.object({ pid: z.number(), server: z.object({ pid: z.number() }).nullable(), ends: z.number() });
const state = z.object({ port: z.number(), run: z.object({ data: z.string() }) });

/** A folder with a manifest whose servers `up` starts. What runs at the end of the block is ended with its data. */
export interface OwnServers extends AsyncDisposable {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  write(manifest: string): Promise<void>;
  cli(...args: readonly string[]): Promise<CliResult>;
  start(...args: readonly string[]): RunningCli;
  /** A file of one instance's server. */
  file(instance: string, name: string): string;
  /** What the supervisor says; null: it never said anything. */
  supervisor(instance: string): Promise<z.infer<typeof supervisor> | null>;
  state(instance: string): Promise<z.infer<typeof state>>;
  /** As if it had been started from programs that said something else then. */
  startedFrom(instance: string, was: (state: string) => string): Promise<void>;
}

export async function ownServers(
  manifest: string,
  more: { readonly user?: { readonly uid: number; readonly gid: number }; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<OwnServers> {
  const { user } = more;
  const dir = await tempDir();
  const folder = dir.path;
  // The server's user has to pass where this is root.
  await chmod(folder, 0o711);
  const yaml = join(folder, 'cotenant.yaml');
  await writeFile(yaml, manifest);
  if (user) await chown(folder, user.uid, user.gid);
  const env = { COTENANT_CACHE: cache, COTENANT_SERVERS: join(folder, 'servers'), ...more.env };
  const options = { cwd: folder, env, ...(user ? { user } : {}) };
  const file = (instance: string, name: string): string => join(folder, '.cotenant/servers', instance, name);
  const cli = (...args: readonly string[]): Promise<CliResult> => runCli(args, options);
  return {
    folder,
    env,
    file,
    cli,
    start: (...args) => startCli(args, options),
    write: async (text) => await writeFile(yaml, text),
    supervisor: async (instance) => {
      const text = await readFile(file(instance, 'supervisor.json'), 'utf8').catch(() => null);
      return text === null ? null : supervisor.parse(JSON.parse(text));
    },
    startedFrom: async (instance, was) => {
      const path = file(instance, 'state.json');
      await writeFile(path, was(await readFile(path, 'utf8')));
    },
    state: async (instance) => state.parse(JSON.parse(await readFile(file(instance, 'state.json'), 'utf8'))),
    [Symbol.asyncDispose]: async () => {
      await cli('down');
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** True as long as there is a process of that id. */
export function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
