import type { Lane, Session, StepIo, Unit } from '../engine/index.ts';
import { type Diagnostic, DiagnosticError, type Json, type Step, type StepResult } from '../model/index.ts';
import { once } from '../util/once.ts';
import { Stream } from '../util/stream.ts';
import { Artifacts } from './artifacts.ts';
import { checkOrder } from './order.ts';
import { lanesOf, type LaneWork } from './units.ts';
import { Slots } from './slots.ts';
import { Closers } from '../util/closers.ts';

/** Lanes that run at the same time on one instance. */
const WIDTH = 4;

export interface ExecuteOptions {
  readonly signal: AbortSignal;
  /** Go through the same loop and send nothing. */
  readonly dryRun: boolean;
  /** Where the steps of an earlier try had got to, by their ids. Left out: there was none. */
  readonly resume?: ReadonlyMap<string, Json>;
  /** Lanes that run at the same time on one instance. */
  readonly width?: number | undefined;
  /** A step runs also where one that it needs has failed. */
  readonly keepGoing?: boolean | undefined;
  /** Keeps how far a step has got; durable when it resolves. Left out: nothing is kept. */
  checkpoint?(step: string, token: Json): Promise<void>;
}

export type ExecuteEvent =
  | { readonly type: 'start'; readonly step: Step }
  | { readonly type: 'progress'; readonly step: Step; readonly done: number; readonly total: number | null; readonly unit: Unit }
  /** A line of what a step's program says. */
  | { readonly type: 'said'; readonly step: Step; readonly text: string }
  | { readonly type: 'step'; readonly result: StepResult };

/**
 * The one loop: every step of a plan, on all its instances, as it happens. A unit that fails stops only what waits for it, on
 * whichever instance that is. After an abort no new unit begins; the running ones end. A defect means the same, and fails the
 * stream when nothing runs any more; so does a consumer that goes away. Throws where the plan's order cannot be kept.
 */
export async function* execute(
  steps: readonly Step[],
  sessions: ReadonlyMap<string, Session>,
  options: ExecuteOptions,
): AsyncGenerator<ExecuteEvent> {
  const lanes = lanesOf(steps);
  checkOrder(lanes);
  yield* new Run(steps, lanes, sessions, options).events();
}

class Run {
  readonly #steps: readonly Step[];
  readonly #lanes: readonly LaneWork[];
  readonly #sessions: ReadonlyMap<string, Session>;
  readonly #options: ExecuteOptions;
  readonly #artifacts: Artifacts;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #stream = new Stream<ExecuteEvent>();
  readonly #ended = new Map<string, PromiseWithResolvers<boolean>>();
  readonly #slots = new Map<string, Slots>();

