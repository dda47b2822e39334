import type { LockHolder } from '../engine/index.ts';
import type { InstanceDecl } from '../manifest/index.ts';
import type { Intent, Plan } from '../model/index.ts';
import { byText } from '../util/text-order.ts';
import type { Act } from './act.ts';
import type { Reached } from './sessions.ts';
import { Closers } from '../util/closers.ts';

/** Who has what a run needs. */
export interface Held {
  readonly instance: string;
  readonly holder: LockHolder | null;
}

/** The locks of one run, as wide as its act: a whole server, or what some apps have and share there. */
export class Locks implements AsyncDisposable {
  readonly #reached: readonly Reached[];
  readonly #act: Act;
  readonly #timeout: number;
  #apps: readonly string[] | null;
  #held = new Closers();

  constructor(reached: readonly Reached[], act: Act, timeout: number) {
    this.#reached = reached.filter(({ instance }) => act.touches?.(instance) ?? true);
    this.#act = act;
    this.#timeout = timeout;
    this.#apps = act.locks === 'app' ? appsOf(act.intent) : null;
  }

  /** Takes all of them, in one order for everybody: two runs never wait for each other. Gives the one that somebody else holds. */
  async take(): Promise<Held | null> {
    const named = await Promise.all(
      this.#reached.map(async (one) => ({ ...one, identity: (await one.session.identity?.()) ?? one.instance.name })),
    );
    for (const { instance, session } of named.sort((a, b) => byText(a.identity, b.identity))) {
      const only = this.#apps === null ? [] : [[...new Set(this.#apps.flatMap((app) => scopeOf(instance, app)))]];
      const outcome = await session.lock(this.#act.intent.verb, this.#timeout, ...only);
      if (!outcome.ok) return { instance: instance.name, holder: outcome.holder };
      this.#held.use(outcome.lock);
    }
    return null;
  }

  /** True where the plan changes what is not the apps' alone, and only that is locked. */
  isTooNarrow({ steps }: Plan): boolean {
    const apps = this.#apps;
    if (apps === null) return false;
    const engines = new Map(this.#reached.map(({ instance }) => [instance.name, instance.engine]));
    return steps.some((step) => !apps.includes(step.app ?? '') && engines.get(step.address.instance)?.touchesOthers?.(step) !== false);
  }

  /** Gives up what it has and takes the whole: whoever holds on to one lock while it waits for another may wait for ever. */
  async widen(): Promise<Held | null> {
    await this[Symbol.asyncDispose]();
    this.#held = new Closers();
    this.#apps = null;
    return await this.take();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#held[Symbol.asyncDispose]();
  }
}

function appsOf({ app, apps }: Intent): readonly string[] | null {
  return apps ?? (app === undefined ? null : [app]);
}

/** What an app, or a reader, has to itself on an instance, and what it has together with others: by name, the same for each of them. */
function scopeOf({ engine, input }: InstanceDecl, app: string): readonly string[] {
  const shares = input.shares.filter(({ from, to }) => from === app || to === app).map(({ from, to }) => `share ${from} ${to}`);
  const readers = input.readers.flatMap(({ name, reads }) =>
    reads.filter((one) => name === app || one === app).map((one) => `reader ${name} ${one}`),
  );
  const names = [`app ${app}`, ...shares, ...readers, ...(engine.sharedBy?.(input, app) ?? [])];
  return [...new Set(names)].map((name) => `${input.project}/${name}`);
}
