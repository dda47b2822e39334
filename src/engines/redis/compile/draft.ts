import type { Compiled, InstanceInput } from '../../../engine/index.ts';
import type { Diagnostic, Path, Relaxation, Resource } from '../../../model/index.ts';
import type { Config, Placement } from '../config.ts';
import type { Specs } from '../spec.ts';

export type Input = InstanceInput<Config, Placement>;

export const ENGINE = 'redis';

/** Collects what one instance comes to. */
export class Draft {
  readonly input: Input;
  readonly #resources: Resource[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  readonly #relaxations: Relaxation[] = [];

  constructor(input: Input) {
    this.input = input;
  }

  add<K extends keyof Specs>(kind: K, name: string, app: string | null, spec: Specs[K], path: Path): void {
    this.#resources.push({ address: { engine: ENGINE, instance: this.input.name, kind, name }, app, spec, path });
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

  relax(app: string | null, name: string, opens: string, path: Path): void {
    this.#relaxations.push({ app, instance: this.input.name, name, opens, path });
  }

  done(): Compiled {
    return { resources: this.#resources, diagnostics: this.#diagnostics, relaxations: this.#relaxations };
  }

  #say(severity: 'error' | 'warning', code: string, message: string, path: Path, hint: string | undefined): void {
    this.#diagnostics.push({ code, severity, message, path, instance: this.input.name, ...(hint === undefined ? {} : { hint }) });
  }
}
