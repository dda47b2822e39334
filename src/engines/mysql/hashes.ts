import type { SessionContext } from '../../engine/index.ts';
import type { SecretRef, Command } from '../../model/index.ts';
import { passwordHash, type Plugin } from './password-hash.ts';

const PLUGINS: readonly Plugin[] = ['caching_sha2_password', 'mysql_native_password'];

/** Milliseconds between two writes of what was sent. */
const SAVE = 1000;

/** Hashes of passwords for one run, remembered once the server has them. */
export class Hashes {
  readonly #context: SessionContext;
  readonly #made = new Map<string, Promise<string>>();
  readonly #unsaved = new Map<string, string>();
  #saving: Promise<void> = Promise.resolve();
  #savedAt = 0;

  constructor(context: SessionContext) {
    this.#context = context;
  }

  /** The parameters of a statement: a secret under the name of a plugin is the hash that this plugin keeps of it. */
  async of({ secrets = {} }: Command): Promise<ReadonlyMap<string, string>> {
    const values = new Map<string, string>();
    for (const [name, value] of Object.entries(secrets)) {
      const plugin = PLUGINS.find((one) => one === name);
      if (plugin === undefined) continue;
      values.set(name, await this.#hash(plugin, value));
    }
    return values;
  }

  /** The server has these. Not written at once: what a killed run did not write is computed again. */
  async sent(statements: readonly Command[]): Promise<void> {
    for (const statement of statements) {
      const hashes = await this.of(statement);
      for (const [name, value] of Object.entries(statement.secrets ?? {})) {
        const hash = hashes.get(name);
        if (hash !== undefined) this.#unsaved.set(value.secret, hash);
      }
    }
    if (performance.now() - this.#savedAt > SAVE) this.save().catch(() => undefined);
  }

  /** On disk when it resolves. Also rejects with what an earlier write failed with. */
  save(): Promise<void> {
    this.#savedAt = performance.now();
    this.#saving = this.#saving.then(async () => {
      const entries = [...this.#unsaved];
      this.#unsaved.clear();
      await Promise.all(entries.map(([secret, hash]) => this.#context.secrets.setDerived({ secret }, hash)));
    });
    return this.#saving;
  }

  #hash(plugin: Plugin, ref: SecretRef): Promise<string> {
    const key = `${plugin} ${ref.secret}`;
    const made = this.#made.get(key) ?? this.#make(plugin, ref);
    this.#made.set(key, made);
    return made;
  }

  async #make(plugin: Plugin, ref: SecretRef): Promise<string> {
    const known = this.#context.secrets.derived(ref);
    if (known?.startsWith(plugin === 'mysql_native_password' ? '*' : '$A$')) return known;
    return passwordHash(plugin, await this.#context.secrets.ensure(ref));
  }
}
