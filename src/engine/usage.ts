import { DiagnosticError, type LostStatement, type Usage, type WorkKind } from '../model/index.ts';
import type { InstanceInput } from './input.ts';
import type { SessionContext } from './session.ts';
import { lostConnection } from './trouble.ts';
import { Rising } from './rising.ts';

/** The name that the server's own lists show for the connection. */
export const MONITOR = 'cotenant-monitor';
/** Seconds after which the server ends a statement, and for which one waits for a lock. */
export const STATEMENT_SECONDS = 5;
export const LOCK_SECONDS = 1;
/** Milliseconds after which an answer does not come any more: the connection is given up. */
const ANSWER = 2000 * STATEMENT_SECONDS;

export interface UsageRequest {
  /** Sizes are read from the disk, or sampled: they are asked for less often. Those of an earlier round stay with their age. */
  readonly sizes: boolean;
}

/** One instance over time, on one connection that stays open, with the same number of statements however many apps there are. */
export interface UsageWatch extends AsyncDisposable {
  /** One round. Connects where there is no connection. Throws a DiagnosticError where the instance does not answer. Rounds must not overlap. */
  collect(request: UsageRequest): Promise<Usage>;
}

/** Tells what apps use. Reads counters and catalogues only: no row, no text of a statement. */
export interface UsageAbility<Config = unknown, Placement = unknown> {
  /** Sends nothing yet. `context` is asked anew for each connection. */
  watch(input: InstanceInput<Config, Placement>, context: () => Promise<SessionContext>): UsageWatch;
}

/** What a server has counted for one login. */
export interface Counted {
  readonly app: string;
  /** The login, or whatever else is counted by itself. */
  readonly by: string;
  readonly work: Readonly<Partial<Record<WorkKind, number>>>;
}

/** What one round read, before counters are made to rise and old sizes are put in. */
export interface Figures extends Omit<Usage, 'instance' | 'engine' | 'at' | 'apps' | 'lost' | 'statements'> {
  readonly apps: readonly Omit<Usage['apps'][number], 'size' | 'work'>[];
  /** null: not asked for, or lost. */
  readonly sizes: ReadonlyMap<string, { readonly bytes: number; readonly exact: boolean }> | null;
}

export interface Link extends AsyncDisposable {
  readonly alive: boolean;
}

export interface Watching<C extends Link> {
  readonly instance: string;
  readonly engine: string;
  connect(): Promise<C>;
  read(connection: C, round: Round): Promise<Figures>;
  /** True for what a server refuses, which loses one statement's figures. Anything else ends the round. */
  readonly isRefusal: (error: unknown) => boolean;
}

/** The statements of one round. */
export class Round {
  readonly sizes: boolean;
  readonly lost: LostStatement[] = [];
  readonly statements: { readonly name: string; readonly seconds: number }[] = [];
  readonly #isRefusal: (error: unknown) => boolean;
  readonly #rising: Rising;

  constructor({ sizes }: UsageRequest, isRefusal: (error: unknown) => boolean, rising: Rising) {
    this.sizes = sizes;
    this.#isRefusal = isRefusal;
    this.#rising = rising;
  }

  /** What one statement gives; null: its own figures are lost. */
  async ask<T>(name: string, work: () => Promise<T>): Promise<T | null> {
    const began = performance.now();
    try {
      return await work();
    } catch (error) {
      if (!this.#isRefusal(error)) throw error;
      this.lose(name, error instanceof Error ? error.message : String(error));
      return null;
    } finally {
      this.statements.push({ name, seconds: (performance.now() - began) / 1000 });
    }
  }

  lose(statement: string, why: string): void {
    this.lost.push({ statement, why });
  }

  /**
   * What a statement counts. `epoch`: another one when the server begins to count anew; null: the server does not tell, and what
   * falls has begun anew.
   */
  count(statement: string, all: readonly Counted[], epoch: string | null = null): void {
    this.#rising.feed(statement, all, epoch);
  }
}

/** Keeps the connection, the counters and the last sizes. */
export class Watch<C extends Link> implements UsageWatch {
  readonly #watching: Watching<C>;
  readonly #rising = new Rising();
  #link: C | null = null;
  #ended = false;
  #sizes: ReadonlyMap<string, NonNullable<Usage['apps'][number]['size']>> = new Map();

  constructor(watching: Watching<C>) {
    this.#watching = watching;
  }

  async collect(request: UsageRequest): Promise<Usage> {
    const { instance, engine, isRefusal } = this.#watching;
    const round = new Round(request, isRefusal, this.#rising);
    this.#link = this.#link?.alive === true ? this.#link : await this.#anew();
    const link = this.#link;
    const { sizes, apps, ...figures } = await this.#inTime(link, this.#watching.read(link, round));
    const at = new Date().toISOString();
    if (sizes) this.#sizes = new Map([...sizes].map(([app, size]) => [app, { ...size, at }]));
    const { lost, statements } = round;
    return {
      instance,
      engine,
      at,
      ...figures,
      apps: apps.map((one) => ({ ...one, size: this.#sizes.get(one.app) ?? null, work: this.#rising.of(one.app) })),
      lost,
      statements,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    await this.#leave();
  }

  async #leave(): Promise<void> {
    const link = this.#link;
    this.#link = null;
    await link?.[Symbol.asyncDispose]();
  }

  async #anew(): Promise<C> {
    await this.#leave();
    const link = await this.#watching.connect();
    if (!this.#ended) return link;
    await link[Symbol.asyncDispose]();
    throw new DiagnosticError([lostConnection('the watch has ended', this.#watching.instance)]);
  }

  /** A server that hangs holds up nobody: its connection is given up, and the next round opens another. */
  async #inTime<T>(link: C, work: Promise<T>): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new DiagnosticError([lostConnection(`no answer within ${ANSWER / 1000} s`, this.#watching.instance)])),
      ANSWER,
    );
    work.catch(() => undefined);
    try {
      return await Promise.race([work, late.promise]);
    } catch (error) {
      this.#link = null;
      link[Symbol.asyncDispose]().then(undefined, () => undefined);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}
