import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CliResult, type RunningCli, runCli, startCli } from '../../../support/cli.ts';
import { cache } from '../../../support/places.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { applyProject } from '../../../../src/app/apply.ts';
import { envOfApp } from '../../../../src/app/env.ts';
import { planProject } from '../../../../src/app/plan.ts';
import { openProject } from '../../../../src/app/project.ts';
import { restoreApp } from '../../../../src/app/restore.ts';
import { statusProject } from '../../../../src/app/status.ts';
import type { EventBody, RunOptions, Ending, PlanOutcome, Project, StatusOutcome } from '../../../../src/app/types.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import type { Diagnostic, VerifyReport } from '../../../../src/model/index.ts';
import { ask } from '../../../../src/engines/redis/local/client.ts';
import type { RedisServer } from '../runtime.ts';

/** A manifest for the server that the environment of the workplace names. */
export function manifestOf(rest: string, instance = ''): string {
  return `cotenant: 1
project: life
instances:
  main:
    engine: redis
    url: redis://admin@\${HOST}:\${PORT}
    password: { env: ADMIN_PASSWORD }
${instance}${rest}`;
}

/** What an apply in this process came to. */
export interface Applied {
  readonly ending: Ending | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** A folder with a manifest, from which the CLI is run as a process, or the same use cases in this one, which is faster. */
export interface Workplace extends AsyncDisposable {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  write(manifest: string): Promise<void>;
  open(): Promise<Project>;
  /** The CLI to its end. */
  cli(...args: readonly string[]): Promise<CliResult>;
  start(...args: readonly string[]): RunningCli;
  /** With every consent, the closing of the user `default` included; destructive steps only on these names. */
  apply(options?: Partial<RunOptions>): Promise<Applied>;
  restore(app: string): Promise<Applied>;
  plan(): Promise<PlanOutcome>;
  status(): Promise<StatusOutcome>;
  verify(seed?: number): Promise<VerifyReport>;
  /** What `env --reveal` gives. */
  reveal(app: string): Promise<Readonly<Record<string, string>>>;
  /** One command as the administrator. */
  admin(...words: readonly string[]): Promise<unknown>;
  /** One command with the app's own credentials. Refusals are thrown. */
  as(app: string, ...words: readonly string[]): Promise<unknown>;
}

export async function workplace(
  server: Pick<RedisServer, 'host' | 'port' | 'user' | 'password'>,
  manifest: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Workplace> {
  const folder = await tempDir();
  const env = { HOST: server.host, PORT: String(server.port), ADMIN_PASSWORD: server.password, XDG_CACHE_HOME: cache, ...more };
  const write = async (text: string): Promise<void> => await writeFile(join(folder.path, 'cotenant.yaml'), text);
  const open = async (): Promise<Project> => await openProject({ cwd: folder.path, env });
  const reveal = async (app: string): Promise<Readonly<Record<string, string>>> => {
    const { variables } = await envOfApp(await open(), app);
    return Object.fromEntries(variables.map(({ name, value }) => [name, value]));
  };
  await write(manifest);
  return {
    folder: folder.path,
    env,
    write,
    open,
    reveal,
    cli: (...args) => runCli(args, { cwd: folder.path, env }),
    start: (...args) => startCli(args, { cwd: folder.path, env }),
    apply: async (options = {}) =>
      await outcomeOf(applyProject(await open(), { ...consenting, ...options, confirm: ['default', ...(options.confirm ?? [])] })),
    restore: async (app) => await outcomeOf(restoreApp(await open(), app, consenting)),
    plan: async () => await planProject(await open()),
    status: async () => await statusProject(await open()),
    verify: async (seed = 7) => {
      const { report, diagnostics } = await verifyProject(await open(), { seed });
      if (diagnostics.some((one) => one.severity === 'error')) throw new Error(JSON.stringify(diagnostics));
      return report;
    },
    admin: async (...words) => await ask(server, ...words),
    as: async (app, ...words) => {
      const { REDIS_USERNAME: user = '', REDIS_PASSWORD: password = '' } = await reveal(app);
      return await ask({ host: server.host, port: server.port, user, password }, ...words);
    },
    [Symbol.asyncDispose]: async () => await folder[Symbol.asyncDispose](),
  };
}

const consenting = { lockTimeout: 60_000, consent: () => Promise.resolve(true) } as const;

async function outcomeOf(events: AsyncIterable<EventBody>): Promise<Applied> {
  let ending: Ending | null = null;
  const diagnostics: Diagnostic[] = [];
  for await (const event of events) {
    if (event.type === 'planned') diagnostics.push(...event.outcome.plan.diagnostics);
    if (event.type === 'diagnostic') diagnostics.push(event.diagnostic);
    if (event.type === 'step' && event.result.diagnostic) diagnostics.push(event.result.diagnostic);
    if (event.type === 'result') ending = event.ending;
  }
  return { ending, diagnostics };
}

/** Brings a server back to where it was when it was new. */
export async function wipe(server: RedisServer): Promise<void> {
  const users = await ask(server, 'ACL', 'USERS');
  const others = Array.isArray(users) ? users.map(String).filter((name) => name !== 'default' && name !== server.user) : [];
  if (others.length > 0) await ask(server, 'ACL', 'DELUSER', ...others);
  await ask(server, 'ACL', 'SETUSER', 'default', 'reset');
  await ask(server, 'FLUSHALL');
  await ask(server, 'ACL', 'SAVE');
}
