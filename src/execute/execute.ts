import type { Session } from '../engine/index.ts';
import type { Diagnostic, Step, StepResult } from '../model/index.ts';
import { DiagnosticError } from '../model/index.ts';
import { Stream } from '../util/stream.ts';
import { lanesOf, type LaneWork } from './units.ts';

/** Lanes that run at the same time on one instance. */
const WIDTH = 4;

export interface ExecuteOptions {
  readonly signal: AbortSignal;
  /** Go through the same loop and send nothing. */
  readonly dryRun: boolean;
}

export type ExecuteEvent = { readonly type: 'start'; readonly step: Step } | { readonly type: 'step'; readonly result: StepResult };

/**
 * The one loop: every step of a plan on one instance, as it happens. A unit that fails stops only what waits for it.
 * After an abort no new unit begins; the running ones end.
 */
export async function* execute(steps: readonly Step[], session: Session, options: ExecuteOptions): AsyncGenerator<ExecuteEvent> {
  const run = new Run(steps, session, options);
  yield* run.events();
}

class Run {
  readonly #steps: readonly Step[];
  readonly #session: Session;
  readonly #options: ExecuteOptions;
  readonly #stream = new Stream<ExecuteEvent>();
  readonly #ended = new Map<string, Promise<boolean>>();
  readonly #settle = new Map<string, (ok: boolean) => void>();
  #free = WIDTH;
  readonly #queue: (() => void)[] = [];

  constructor(steps: readonly Step[], session: Session, options: ExecuteOptions) {
    this.#steps = steps;
    this.#session = session;
    this.#options = options;
    for (const step of steps) {
      this.#ended.set(step.id, new Promise((resolve) => this.#settle.set(step.id, resolve)));
    }
  }

  async *events(): AsyncGenerator<ExecuteEvent> {
    if (!this.#options.dryRun) this.#session.prepare?.(this.#steps);
    const lanes = lanesOf(this.#steps).map((work) => this.#lane(work));
    void Promise.all(lanes).then(
      () => this.#stream.end(),
      (error: unknown) => this.#stream.fail(error),
    );
    yield* this.#stream;
  }

  async #lane(work: LaneWork): Promise<void> {
    const stack = new AsyncDisposableStack();
    const connect = this.#options.dryRun ? null : once(async () => stack.use(await this.#session.lane(work.lane)));
    try {
      for (const unit of work.units) await this.#unit(unit, connect);
    } finally {
      await stack.disposeAsync();
    }
  }

  async #unit(unit: readonly Step[], connect: (() => Promise<Awaited<ReturnType<Session['lane']>>>) | null): Promise<void> {
    const inside = new Set(unit.map((step) => step.id));
    const waits = unit.flatMap((step) => step.after.filter((id) => !inside.has(id)));
    const ready = (await Promise.all(waits.map((id) => this.#ended.get(id) ?? Promise.resolve(true)))).every(Boolean);
    if (!ready || this.#options.signal.aborted) {
      for (const step of unit) this.#finish({ step, status: 'not-executed', elapsed: 0 });
      return;
    }
    if (connect === null) {
      for (const step of unit) this.#finish({ step, status: 'would-run', elapsed: 0 });
      return;
    }
    await this.#enter();
    const began = performance.now();
    try {
      for (const step of unit) this.#stream.push({ type: 'start', step });
      const lane = await connect();
      const outcome = await lane.run(unit);
      const elapsed = Math.round(performance.now() - began);
      if (outcome.ok) for (const step of unit) this.#finish({ step, status: 'done', elapsed });
      else this.#failed(unit, outcome.failed, outcome.diagnostic, elapsed);
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      const [diagnostic] = error.diagnostics;
      if (!diagnostic) throw error;
      this.#failed(unit, 0, diagnostic, Math.round(performance.now() - began));
    } finally {
      this.#leave();
    }
  }

  #failed(unit: readonly Step[], at: number, diagnostic: Diagnostic, elapsed: number): void {
    unit.forEach((step, index) =>
      this.#finish(index === at ? { step, status: 'failed', elapsed, diagnostic } : { step, status: 'not-executed', elapsed: 0 }),
    );
  }

  #finish(result: StepResult): void {
    this.#stream.push({ type: 'step', result });
    this.#settle.get(result.step.id)?.(result.status === 'done' || result.status === 'would-run');
  }

  async #enter(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve) => this.#queue.push(resolve));
  }

  #leave(): void {
    const next = this.#queue.shift();
    if (next) next();
    else this.#free += 1;
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}
