import type { SessionContext } from '../../engine/index.ts';
import type { SecretRef, Step } from '../../model/index.ts';
import { scramVerifier } from './scram.ts';

/** Milliseconds between two writes of what was sent. */
const SAVE = 1000;

/** Password verifiers for one run: derived ahead of the lanes, while the server works, and remembered once they were sent. */
export class Verifiers {
  readonly #context: SessionContext;
  readonly #made = new Map<string, Promise<string>>();
  readonly #unsaved = new Map<string, string>();
  #saving: Promise<void> = Promise.resolve();
  #savedAt = 0;
  #stopped = false;

  constructor(context: SessionContext) {
    this.#context = context;
  }

  /** Begins to derive what these steps will need, in their order. One at a time keeps ahead: setting a password takes a server longer. */
  prepare(steps: readonly Step[]): void {
    void this.#derive(steps).catch(() => undefined);
  }

  of(ref: SecretRef): Promise<string> {
    const made = this.#made.get(ref.secret) ?? this.#make(ref);
    this.#made.set(ref.secret, made);
    return made;
  }

  /** The server has these. Not written at once: an apply may set thousands. What a killed run did not write is derived again. */
  async sent(refs: readonly SecretRef[]): Promise<void> {
    for (const ref of refs) this.#unsaved.set(ref.secret, await this.of(ref));
    if (performance.now() - this.#savedAt > SAVE) this.save().catch(() => undefined);
  }

  /** On disk when it resolves. Also rejects with what an earlier write failed with. */
  save(): Promise<void> {
    this.#savedAt = performance.now();
    this.#saving = this.#saving.then(async () => {
      const entries = [...this.#unsaved];
      this.#unsaved.clear();
      await Promise.all(entries.map(([secret, verifier]) => this.#context.secrets.setDerived({ secret }, verifier)));
    });
    return this.#saving;
  }

  stop(): void {
    this.#stopped = true;
  }

  async #derive(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      for (const ref of refsOf(step)) {
        if (this.#stopped || this.#context.signal.aborted) return;
        await this.of(ref);
      }
    }
  }

  async #make(ref: SecretRef): Promise<string> {
    return this.#context.secrets.derived(ref) ?? (await scramVerifier(await this.#context.secrets.ensure(ref)));
  }
}

/** The secrets of which a step's statements send the verifier. */
export function refsOf(step: Step): readonly SecretRef[] {
  return step.commands.flatMap(({ secrets = {} }) =>
    Object.entries(secrets).flatMap(([name, value]) => (name !== 'password' ? [value] : [])),
  );
}