  constructor(steps: readonly Step[], lanes: readonly LaneWork[], sessions: ReadonlyMap<string, Session>, options: ExecuteOptions) {
    this.#steps = steps;
    this.#lanes = lanes;
    this.#sessions = sessions;
    this.#options = options;
    this.#artifacts = new Artifacts(steps);
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal]);
    for (const { id } of steps) this.#ended.set(id, Promise.withResolvers<boolean>());
    for (const instance of sessions.keys()) this.#slots.set(instance, new Slots(options.width ?? WIDTH));
  }

  async *events(): AsyncGenerator<ExecuteEvent> {
    if (!this.#options.dryRun) {
      for (const [instance, session] of this.#sessions) {
        session.prepare?.(this.#steps.filter((step) => step.address.instance === instance));
      }
    }
    const lanes = this.#lanes.map((work) => this.#lane(work).catch((error: unknown) => this.#defect(error)));
    const all = Promise.all(lanes).then((defects) => {
      const [defect] = defects.filter((one) => one !== undefined);
      if (defect) this.#stream.fail(defect.error);
      else this.#stream.end();
    });
    try {
      yield* this.#stream;
    } finally {
      this.#stop.abort();
      // Nothing goes on sending behind a stream that has ended.
      await all;
    }
  }

  #defect(error: unknown): { readonly error: unknown } {
    this.#stop.abort();
    return { error };
  }

  async #lane({ instance, lane, units }: LaneWork): Promise<undefined> {
    const session = this.#sessions.get(instance);
    if (!session) throw new Error(`the plan has steps on ${instance}, which is not open`);
    await using stack = new Closers();
    const connect = this.#options.dryRun ? null : once(async () => stack.use(await session.lane(lane)));
    try {
      for (const unit of units) await this.#unit(unit, connect);
    } finally {
      // Whoever waits for a step that a defect took away must not wait for ever.
      for (const unit of units) {
        for (const { id } of unit) this.#ended.get(id)?.resolve(false);
        await this.#artifacts.end(unit, false);
      }
    }
  }

  async #unit(unit: readonly Step[], connect: (() => Promise<Lane>) | null): Promise<void> {
    const inside = new Set(unit.map((step) => step.id));
    const waits = unit.flatMap((step) => step.needs.filter((id) => !inside.has(id))).flatMap((id) => this.#ended.get(id)?.promise ?? []);
    const ready = (await Promise.all(waits)).every(Boolean) || this.#options.keepGoing === true;
    if (connect === null) {
      this.#all(unit, ready && !this.#isStopped() ? 'would-run' : 'not-executed');
      return;
    }
    using _slot = ready ? await this.#slotFor(unit) : null;
    if (!ready || !(await this.#artifacts.begun(unit)) || this.#isStopped()) {
      this.#all(unit, 'not-executed');
      await this.#artifacts.end(unit, false);
      return;
    }
    await this.#artifacts.end(unit, await this.#attempt(unit, connect));
  }

  /** True: it ended well. */
  async #attempt(unit: readonly Step[], connect: () => Promise<Lane>): Promise<boolean> {
    const began = performance.now();
    const elapsed = (): number => Math.round(performance.now() - began);
    try {
      for (const step of unit) this.#stream.push({ type: 'start', step });
      const lane = await connect();
      this.#artifacts.begin(unit);
      const outcome = await lane.run(unit, this.#io(unit));
      if (outcome.ok) for (const step of unit) this.#finish({ step, status: 'done', elapsed: elapsed() });
      else this.#failed(unit, { at: outcome.failed, done: outcome.done ?? [], diagnostic: outcome.diagnostic, elapsed: elapsed() });
      return outcome.ok;
    } catch (error) {
      const diagnostic = this.#troubleOf(error);
      if (!diagnostic) throw error;
      this.#failed(unit, { at: 0, done: [], diagnostic, elapsed: elapsed() });
      return false;
    }
  }

  #io(unit: readonly Step[]): StepIo {
    const [step] = unit;
    if (!step) throw new Error('a unit has a step');
    return {
      signal: this.#signal,
      progress: (done, total, count) => this.#stream.push({ type: 'progress', step, done, total, unit: count }),
      say: (text) => this.#stream.push({ type: 'said', step, text }),
      checkpoint: async (token) => await this.#options.checkpoint?.(step.id, token),
      resume: this.#options.resume?.get(step.id) ?? null,
      read: (name) => this.#artifacts.read(name),
      write: (name) => this.#artifacts.write(name),
    };
  }

  /** Null: it is a defect. */
  #troubleOf(error: unknown): Diagnostic | null {
    if (error instanceof DiagnosticError) return error.diagnostics[0] ?? null;
    if (!this.#signal.aborted || error !== this.#signal.reason) return null;
    return { code: 'CT4014', severity: 'error', message: 'it was interrupted at a point from which it can resume' };
  }

  #isStopped(): boolean {
    return this.#signal.aborted;
  }

  /** Two steps with a stream between them need each other: neither may wait for a place while the other has one. */
  async #slotFor(unit: readonly Step[]): Promise<Disposable | null> {
    if (unit.some(({ makes, takes = [] }) => makes !== undefined || takes.length > 0)) return null;
    const slots = this.#slots.get(unit[0]?.address.instance ?? '');
    if (!slots) throw new Error('a unit has an instance');
    return await slots.take();
  }

  #all(unit: readonly Step[], status: 'not-executed' | 'would-run'): void {
    for (const step of unit) this.#finish({ step, status, elapsed: 0 });
  }

  #failed(unit: readonly Step[], end: Failure): void {
    for (const [index, step] of unit.entries()) {
      if (index === end.at) this.#finish({ step, status: 'failed', elapsed: end.elapsed, diagnostic: end.diagnostic });
      else if (end.done.includes(index)) this.#finish({ step, status: 'done', elapsed: end.elapsed });
      else this.#finish({ step, status: 'not-executed', elapsed: 0 });
    }
  }

  #finish(result: StepResult): void {
    this.#stream.push({ type: 'step', result });
    this.#ended.get(result.step.id)?.resolve(result.status === 'done' || result.status === 'would-run');
  }
}

interface Failure {
  /** Index of the step that failed. */
  readonly at: number;
  /** Indexes of those that took effect all the same. */
  readonly done: readonly number[];
  readonly diagnostic: Diagnostic;
  /** Milliseconds. */
  readonly elapsed: number;
}
