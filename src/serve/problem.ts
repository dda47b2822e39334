import { coreCodes } from '../model/catalogue.ts';
import type { Diagnostic } from '../model/index.ts';
import { writeDiagnostic } from '../report/documents/plan.ts';
import { lookUp } from '../util/record.ts';

/** What a request ends with where it has no other answer: RFC 9457, with the code and the hint of the command line. */
export class Problem extends Error {
  readonly status: number;
  readonly diagnostics: readonly [Diagnostic, ...Diagnostic[]];
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, diagnostics: Problem['diagnostics'], headers: Problem['headers'] = {}) {
    super(diagnostics[0].message);
    this.status = status;
    this.diagnostics = diagnostics;
    this.headers = headers;
  }

  body(): string {
    const [{ code, message, hint }] = this.diagnostics;
    return `${JSON.stringify({
      type: `urn:cotenant:${code}`,
      title: lookUp(coreCodes, code)?.title ?? 'Error',
      status: this.status,
      detail: message,
      code,
      ...(hint === undefined ? {} : { hint }),
      ...(this.diagnostics.length > 1 ? { diagnostics: this.diagnostics.map(writeDiagnostic) } : {}),
    })}\n`;
  }
}

/** A problem with one reason. */
export function problem(
  status: number,
  code: string,
  message: string,
  more: { hint?: string; headers?: Problem['headers'] } = {},
): Problem {
  const { hint, headers } = more;
  return new Problem(status, [{ code, severity: 'error', message, ...(hint === undefined ? {} : { hint }) }], headers);
}

export const PROBLEM_TYPE = 'application/problem+json';
