import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { applyProject } from '../../src/app/apply.ts';
import { envOfApp } from '../../src/app/env.ts';
import { planProject } from '../../src/app/plan.ts';
import { openProject } from '../../src/app/project.ts';
import { restoreApp } from '../../src/app/restore.ts';
import { statusProject } from '../../src/app/status.ts';
import type { Ending, EventBody, PlanOutcome, Project, RunOptions } from '../../src/app/types.ts';
import type { Diagnostic, Plan, StatusReport } from '../../src/model/index.ts';
import { type CliResult, type RunningCli, runCli, startCli } from './cli.ts';
import { cache } from './places.ts';
import { tempDir } from './temp-dir.ts';
import { held } from './ordered.ts';

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
  /** With every consent; destructive steps only on the names in `confirm`. */
  apply(options?: Partial<RunOptions>): Promise<Applied>;
  restore(app: string): Promise<Applied>;
  plan(): Promise<PlanOutcome>;
  status(): Promise<StatusReport>;
  /** What `env --reveal` gives. */
  reveal(app: string): Promise<Readonly<Record<string, string>>>;
}

/** The start of a manifest for the server that the environment of a workplace names. `instance`: more fields of it, `rest`: what follows. */
export function manifestFor(engine: string, url: string, rest: string, instance = ''): string {
  return `cotenant: 1
project: life
instances:
  main:
    engine: ${engine}
    url: ${url}
    password: { env: ADMIN_PASSWORD }
${instance}${rest}`;
}

/** `agreed`: names that are confirmed beside those that an apply is given, once its plan is there. */
export async function workplaceIn(
  manifest: string,
  more: Readonly<Record<string, string>>,
  agreed: (plan: Plan) => Iterable<string> = () => [],
): Promise<Workplace> {
  const folder = await tempDir();
  const env = { XDG_CACHE_HOME: cache, ...more };
  const write = async (text: string): Promise<void> => await writeFile(join(folder.path, 'cotenant.yaml'), text);
  const open = async (): Promise<Project> => await openProject({ cwd: folder.path, env });
  const consenting = ({ confirm = [], ...rest }: Partial<RunOptions> = {}): RunOptions => {
    const names = [...confirm];
    const consent: RunOptions['consent'] = (plan) => {
      names.push(...agreed(plan));
      return Promise.resolve(true);
    };
    return { lockTimeout: 60_000, consent, confirm: names, ...rest };
  };
  await write(manifest);
  return {
    folder: folder.path,
    env,
    write,
    open,
    cli: (...args) => runCli(args, { cwd: folder.path, env }),
    start: (...args) => startCli(args, { cwd: folder.path, env }),
    apply: async (options) => await outcomeOf(applyProject(await open(), consenting(options))),
    restore: async (app) => await outcomeOf(restoreApp(await open(), app, consenting())),
    plan: async () => held(await planProject(await open())),
    status: async () => await statusProject(await open()),
    reveal: async (app) => {
      const { variables } = await envOfApp(await open(), app);
      return Object.fromEntries(variables.map(({ name, value }) => [name, value]));
    },
    [Symbol.asyncDispose]: async () => await folder[Symbol.asyncDispose](),
  };
}

async function outcomeOf(events: AsyncIterable<EventBody>): Promise<Applied> {
  let ending: Ending | null = null;
  const diagnostics: Diagnostic[] = [];
  for await (const event of events) {
    if (event.type === 'planned') diagnostics.push(...held(event.outcome).plan.diagnostics);
    if (event.type === 'diagnostic') diagnostics.push(event.diagnostic);
    if (event.type === 'step' && event.result.diagnostic) diagnostics.push(event.result.diagnostic);
    if (event.type === 'result') ending = event.ending;
  }
  return { ending, diagnostics };
}
