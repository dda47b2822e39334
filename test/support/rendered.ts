import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RenderedPooler, RenderedServer } from '../../src/engine/index.ts';
import { openProject } from '../../src/app/project.ts';
import { contextOf, poolerContextOf } from '../../src/render/input.ts';
import { execFile } from './children.ts';
import { tempDir } from './temp-dir.ts';

export interface Rendered {
  readonly server: RenderedServer;
  /** By name. */
  readonly files: ReadonlyMap<string, string>;
  readonly pooler: RenderedPooler | null;
}

/** What would be rendered for the server of the only instance of a manifest. */
export async function renderedServer(manifest: string, env: Readonly<Record<string, string>> = {}): Promise<Rendered> {
  await using folder = await tempDir();
  await writeFile(join(folder.path, 'cotenant.yaml'), manifest);
  const { manifest: read } = await openProject({ cwd: folder.path, env });
  const [instance] = read.instances;
  const ability = await instance?.engine.render?.();
  if (instance === undefined || ability === undefined) throw new Error('nothing to render');
  const context = contextOf(instance.name, 'minimum');
  const files = ability.config(instance.input, context).map(({ name, text }) => [name, text] as const);
  const pooler = ability.pooler?.(instance.input, poolerContextOf(instance.name)) ?? null;
  return { server: ability.server(instance.input, context), files: new Map(files), pooler };
}

export interface HealthOf {
  readonly server: Pick<RenderedServer, 'health' | 'port' | 'secrets'>;
  readonly instance: string;
  readonly password: string;
  readonly port: number;
  /** Folders with the programs that the image has. */
  readonly programs: readonly string[];
}

/** Runs the line of a health check as the container would, but for where the server and its secrets are: its exit code. */
export async function healthOf({ server, instance, password, port, programs }: HealthOf): Promise<number> {
  await using folder = await tempDir();
  const secrets = join(folder.path, 'secrets');
  await mkdir(secrets);
  for (const { name, text } of [{ name: 'admin', text: (word: string) => word }, ...server.secrets])
    await writeFile(join(secrets, `${instance}-${name}`), await text(password));
  await chmod(folder.path, 0o755);
  const line = server.health.replaceAll('/run/secrets', secrets).replaceAll(String(server.port), String(port));
  const env = { PATH: `${programs.join(':')}:/usr/bin:/bin`, HOME: folder.path };
  return (await ended(execFile('/bin/sh', ['-c', line], { env, timeout: 20_000 }))).code;
}

/** How a child ended, whichever way. */
export async function ended(
  child: ReturnType<typeof execFile>,
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  try {
    return { code: 0, ...(await child) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { code, stdout = '', stderr = '' } = error as Error & { code?: unknown; stdout?: string; stderr?: string };
    return { code: typeof code === 'number' ? code : 1, stdout, stderr };
  }
}
