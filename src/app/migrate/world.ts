import { type Lane, type Observation, waitUntilFree } from '../../engine/index.ts';
import type { Diagnostic, Plan, Step } from '../../model/index.ts';
import { fingerprint } from '../../util/canonical.ts';
import { mapPool } from '../../util/pool.ts';
import { putIn } from '../../util/record.ts';
import type { Act } from '../act.ts';
import { run } from '../run.ts';
import type { Reached } from '../sessions.ts';
import type { Project, RunEvent, RunOptions } from '../types.ts';
import type { Migrating } from './apps.ts';
import { type First, LaneWithBackup } from './first-backup.ts';
import { type Job, MigrateLane } from './lane.ts';
import { LEFTOVERS, contradictionsIn, look, type Seen } from './look.ts';
import { orderOf } from './order.ts';
import { onlyWith, stepOf } from './step.ts';

/** Apps of which is asked at the same time who depends on them. */
const LOOKS = 4;

/** In which order the apps of a run go, and how many at a time. */
export interface RunOrder {
  /** Goes first, and alone. */
  readonly canary?: string;
  /** Apps at the same time on one instance. */
  readonly concurrency?: number;
  /** Apps go on that come after one that has failed. */
  readonly keepGoing?: boolean;
}

type Jobs = (seen: Seen) => Job | null;

/** Of a run that takes something away. */
export interface Taking {
  /** What each app loses; null: nobody can tell. */
  losses(seen: Seen, dependents: readonly string[]): Promise<readonly string[] | null>;
  /** What stands in front of it. Asked once for each app. */
  first?(seen: Seen, lost: readonly string[] | null): Promise<First>;
}

/** The apps of one run, as they are seen under its locks. */
export class World {
  readonly #project: Project;
  readonly #apps: readonly Migrating[];
  #seen: readonly Seen[] = [];
  /** What each app loses; null: nobody can tell. */
  readonly #lost = new Map<string, readonly string[] | null>();
  readonly #first = new Map<string, First>();

  constructor(project: Project, apps: readonly Migrating[]) {
    this.#project = onlyWith(project, apps);
    this.#apps = apps;
  }

