import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Container } from '../engine/index.ts';
import type { RunResult } from '../engine/local.ts';
import { DiagnosticError, fail } from '../model/index.ts';
import { replaceFile } from '../util/system.ts';
import { run } from './process.ts';

/** Container engines, by their command lines. Not tried with a running engine yet: docs/runtime.md says so. */
export type ContainerCli = 'docker' | 'podman';

const clis: readonly ContainerCli[] = ['docker', 'podman'];

/** What such a command needs of this environment to find its engine. */
const passed = ['HOME', 'DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CONFIG', 'CONTAINER_HOST', 'XDG_RUNTIME_DIR', 'XDG_CONFIG_HOME'] as const;

type Env = Readonly<Record<string, string | undefined>>;

/** The first container engine that answers; or why there is none. */
export async function findContainerEngine(env: Env): Promise<ContainerCli | { readonly why: string }> {
  const whys: string[] = [];
  for (const cli of clis) {
    try {
      const { code } = await call(cli, ['info'], env, 5000);
      if (code === 0) return cli;
      whys.push(`${cli} is installed, but its engine does not answer`);
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      whys.push(`no ${cli} on this machine`);
    }
  }
  return { why: whys.join('; ') };
}

export interface ContainerStart {
  readonly cli: ContainerCli;
  readonly name: string;
  readonly volume: string;
  /** Where the files for it are written. */
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  readonly container: Container;
  readonly env: Env;
}

/**
 * Makes the container anew, on the volume that it had: the engine of containers starts it again after a crash, and after a
 * reboot where it is started itself. Throws CT6022.
 */
export async function startContainer(start: ContainerStart): Promise<void> {
  const { cli, name, volume, host, port, container, env } = start;
  const files = join(start.folder, 'container');
  await mkdir(files, { recursive: true, mode: 0o700 });
  // In a folder that is its owner's alone. The server inside runs as a user of its own, which must be able to read them.
  for (const file of container.files) await replaceFile(join(files, file.name), file.text, 0o644);
  await call(cli, ['rm', '--force', name], env);
  const mounts = container.files.flatMap((file) => ['--mount', `type=bind,src=${join(files, file.name)},dst=${file.inside},readonly`]);
  const variables = Object.entries(container.env).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
  const place = ['--publish', `${host}:${port}:${container.port}`, '--volume', `${volume}:${container.data}`];
  const options = ['--detach', '--name', name, '--restart', 'unless-stopped', ...place, ...mounts, ...variables];
  const result = await call(cli, ['run', ...options, container.image, ...container.args], env, 600_000);
  if (result.code !== 0) throw fail('CT6022', `${cli} could not start ${container.image}.`, { hint: result.stderr.trim() });
}

export interface ContainerPoint {
  readonly cli: ContainerCli;
  readonly name: string;
  readonly env: Env;
}

export async function isContainerRunning({ cli, name, env }: ContainerPoint): Promise<boolean> {
  const { code, stdout } = await call(cli, ['inspect', '--format', '{{.State.Running}}', name], env);
  return code === 0 && stdout.trim() === 'true';
}

export async function stopContainer({ cli, name, env }: ContainerPoint): Promise<void> {
  await call(cli, ['stop', '--time', '60', name], env, 90_000);
}

/** Ends the container, its volume and the files that were made for it. */
export async function removeContainer(point: ContainerPoint, volume: string, folder: string): Promise<void> {
  await call(point.cli, ['rm', '--force', point.name], point.env, 90_000);
  await call(point.cli, ['volume', 'rm', '--force', volume], point.env);
  await rm(join(folder, 'container'), { recursive: true, force: true });
}

/** What the server has printed last. */
export async function containerLog({ cli, name, env }: ContainerPoint, lines: number): Promise<string> {
  const { stdout, stderr } = await call(cli, ['logs', '--tail', String(lines), name], env);
  return stdout + stderr;
}

async function call(cli: ContainerCli, args: readonly string[], env: Env, timeout = 30_000): Promise<RunResult> {
  const own = passed.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return await run(null, cli, args, { env: Object.fromEntries(own), timeout });
}
