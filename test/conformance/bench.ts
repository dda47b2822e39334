import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { applyProject } from '../../src/app/apply.ts';
import { envOfApp } from '../../src/app/env.ts';
import { planProject } from '../../src/app/plan.ts';
import { openProject } from '../../src/app/project.ts';
import { restoreApp } from '../../src/app/restore.ts';
import { statusProject } from '../../src/app/status.ts';
import type { EventBody, RunOptions, Ending, PlanOutcome, Project } from '../../src/app/types.ts';
import { verifyProject } from '../../src/app/verify.ts';
import type { Diagnostic, Finding, StatusReport } from '../../src/model/index.ts';
import { type CliResult, type RunningCli, runCli, startCli } from '../support/cli.ts';
import { tempDir } from '../support/temp-dir.ts';
import type { Subject, SubjectServer, Variables } from './subject.ts';

/** The apps of the suite's manifests. */
export const both = ['one', 'two'] as const;

export interface Applied {
  readonly ending: Ending | null;
  /** What was said on the way: of the plan, of steps that failed, of the run. */
  readonly said: readonly Diagnostic[];
  readonly holder: string | null;
}

/** A server, and a folder with a manifest for it. */
export interface Bench extends AsyncDisposable {
  readonly server: SubjectServer;
  /** Those that the suite's manifests name where nothing else is said. */
  readonly apps: readonly string[];
  readonly folder: string;
  /** Apps of the manifest from now on; `more` stands at its top. */
  manifest(apps: readonly string[], more?: Readonly<Record<string, unknown>>, port?: number): Promise<void>;
  open(env?: Readonly<Record<string, string>>): Promise<Project>;
  plan(): Promise<PlanOutcome>;
  apply(more?: Partial<RunOptions>, project?: Project): Promise<Applied>;
  restore(app: string): Promise<Applied>;
  status(): Promise<StatusReport>;
  findings(): Promise<readonly Finding[]>;
  variables(app: string): Promise<Variables>;
  cli(...args: readonly string[]): Promise<CliResult>;
  /** The same with more in its environment. */
  cliWith(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<CliResult>;
  start(...args: readonly string[]): RunningCli;
}

export async function setUp(subject: Subject): Promise<Bench> {
  if (!subject.start) throw new Error(`this machine has no ${subject.version}`);
  const folder = await tempDir();
  const server = await subject.start();
  const env = { ADMIN_PASSWORD: server.password };
  const open = async (more: Readonly<Record<string, string>> = {}): Promise<Project> =>
    await openProject({ cwd: folder.path, env: { ...env, ...more } });
  const options = { cwd: folder.path, env };
  return {
    server,
    apps: subject.alone ? both.slice(0, 1) : both,
    folder: folder.path,
    manifest: async (apps, more = {}, port = server.port) =>
      await writeFile(
        join(folder.path, 'cotenant.yaml'),
        stringify({
          cotenant: 1,
          project: 'conformance',
          instances: { main: { engine: subject.engine, ...server.instance(port) } },
          apps: Object.fromEntries(apps.map((app) => [app, { uses: { main: subject.placement ?? {} } }])),
          ...more,
        }),
      ),
    open,
    plan: async () => await planProject(await open()),
    apply: async (more = {}, project) => await outcomeOf(applyProject(project ?? (await open()), { ...consenting, ...more })),
    restore: async (app) => await outcomeOf(restoreApp(await open(), app, consenting)),
    status: async () => await statusProject(await open()),
    findings: async () => (await verifyProject(await open(), { exhaustive: true, destructive: false })).report.findings,
    variables: async (app) => {
      const { variables } = await envOfApp(await open(), app);
      return Object.fromEntries(variables.map(({ name, value }) => [name, value]));
    },
    cli: async (...args) => await runCli(args, options),
    cliWith: async (more, ...args) => await runCli(args, { ...options, env: { ...env, ...more } }),
    start: (...args) => startCli(args, options),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const consenting = { consent: () => Promise.resolve(true) } as const;

async function outcomeOf(events: AsyncIterable<EventBody>): Promise<Applied> {
  const said: Diagnostic[] = [];
  let ending: Ending | null = null;
  let holder: string | null = null;
  for await (const event of events) {
    if (event.type === 'planned') said.push(...event.outcome.plan.diagnostics);
    if (event.type === 'diagnostic') said.push(event.diagnostic);
    if (event.type === 'step' && event.result.diagnostic) said.push(event.result.diagnostic);
    if (event.type === 'locked') holder = event.holder?.who ?? '';
    if (event.type === 'result') ending = event.ending;
  }
  return { ending, said, holder };
}
