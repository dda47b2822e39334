import { InstanceWatch } from '../app/usage/watch.ts';
import type { Project } from '../app/types.ts';
import { isDown, type Usage, type UsageDown } from '../model/index.ts';
import { Pace } from './pace.ts';
import type { Tally } from './tally.ts';
import { troubleOf } from './slot.ts';

export interface WatchesOptions {
  /** Milliseconds between two rounds. */
  readonly interval: number;
  /** As for each pace. */
  readonly rest: number;
  readonly signal: AbortSignal;
  readonly tally: Tally;
  /** Told after each round of an instance. */
  readonly seen: (instance: string, isUp: boolean) => void;
  /** Told of a defect. */
  readonly failed: (instance: string, why: string) => void;
}

/** Milliseconds. A round is small, and tells that a server is gone: a machine that was busy for a while does not put it off for long. */
const LONGEST = 30_000;
/** One round in so many asks for sizes as well. */
const SIZES = 10;

interface Watched {
  readonly watch: InstanceWatch;
  readonly pace: Pace;
}

/** What apps use, on one connection for each instance that stays open. Engines that do not tell are left out. */
export class Watches {
  readonly #options: WatchesOptions;
  readonly #last = new Map<string, Usage | UsageDown>();
  #watched = new Map<string, Watched>();
  /** What was left, and is not closed yet. */
  #leaving: Promise<unknown> = Promise.resolve();

  constructor(options: WatchesOptions) {
    this.#options = options;
  }

  /** null: it was not asked yet, or does not tell. */
  of(instance: string): Usage | UsageDown | null {
    return this.#last.get(instance) ?? null;
  }

  /** Watches the instances of this project, and no others. What was counted begins anew. */
  renew(project: Project): void {
    const before = this.#watched;
    this.#leaving = Promise.all([this.#leaving, leave(before)]);
    this.#watched = new Map();
    for (const instance of project.manifest.instances) {
      if (!instance.engine.usage) continue;
      const watch = new InstanceWatch(project, instance);
      let rounds = 0;
      const round = async (): Promise<boolean> => {
        const sizes = rounds % SIZES === 0;
        const wentWell = await this.#round(watch, sizes);
        // Sizes are asked for again as soon as there is somebody to ask.
        if (wentWell) rounds += 1;
        return wentWell;
      };
      const { interval, rest, signal } = this.#options;
      this.#watched.set(instance.name, { watch, pace: new Pace({ every: interval, rest, longest: LONGEST, signal, round }) });
    }
    for (const name of this.#last.keys()) if (!this.#watched.has(name)) this.#last.delete(name);
  }

  /** Resolves when every connection is closed. */
  async end(): Promise<void> {
    await Promise.all([this.#leaving, leave(this.#watched)]);
  }

  async #round(watch: InstanceWatch, sizes: boolean): Promise<boolean> {
    const { tally, signal, seen, failed } = this.#options;
    const { name, engine } = watch.instance;
    const done = tally.begin({ engine: engine.id, instance: name, query: 'usage' });
    try {
      const found = await watch.collect(sizes);
      // Another manifest came meanwhile: this instance is watched by somebody else, or by nobody.
      if (this.#watched.get(name)?.watch !== watch) return true;
      this.#last.set(name, found);
      const isUp = !isDown(found);
      if (isUp) for (const statement of statementsOf(found)) tally.note({ engine: engine.id, instance: name, ...statement });
      seen(name, isUp);
      return done(isUp);
    } catch (error) {
      if (!signal.aborted) failed(name, troubleOf(error)[0]?.message ?? '');
      return done(false);
    }
  }
}

async function leave(watched: ReadonlyMap<string, Watched>): Promise<void> {
  await Promise.all(
    [...watched.values()].map(async ({ watch, pace }) => {
      await pace.end();
      await watch[Symbol.asyncDispose]();
    }),
  );
}

/** By their kind: of those inside single databases, all together. */
function statementsOf({
  statements,
  lost,
}: Usage): readonly { readonly query: string; readonly seconds: number; readonly failed: boolean }[] {
  const kind = (name: string): string => name.split(' ', 1)[0] ?? '';
  const failed = new Set(lost.map(({ statement }) => kind(statement)));
  return [...Map.groupBy(statements, ({ name }) => kind(name))].map(([name, some]) => ({
    query: `usage ${name}`,
    seconds: some.reduce((sum, { seconds }) => sum + seconds, 0),
    failed: failed.has(name),
  }));
}
