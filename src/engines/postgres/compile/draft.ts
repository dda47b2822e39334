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
  readonly #claims = new Map<string, { by: string; path: Path }>();

  constructor(input: Input) {
    this.input = input;
  }

  add<K extends KindName>(kind: K, name: string, app: string | null, spec: Specs[K], path: Path): void {
    this.#resources.push({ address: { engine: 'postgres', instance: this.input.name, kind, name: flat(name) }, app, spec, path });
  }

  /** Reserves a name for one owner. The second one to ask for it is an error, and so is a name that the server cannot hold. */
  claim(what: 'database' | 'schema' | 'role', name: string, by: string, path: Path, shown: string = name): boolean {
    const usable = this.checkName(what, shown, path);
    const key = `${what} ${name}`;
    const first = this.#claims.get(key);
    if (first) {
      this.error(
        'CT2001',
        `${by} and ${first.by} both claim the ${what} "${shown}" on "${this.input.name}"`,
        path,
        'give one of them another name',
      );
      return false;
    }
    this.#claims.set(key, { by, path });
    return usable;
  }

  /** False, with the error, where the server cannot hold the name or it is not the app's to have. */
  checkName(what: 'database' | 'schema' | 'role', name: string, path: Path): boolean {
    const trouble = what === 'schema' && name === 'public' ? null : nameTrouble(name);
    if (trouble) this.error(trouble.code, `${what} ${trouble.why}`, path);
    return !trouble;
  }

  claimedBy(what: 'database' | 'schema' | 'role', name: string): string | null {
    return this.#claims.get(`${what} ${name}`)?.by ?? null;
  }

  error(code: string, message: string, path: Path, hint?: string): void {
    this.#diagnostics.push({ code, severity: 'error', message, path, instance: this.input.name, ...(hint === undefined ? {} : { hint }) });
  }

  tell(...diagnostics: readonly Diagnostic[]): void {
    this.#diagnostics.push(...diagnostics);
  }

  warn(code: string, message: string, path: Path, hint?: string): void {
    this.#diagnostics.push({
      code,
      severity: 'warning',
      message,
      path,
      instance: this.input.name,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  relax(app: string | null, name: string, opens: string, path?: Path): void {
    this.#relaxations.push({ app, instance: this.input.name, name, opens, ...(path ? { path } : {}) });
  }

  done(): Compiled {
    return { resources: this.#resources, diagnostics: this.#diagnostics, relaxations: this.#relaxations };
  }
}
