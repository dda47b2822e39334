import type { Diagnostic } from '../../model/index.ts';
import { diagnosticsText } from '../../report/diagnostics-text.ts';
import { createStyle, type Style, wantsColor } from '../../report/style.ts';
import type { Io } from '../io.ts';
import type { Options } from '../options.ts';

/** What all outputs do alike: diagnostics and remarks go to stderr, for people. */
export class HumanSide {
  readonly io: Io;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly errStyle: Style;
  readonly outStyle: Style;
  readonly #said = new Set<string>();

  constructor(io: Io, options: Options) {
    this.io = io;
    this.quiet = options.flag('quiet');
    this.verbose = options.flag('verbose') || options.flag('debug');
    const noColor = !options.flag('color');
    this.errStyle = createStyle(wantsColor(io.env, io.stderr.isTTY === true, noColor));
    this.outStyle = createStyle(wantsColor(io.env, io.stdout.isTTY === true, noColor));
  }

  /** Those that were not said before. */
  fresh(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
    return diagnostics.filter((d) => {
      const key = JSON.stringify([d.code, d.message, d.instance ?? null, d.location?.line ?? null, d.location?.column ?? null]);
      return !this.#said.has(key) && this.#said.add(key);
    });
  }

  sayDiagnostics(diagnostics: readonly Diagnostic[]): void {
    const fresh = this.fresh(diagnostics).filter((d) => !this.quiet || d.severity === 'error');
    if (fresh.length > 0) this.io.stderr.write(`${diagnosticsText(fresh, { style: this.errStyle, cwd: this.io.cwd })}\n`);
  }

  say(text: string): void {
    if (!this.quiet) this.io.stderr.write(`${text}\n`);
  }
}
