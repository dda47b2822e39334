import type { Diagnostic, Path, Relaxation, Resource } from '../model/index.ts';
import { flat } from '../util/flat.ts';
import type { Compiled } from './engine.ts';
import type { InstanceInput } from './input.ts';

/** Collects what one instance comes to, and refuses what is claimed twice. `Specs`: what stands under `spec`, by kind. */
export abstract class InstanceDraft<Config, Placement, Specs extends object> {
  readonly input: InstanceInput<Config, Placement>;
  readonly #engine: string;
  readonly #resources: Resource[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  readonly #relaxations: Relaxation[] = [];
  readonly #claims = new Map<string, string>();
  /** What the same two claim, with the place of the first. */
  readonly #clashes = new Map<string, { readonly both: string; readonly shown: string[]; readonly path: Path }>();

  constructor(engine: string, input: InstanceInput<Config, Placement>) {
    this.#engine = engine;
    this.input = input;
  }

  add<K extends keyof Specs & string>(kind: K, name: string, app: string | null, spec: Specs[K], path: Path): void {
    this.#resources.push({ address: { engine: this.#engine, instance: this.input.name, kind, name: flat(name) }, app, spec, path });
  }

  error(code: string, message: string, path: Path, hint?: string): void {
    this.#say('error', code, message, path, hint);
  }

  warn(code: string, message: string, path: Path, hint?: string): void {
    this.#say('warning', code, message, path, hint);
  }

  tell(...diagnostics: readonly Diagnostic[]): void {
    this.#diagnostics.push(...diagnostics);
  }

  relax(app: string | null, name: string, opens: string, path?: Path): void {
    this.#relaxations.push({ app, instance: this.input.name, name, opens, ...(path ? { path } : {}) });
  }

  /** A wall that the default of a field leaves open. */
  relaxByDefault(app: string | null, name: string, opens: string, path: Path): void {
    this.#relaxations.push({ app, instance: this.input.name, name, opens, path, usual: true });
  }

  done(): Compiled {
    for (const { both, shown, path } of this.#clashes.values())
      this.error('CT2001', `${both} both claim ${shown.join(', ')} on "${this.input.name}"`, path, 'set a different name for one of them');
    this.#clashes.clear();
    return { resources: this.#resources, diagnostics: this.#diagnostics, relaxations: this.#relaxations };
  }

  /** Reserves what has this key for one owner. CT2001 and false for the second one to ask for it. `shown`: what it is, as `the role "x"`. */
  protected reserve(key: string, shown: string, by: string, path: Path): boolean {
    const first = this.#claims.get(key);
    if (first === undefined) this.#claims.set(key, by);
    else this.#clash(`${by} and ${first}`, shown, path);
    return first === undefined;
  }

  /** One mistake, however many names come of it. */
  #clash(both: string, shown: string, path: Path): void {
    const known = this.#clashes.get(both);
    if (known === undefined) this.#clashes.set(both, { both, shown: [shown], path });
    else known.shown.push(shown);
  }

  protected ownerOf(key: string): string | null {
    return this.#claims.get(key) ?? null;
  }

  #say(severity: Diagnostic['severity'], code: string, message: string, path: Path, hint?: string): void {
    this.#diagnostics.push({ code, severity, message, path, instance: this.input.name, ...(hint === undefined ? {} : { hint }) });
  }
}
