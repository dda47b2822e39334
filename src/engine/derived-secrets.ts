import type { Command, SecretRef, Step } from '../model/index.ts';
import { candidatesOf } from './secrets.ts';
import type { SessionContext } from './session.ts';

/** A form in which a server keeps a password: a hash, a verifier. */
export interface DerivedForm {
  readonly name: string;
  isOne(derived: string): boolean;
  make(password: string): string | Promise<string>;
}

/** Milliseconds between two writes of what was sent. */
const SAVE = 1000;

/** What a server gets in place of passwords, in one run: derived once, and remembered once the server has it. */
export class DerivedSecrets {
  readonly #context: SessionContext;
  readonly #formOf: (parameter: string) => DerivedForm | null;
  readonly #made = new Map<string, Promise<string>>();
  readonly #unsaved = new Map<string, string>();
  #saving: Promise<void> = Promise.resolve();
  #savedAt = 0;
  #stopped = false;

  /** `formOf`: what a command's parameter of this name stands for; null: nothing that is derived. */
  constructor(context: SessionContext, formOf: (parameter: string) => DerivedForm | null) {
    this.#context = context;
    this.#formOf = formOf;
  }

  /** Begins to derive what these steps will need, in their order. One at a time keeps ahead: setting a password takes a server longer. */
  prepare(steps: readonly Step[]): void {
    void this.#derive(steps).catch(() => undefined);
  }

  stop(): void {
    this.#stopped = true;
  }

  /** The derived parameters of a command, by their name. */
  async of(command: Command): Promise<Map<string, string>> {
    const values = new Map<string, string>();
    for (const [name, ref, form] of this.#parameters(command)) values.set(name, await this.#derived(ref, form));
    return values;
  }

  /** The server has these. Not written at once: an apply may set thousands. What a killed run did not write is derived again. */
  async sent(commands: readonly Command[]): Promise<void> {
    for (const [, ref, form] of commands.flatMap((one) => this.#parameters(one)))
      this.#unsaved.set(ref.secret, await this.#derived(ref, form));
    if (performance.now() - this.#savedAt > SAVE) this.save().catch(() => undefined);
  }

  /** On disk when it resolves. Also rejects with what an earlier write failed with. */
  save(): Promise<void> {
    this.#savedAt = performance.now();
    this.#saving = this.#saving.then(async () => {
      const entries = [...this.#unsaved];
      this.#unsaved.clear();
      await Promise.all(entries.map(([secret, derived]) => this.#context.secrets.setDerived({ secret }, derived)));
    });
    return this.#saving;
  }

  #parameters({ secrets = {} }: Command): readonly (readonly [name: string, ref: SecretRef, form: DerivedForm])[] {
    return Object.entries(secrets).flatMap(([name, ref]) => {
      const form = this.#formOf(name);
      return form ? [[name, ref, form] as const] : [];
    });
  }

  async #derive(steps: readonly Step[]): Promise<void> {
    for (const [, ref, form] of steps.flatMap(({ commands }) => commands.flatMap((one) => this.#parameters(one)))) {
      if (this.#stopped || this.#context.signal.aborted) return;
      await this.#derived(ref, form);
    }
  }

  #derived(ref: SecretRef, form: DerivedForm): Promise<string> {
    const key = `${form.name} ${ref.secret}`;
    const made = this.#made.get(key) ?? this.#make(ref, form);
    this.#made.set(key, made);
    return made;
  }

  async #make(ref: SecretRef, form: DerivedForm): Promise<string> {
    const value = await this.#context.secrets.ensure(ref);
    const known = candidatesOf(this.#context.secrets, ref).find((one) => one.value === value)?.derived ?? null;
    return known !== null && form.isOne(known) ? known : await form.make(value);
  }
}
