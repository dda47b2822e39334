import type { Diagnostic, Path, Severity } from '../model/index.ts';
import type { Locator } from './frame.ts';
import { maskSentence, maskText } from './mask.ts';
import type { Span } from './node.ts';

export interface Finding {
  readonly code: string;
  readonly message: string;
  readonly span: Span;
  readonly severity?: Severity;
  readonly expected?: string | undefined;
  readonly hint?: string | undefined;
  readonly path?: Path;
}

/** Collects what is wrong, each thing once: an app that stands for many gives one error. */
export class Findings {
  readonly #found = new Map<string, Finding>();

  add(finding: Finding): void {
    const key = `${finding.code} ${finding.span.start} ${finding.message}`;
    if (!this.#found.has(key)) this.#found.set(key, finding);
  }

  addAll(others: Findings): void {
    for (const finding of others.#found.values()) this.add(finding);
  }

  get failed(): boolean {
    return [...this.#found.values()].some((finding) => (finding.severity ?? 'error') === 'error');
  }

  /** In the order of the file. Names and keys may hold anything, so passwords are covered once more here. */
  located(locator: Locator): Diagnostic[] {
    const sorted = [...this.#found.values()].sort((a, b) => a.span.start - b.span.start);
    return sorted.map((finding) => ({
      code: finding.code,
      severity: finding.severity ?? 'error',
      message: maskSentence(finding.message),
      ...(finding.expected === undefined ? {} : { expected: maskSentence(finding.expected) }),
      ...(finding.hint === undefined ? {} : { hint: maskSentence(finding.hint) }),
      ...(finding.path === undefined ? {} : { path: finding.path.map((step) => (typeof step === 'string' ? maskText(step) : step)) }),
      location: locator.at(finding.span),
    }));
  }
}
