import type { Compiled, InstanceInput } from '../../../engine/index.ts';
import type { Diagnostic, Path, Relaxation, Resource } from '../../../model/index.ts';
import { flat } from '../../../util/flat.ts';
import type { Config, Placement } from '../config.ts';
import { nameTrouble } from '../names.ts';
import type { KindName, Specs } from '../spec.ts';

export type Input = InstanceInput<Config, Placement>;

/** Collects what one instance comes to, and refuses what is claimed twice. */
export class Draft {
  readonly input: Input;
  readonly #resources: Resource[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  readonly #relaxations: Relaxation[] = [];
  readonly #claims = new Map<string, { by: string }>();

  constructor(input: Input) {
    this.input = input;
  }

  add<K extends KindName>(kind: K, name: string, app: string | null, spec: Specs[K], path: Path): void {
    this.#resources.push({ address: { engine: 'mysql', instance: this.input.name, kind, name: flat(name) }, app, spec, path });
  }

  /** Reserves a name for one owner. The second one to ask for it is an error, and so is a name that the server cannot hold. */
  claim(what: 'database' | 'account', name: string, by: string, path: Path): boolean {
    const trouble = nameTrouble(what, name);
    if (trouble) this.error(trouble.code, `${what} ${trouble.why}`, path);
    // A server may keep names of databases in lower case, whatever they were given as.
    const key = `${what} ${what === 'database' ? name.toLowerCase() : name}`;
    const first = this.#claims.get(key);
    if (first) {
      const message = `${by} and ${first.by} both claim the ${what} "${name}" on "${this.input.name}"`;
      this.error('CT2001', message, path, 'give one of them another name');
      return false;
    }
    this.#claims.set(key, { by });
    return !trouble;
  }

  error(code: string, message: string, path: Path, hint?: string): void {
    this.#say('error', code, message, path, hint);
  }

  tell(...diagnostics: readonly Diagnostic[]): void {
    this.#diagnostics.push(...diagnostics);
  }

  warn(code: string, message: string, path: Path, hint?: string): void {
    this.#say('warning', code, message, path, hint);
  }

  relax(app: string | null, name: string, opens: string, path?: Path): void {
    this.#relaxations.push({ app, instance: this.input.name, name, opens, ...(path ? { path } : {}) });
  }

  done(): Compiled {
    return { resources: this.#resources, diagnostics: this.#diagnostics, relaxations: this.#relaxations };
  }

  #say(severity: Diagnostic['severity'], code: string, message: string, path: Path, hint?: string): void {
    this.#diagnostics.push({ code, severity, message, path, instance: this.input.name, ...(hint === undefined ? {} : { hint }) });
  }
}
