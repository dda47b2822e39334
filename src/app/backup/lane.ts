import { dirname } from 'node:path';
import type { BackupContext, Lane, StepIo, UnitOutcome } from '../../engine/index.ts';
import type { InstanceDecl } from '../../manifest/types.ts';
import { type Diagnostic, DiagnosticError, type Plan, type Step } from '../../model/index.ts';
import { publicFile } from '../../secrets/input.ts';
import { putIn } from '../../util/record.ts';
import type { Act } from '../act.ts';
import { contextOf, DEADLINE } from '../sessions.ts';
import type { Project } from '../types.ts';
import { foldersOf } from './access.ts';
import type { Backed } from './apps.ts';

/** What one step does, for one app. */
export type Work = (io: StepIo) => Promise<void>;

/** A step for each app, all of which this process works on: no server changes but for what the work itself says. */
export function actOf(
  project: Project,
  verb: string,
  title: string,
  jobs: ReadonlyMap<Backed, Work>,
  about: { readonly app?: string; readonly facts?: Step['facts']; readonly text?: string } = {},
): Act {
  const steps = new Map([...jobs].map(([one, work]) => [stepOf(one, verb, title, about), work]));
  const apps = [...jobs.keys()].map(({ app }) => app);
  return {
    intent: { verb, ...(about.app === undefined ? { apps } : { app: about.app }), args: {} },
    locks: 'app',
    look: (reached) =>
      Promise.resolve(
        reached.map((one) => ({ reached: one, observation: { resources: [], marks: [], foreign: [], server: {}, diagnostics: [] } })),
      ),
    plan: (_project, looked, missed) => {
      const observed: Record<string, string> = {};
      for (const { reached } of looked) putIn(observed, reached.instance.name, '');
      const lost = new Set(missed.map(({ instance }) => instance.name));
      const possible = [...steps.keys()].filter((step) => !lost.has(step.address.instance));
      const diagnostics = missed.flatMap((one) => one.diagnostics);
      const plan: Plan = { format: 2, manifestHash: project.manifest.hash, observed, steps: possible, diagnostics, unreached: [...lost] };
      return { plan, relaxations: [], foreign: [], detailed: true };
    },
    lane: () => Promise.resolve(new WorkLane(new Map([...steps].map(([step, work]) => [step.id, work])))),
    width: 1,
  };
}

function stepOf(
  { app, parts }: Backed,
  verb: string,
  title: string,
  { facts = {}, text }: { readonly facts?: Step['facts']; readonly text?: string },
): Step {
  const [first] = parts;
  if (!first) throw new Error('an app that is backed up lives somewhere');
  const { instance } = first;
  return {
    id: `${instance.name}/${verb}/${app}`,
    address: { engine: instance.engine.id, instance: instance.name, kind: verb, name: app },
    app,
    action: 'run',
    cause: 'intended',
    title,
    facts,
    fields: [],
    commands: [{ op: verb, text: text ?? `${title} ${app}`, args: { app } }],
    reverse: null,
    risk: 'safe',
    needs: [],
    lane: `${verb} ${app}`,
    unit: null,
  };
}

/** Runs each step as the work that it has. */
export class WorkLane implements Lane {
  readonly #jobs: ReadonlyMap<string, Work>;

  constructor(jobs: ReadonlyMap<string, Work>) {
    this.#jobs = jobs;
  }

  async run([step]: readonly Step[], io: StepIo): Promise<UnitOutcome> {
    const work = this.#jobs.get(step?.id ?? '');
    if (!step || !work) throw new Error('a step has its work');
    try {
      await work(io);
      return { ok: true };
    } catch (error) {
      if (io.signal.aborted)
        return {
          ok: false,
          failed: 0,
          diagnostic: { code: 'CT4014', severity: 'error', message: `${step.app ?? ''}: interrupted`, hint: 'run it again' },
        };
      if (!(error instanceof DiagnosticError)) throw error;
      return { ok: false, failed: 0, diagnostic: joined(error.diagnostics) };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function joined([first, ...more]: readonly Diagnostic[]): Diagnostic {
  if (!first) throw new Error('an error has its diagnostic');
  return { ...first, message: [first, ...more].map(({ message }) => message).join('; ') };
}

/** What an engine's part of a backup works with. */
export async function contextFor(
  project: Project,
  instance: InstanceDecl,
  folder: string,
  io: Pick<StepIo, 'signal' | 'say'>,
): Promise<BackupContext> {
  const { manifest, secrets, env } = project;
  return {
    session: await contextOf(project, instance, DEADLINE),
    env: {
      secret: (ref) => secrets.peek(ref),
      derived: (ref) => secrets.derived(ref),
      file: (input) => publicFile(input, { env, baseDir: dirname(manifest.file) }),
    },
    folder,
    programs: foldersOf(env),
    signal: io.signal,
    say: (line) => io.say(line),
  };
}
