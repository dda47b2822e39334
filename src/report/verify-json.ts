import type { Diagnostic, StepResult, VerifyReport } from '../model/index.ts';
import { document } from './documents/document.ts';
import { outcomes } from './documents/parts.ts';
import { writeFailed } from './documents/small.ts';
import { writeVerify } from './documents/verify.ts';
import type { VerifyExtras } from './verify-words.ts';

/** What a document says beside the report. */
export interface VerifyDocument extends VerifyExtras {
  readonly report: VerifyReport;
  readonly exitCode: number;
  readonly diagnostics: readonly Diagnostic[];
  /** What `--fix` sent before the proof was made again. */
  readonly fix?: { readonly ending: string; readonly results: readonly StepResult[] };
}

/** The proof as one JSON document. Same report, same bytes. */
export function verifyJson(of: VerifyDocument): string {
  return document(valueOf(of));
}

/** One round of `--watch` as one line. `outcome` null: the round came to nothing. */
export function verifyJsonLine(time: string, outcome: VerifyDocument | null, diagnostics: readonly Diagnostic[], exitCode: number): string {
  const body = outcome === null ? writeFailed({ format: 1, ending: 'failed', exitCode, diagnostics }) : valueOf(outcome);
  return `${JSON.stringify({ time, ...body })}\n`;
}

function valueOf({ report, fix, ...more }: VerifyDocument): object {
  return writeVerify({ ...report, ...more, ...(fix === undefined ? {} : { fix: { ending: fix.ending, steps: outcomes(fix.results) } }) });
}
