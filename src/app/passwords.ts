import type { Observation } from '../engine/index.ts';
import { addressKey, type Diagnostic, DiagnosticError, type Plan, type SecretRef, type Step, type StepResult } from '../model/index.ts';
import { isTrouble } from './sessions.ts';
import type { Looked } from './plan.ts';
import type { Project } from './types.ts';

/** Milliseconds between two writes of what servers have got. */
const SAVE = 1000;

/**
 * The passwords of one run: made and staged before the first command, for a password that a server has must never be one that we
 * lost; promoted when all is done that sets them; discarded where nothing of that was begun.
 */
export class Passwords {
  readonly #store: Project['secrets'];
  /** What is still to be done with each: ids of steps. */
  readonly #open = new Map<string, Set<string>>();
  readonly #begun = new Set<string>();
  #made: readonly SecretRef[] = [];
  #set: SecretRef[] = [];
  #savedAt = performance.now();

  private constructor(store: Project['secrets'], plan: Plan) {
    this.#store = store;
    for (const step of plan.steps)
      for (const { secret } of secretsOf(step)) this.#open.set(secret, (this.#open.get(secret) ?? new Set()).add(step.id));
  }

  static async of({ secrets }: Project, plan: Plan): Promise<Passwords> {
    const passwords = new Passwords(secrets, plan);
    const all = [...passwords.#open.keys()].map((secret) => ({ secret }));
    const made = all.filter((ref) => secrets.peek(ref) === null && secrets.staged(ref) === null);
    if (made.length > 0) await secrets.ensureAll(made);
    passwords.#made = made;
    return passwords;
  }

  started(step: Step): void {
    for (const { secret } of secretsOf(step)) this.#begun.add(secret);
  }

  /** Not written for each: an apply may set thousands. What a killed run did not write the next one sees on the server. */
  async ended({ step, status }: StepResult): Promise<void> {
    if (status !== 'done') return;
    for (const { secret } of secretsOf(step)) {
      const open = this.#open.get(secret);
      open?.delete(step.id);
      if (open?.size === 0) this.#set.push({ secret });
    }
    // Why it could not be written is said at the end, when it is tried again.
    if (this.#set.length > 0 && performance.now() - this.#savedAt > SAVE) await this.save().catch(unlessDefect);
  }

  /**
   * When every event of the run was seen: what is not among them may have been sent. On disk when it resolves. Gives why it could
   * not be written: what stays staged the next run settles as it finds the servers.
   */
  async end(): Promise<readonly Diagnostic[]> {
    try {
      await this.save();
      await this.#store.discard(this.#made.filter(({ secret }) => !this.#begun.has(secret)));
      return [];
    } catch (error) {
      return unlessDefect(error);
    }
  }

  /** What servers have got up to now. */
  async save(): Promise<void> {
    const set = this.#set;
    this.#set = [];
    this.#savedAt = performance.now();
    try {
      await this.#store.promote(set);
    } catch (error) {
      this.#set = [...set, ...this.#set];
      throw error;
    }
  }
}

function unlessDefect(error: unknown): readonly Diagnostic[] {
  if (error instanceof DiagnosticError) return error.diagnostics;
  throw error;
}

function secretsOf({ commands }: Step): readonly SecretRef[] {
  return commands.flatMap(({ secrets = {} }) => Object.values(secrets));
}

/**
 * What earlier runs left staged, as they died: where a server has it, it is in use; where a server has the one before, it goes, if
 * nobody else can be at it. True: something was settled, so what was observed may look different now.
 */
export async function settleStaged(project: Project, looked: readonly Looked[], alone: boolean): Promise<boolean> {
  const { secrets } = project;
  const waiting = new Set(secrets.allStaged().map(({ secret }) => secret));
  if (waiting.size === 0) return false;
  const seen = looked.flatMap(({ reached, observation }) =>
    isTrouble(observation) ? [] : statesOf(reached.instance, observation, waiting),
  );
  const had = seen.filter(({ state }) => state === 'staged').map(({ ref }) => ref);
  const left = alone ? seen.filter(({ state }) => state === 'ours').map(({ ref }) => ref) : [];
  await secrets.promote(had);
  await secrets.discard(left);
  return had.length + left.length > 0;
}

/** The name of the secret that a resource is to have, where it is a login with one. */
export function secretIn(spec: unknown): string | null {
  return typeof spec === 'object' && spec !== null && 'secret' in spec && typeof spec.secret === 'string' ? spec.secret : null;
}

function statesOf({ engine, input }: Looked['reached']['instance'], { resources }: Observation, waiting: ReadonlySet<string>) {
  const there = new Map(resources.map((one) => [addressKey(one.address), one]));
  return engine.compile(input).resources.flatMap((desired) => {
    const secret = secretIn(desired.spec);
    const observed = there.get(addressKey(desired.address));
    if (secret === null || !waiting.has(secret) || !observed) return [];
    return [{ ref: { secret }, state: engine.passwordState?.(desired, observed) ?? null }];
  });
}