  async *run(
    intent: Pick<Act['intent'], 'verb' | 'args'>,
    order: RunOrder,
    options: RunOptions,
    jobs: Jobs,
    taking: Taking,
  ): AsyncGenerator<RunEvent> {
    const { concurrency: width, keepGoing, canary } = order;
    const made = new Map<string, Job>();
    const names = this.#apps.map(({ app }) => app.name);
    const [only] = names;
    const act: Act = {
      intent: { ...intent, ...(names.length === 1 && only !== undefined ? { app: only } : { apps: names }) },
      locks: 'app',
      look: async (reached) => {
        this.#seen = await this.#lookWhenQuiet(reached);
        await this.#take(taking, jobs, reached);
        return reached.map((one) => ({ reached: one, observation: this.#observation(one.instance.name) }));
      },
      plan: (_project, looked, missed) => {
        const observed: Record<string, string> = {};
        for (const { reached, observation } of looked) putIn(observed, reached.instance.name, fingerprint(observation));
        made.clear();
        for (const seen of this.#seen) {
          const job = seen.worker === null && seen.standing && contradictionsIn(seen).length === 0 ? jobs(seen) : null;
          if (job) made.set(seen.one.app.name, job);
        }
        const plan: Plan = {
          format: 2,
          manifestHash: this.#project.manifest.hash,
          observed,
          ...this.#steps(made, canary),
          unreached: missed.map(({ instance }) => instance.name),
        };
        const lost = missed.flatMap(({ diagnostics }) => diagnostics);
        return { plan: { ...plan, diagnostics: [...lost, ...plan.diagnostics] }, relaxations: [], foreign: [], detailed: true };
      },
      lane: (reached) =>
        Promise.resolve(
          this.#withBackup(new MigrateLane(this.#project, reached, new Map([...made.values()].map((job) => [stepOf(job, []).id, job])))),
        ),
      ...(width === undefined ? {} : { width }),
      ...(keepGoing === undefined ? {} : { keepGoing }),
    };
    yield* run(this.#project, act, options);
  }

  async #take(taking: Taking, jobs: Jobs, reached: readonly Reached[]): Promise<void> {
    this.#lost.clear();
    const some = this.#seen.filter((seen) => jobs(seen) !== null);
    const dependents = await mapPool(some, LOOKS, async (seen) => await dependentsOf(seen, reached));
    for (const [at, seen] of some.entries()) {
      const { name } = seen.one.app;
      const lost = await taking.losses(seen, dependents[at] ?? []);
      this.#lost.set(name, lost);
      // People are asked once, also where a wider lock makes it look again.
      const first = this.#first.get(name) ?? (await taking.first?.(seen, lost));
      if (first) this.#first.set(name, first);
    }
  }

  #withBackup(lane: Lane): Lane {
    return [...this.#first.values()].reduce((inner, { backup }) => (backup === null ? inner : new LaneWithBackup(backup, inner)), lane);
  }

  /** A tool whose run is gone may be about to end by itself. */
  async #lookWhenQuiet(reached: Parameters<NonNullable<Act['look']>>[0]): Promise<readonly Seen[]> {
    const { signal, progress } = this.#project;
    let seen: readonly Seen[] = [];
    await waitUntilFree({ end: performance.now() + LEFTOVERS, signal, pause: 500 }, async () => {
      seen = await look(this.#apps, reached, progress);
      return seen.find(({ worker }) => worker !== null) ?? null;
    });
    signal.throwIfAborted();
    return seen;
  }

  #observation(instance: string): Observation {
    const basis = this.#seen.filter(({ one }) => one.instance.name === instance).map(({ one, standing }) => [one.app.name, standing]);
    return { resources: [], marks: [], foreign: [], server: {}, diagnostics: [], basis };
  }

  #steps(jobs: ReadonlyMap<string, Job>, canary: string | undefined): Pick<Plan, 'steps' | 'diagnostics'> {
    const held = new Map<string, Diagnostic>();
    const steps: Step[] = [];
    const advised: Diagnostic[] = [];
    for (const { app, needs } of orderOf(this.#apps, canary)) {
      const seen = this.#seen.find(({ one }) => one.app.name === app);
      if (!seen) continue;
      const before = needs.find((name) => held.has(name));
      const job = jobs.get(app);
      const why = whyHeld(seen) ?? (before === undefined || !job ? null : comesAfter(seen.one, before));
      if (why) held.set(app, this.#project.locate(why));
      else if (job) {
        const open = needs.filter((name) => jobs.has(name) && !held.has(name));
        const step = stepOf(
          job,
          open.flatMap((name) => idOf(jobs, name)),
          seen.standing,
        );
        const { backup = null, advice = [] } = this.#first.get(app) ?? {};
        advised.push(...advice);
        if (backup !== null) steps.push(backup.step);
        const after = [...step.needs, ...(backup === null ? [] : [backup.step.id])];
        steps.push(losing({ ...freeing(step, seen.lock), needs: after }, this.#lost.get(app)));
      }
    }
    return { steps, diagnostics: [...held.values(), ...advised] };
  }
}

async function dependentsOf({ one }: Seen, reached: readonly Reached[]): Promise<readonly string[]> {
  const at = reached.find(({ instance }) => instance.name === one.instance.name);
  const reader = await at?.session.migrations?.();
  return (await reader?.dependents?.(one.app.name)) ?? [];
}

/** A step that frees a lock row first says so. */
function freeing(step: Step, lock: Seen['lock']): Step {
  return lock ? { ...step, facts: { ...step.facts, frees: `lock row of ${lock.row.table.name}, ${lock.row.taken}` } } : step;
}

/** A step that takes something away wants the name of its app. */
function losing(step: Step, lost: readonly string[] | null | undefined): Step {
  if (lost === undefined || lost?.length === 0) return step;
  const loses = lost === null ? 'nobody can tell what' : lost.join(', ');
  return { ...step, facts: { ...step.facts, loses }, risk: 'destructive', ...(step.app === null ? {} : { confirm: step.app }) };
}

function idOf(jobs: ReadonlyMap<string, Job>, app: string): readonly string[] {
  const job = jobs.get(app);
  return job ? [stepOf(job, []).id] : [];
}

/** Why nothing is run for an app; null: it may. */
function whyHeld(seen: Seen): Diagnostic | null {
  const { one, standing, worker, trouble } = seen;
  const { name } = one.app;
  const base = { severity: 'warning' as const, path: one.decl.path, instance: one.instance.name, waits: name };
  if (worker) {
    const message = `${name}: the tool of a run that is gone still works on ${one.instance.name}: ${worker.id}, since ${worker.since}`;
    return { ...base, code: 'CT4109', message, hint: 'wait until it ends, or end it on the server' };
  }
  const [first] = trouble;
  if (first) return { ...first, severity: 'warning', waits: name };
  const wrong = contradictionsIn(seen);
  if (standing && wrong.length > 0) {
    const message = `${name}: files and ledger contradict each other: ${wrong.join('; ')}`;
    return {
      ...base,
      code: 'CT4106',
      message,
      hint: 'bring the two together with the tool itself, or correct the files; cotenant migrate status shows when they agree',
    };
  }
  return null;
}

function comesAfter({ app, instance, decl }: Migrating, before: string): Diagnostic {
  const message = `${app.name}: it comes after ${before}, which waits`;
  return { code: 'CT4107', severity: 'warning', message, path: decl.path, instance: instance.name, waits: app.name };
}
