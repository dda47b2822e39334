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
  /** What stands last on the screen. */
  #last: 'nothing' | 'text' | 'diagnostics' = 'nothing';

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
    if (fresh.length === 0) return;
    const text = diagnosticsText(fresh, { style: this.errStyle, cwd: this.io.cwd });
    this.io.stderr.write(this.#last === 'nothing' ? text : `\n${text}`);
    this.#last = 'diagnostics';
  }

  /** Data, on stdout. */
  print(text: string): void {
    this.io.stdout.write(text);
    this.#last = 'text';
  }

  /** On stderr, also where it is quiet. A blank line stands between diagnostics and what follows. */
  insist(text: string): void {
    this.io.stderr.write(this.#last === 'diagnostics' ? `\n${text}\n` : `${text}\n`);
    this.#last = 'text';
  }

  say(text: string): void {
    if (!this.quiet) this.insist(text);
  }
}
