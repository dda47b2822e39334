import type { Diagnostic } from '../../model/index.ts';
import { diagnosticsText } from '../../report/diagnostics-text.ts';
import { createStyle, type Style, wantsColor } from '../../report/style.ts';
import { cut } from '../../util/width.ts';
import type { Io } from '../io.ts';
import type { Options } from '../options.ts';
import { page, pagerFor, sizeOf } from './pager.ts';

/** What all outputs do alike: diagnostics and remarks go to stderr, for people. */
export class HumanSide {
  readonly io: Io;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly errStyle: Style;
  readonly outStyle: Style;
  /** There is a line at the foot of the screen that can be written again. */
  readonly hasFoot: boolean;
  readonly #options: Options;
  readonly #said = new Set<string>();
  /** What stands last on the screen. */
  #last: 'nothing' | 'text' | 'diagnostics' = 'nothing';
  #foot = '';
  /** Somebody is typing an answer where it would stand. */
  #asks = false;
  /** While somebody reads in a pager: what is to be written after it. */
  #waiting: (() => void)[] | null = null;
  #reading: Promise<void> = Promise.resolve();

  constructor(io: Io, options: Options) {
    this.io = io;
    this.#options = options;
    this.quiet = options.flag('quiet');
    this.verbose = options.flag('verbose') || options.flag('debug');
    this.hasFoot = !this.quiet && io.stderr.isTTY === true && io.env['TERM'] !== 'dumb';
    const noColor = !options.flag('color');
    const styleOf = (out: Io['stdout' | 'stderr']): Style =>
      createStyle(wantsColor(io.env, out.isTTY === true, noColor), out.isTTY === true ? sizeOf(out).columns : Infinity);
    this.errStyle = styleOf(io.stderr);
    this.outStyle = styleOf(io.stdout);
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
    this.#write('stderr', this.#last === 'nothing' ? text : `\n${text}`);
    this.#last = 'diagnostics';
  }

  /** Data, on stdout. */
  print(text: string): void {
    this.#write('stdout', text);
    this.#last = 'text';
  }

  /** The same, in a pager where it is longer than the screen. What follows waits until it has been read. */
  printPaged(text: string): void {
    const pager = this.#waiting === null ? pagerFor(text, this.io, this.#options) : null;
    if (pager === null) {
      this.print(text);
      return;
    }
    this.foot('');
    this.#last = 'text';
    this.#waiting = [];
    this.#reading = page(text, pager, this.io).then((done) => {
      const waiting = this.#waiting ?? [];
      this.#waiting = null;
      if (!done) this.io.stdout.write(text);
      for (const write of waiting) write();
    });
  }

  /** Resolves when nobody reads in a pager any more. */
  read(): Promise<void> {
    return this.#reading;
  }

  /** On stderr, also where it is quiet. A blank line stands between diagnostics and what follows. */
  insist(text: string): void {
    this.#write('stderr', this.#last === 'diagnostics' ? `\n${text}\n` : `${text}\n`);
    this.#last = 'text';
  }

  say(text: string): void {
    if (!this.quiet) this.insist(text);
  }

  /** Writes the line at the foot of the screen anew; '' takes it away. */
  foot(text: string): void {
    if (!this.hasFoot || this.#asks || this.#waiting !== null || text === this.#foot) return;
    this.io.stderr.write(`\r\u001b[K${cut(text, this.errStyle.width - 1)}`);
    this.#foot = text;
  }

  /** Without that line, while somebody is asked. */
  async withoutFoot<T>(asking: () => Promise<T>): Promise<T> {
    this.foot('');
    this.#asks = true;
    try {
      return await asking();
    } finally {
      this.#asks = false;
    }
  }

  #write(to: 'stdout' | 'stderr', text: string): void {
    if (this.#waiting !== null) {
      this.#waiting.push(() => this.#write(to, text));
      return;
    }
    const foot = this.#foot;
    this.foot('');
    this.io[to].write(text);
    this.foot(foot);
  }
}
