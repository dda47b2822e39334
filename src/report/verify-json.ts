import type { Cell, Diagnostic, Finding, Relaxation, Residual, Sparse, StepResult, VerifyReport } from '../model/index.ts';
import { diagnosticValue, document } from './plan-json.ts';
import type { VerifyExtras } from './verify-words.ts';

/** What a document says beside the report. */
export interface VerifyDocument extends VerifyExtras {
  readonly report: VerifyReport;
  readonly exitCode: number;
  readonly diagnostics: readonly Diagnostic[];
  /** What `--fix` sent before the proof was made again. */
  readonly fix?: { readonly ending: string; readonly results: readonly StepResult[] };
}

/** The proof as one JSON document. Same report, same bytes. Ends with a line end. */
export function verifyJson(of: VerifyDocument): string {
  return document(value(of));
}

/** One round of `--watch` as one line. `outcome` null: the round came to nothing. */
export function verifyJsonLine(time: string, outcome: VerifyDocument | null, diagnostics: readonly Diagnostic[], exitCode: number): string {
  const body = outcome === null ? { format: 1, ending: 'failed', exitCode, diagnostics: diagnostics.map(diagnosticValue) } : value(outcome);
  return `${JSON.stringify({ time, ...body })}\n`;
}

function value({ report, unreached, diagnostics, exitCode, fix }: VerifyDocument): Readonly<Record<string, unknown>> {
  const { format, seed, scope, apps, counts } = report;
  return {
    format,
    exitCode,
    seed,
    scope: { app: scope.app, exhaustive: scope.exhaustive, destructive: scope.destructive },
    apps,
    counts: { attempts: counts.attempts, blocked: counts.blocked, controls: counts.controls, analysed: counts.analysed },
    findings: report.findings.map(findingValue),
    relaxations: report.relaxations.map(relaxationValue),
    residual: report.residual.map(residualValue),
    cells: report.cells.map(cellValue),
    sparse: report.sparse.map(sparseValue),
    unreached,
    diagnostics: diagnostics.map(diagnosticValue),
    ...(fix === undefined
      ? {}
      : { fix: { ending: fix.ending, steps: fix.results.map(({ step, status, elapsed }) => ({ id: step.id, status, elapsed })) } }),
  };
}

function findingValue({ probe, verdict, half, instance, from, to, statement, answer, why, fix }: Finding): Finding {
  const fixes = fix.map(({ lane, statement: { text, secrets }, confirm }) => ({
    lane,
    statement: { text, ...(secrets === undefined ? {} : { secrets }) },
    ...(confirm === undefined ? {} : { confirm }),
  }));
  return { probe, verdict, half, instance, from, to, statement, answer, why, fix: fixes };
}

function cellValue({ instance, from, to, verdict, attempts, declared }: Cell): Cell {
  return { instance, from, to, verdict, attempts, declared };
}

function sparseValue({ instance, apps, places, verdict, only }: Sparse): Sparse {
  return { instance, apps, places, verdict, only };
}

function residualValue({ probe, instance, what }: Residual): Residual {
  return { probe, instance, what };
}

function relaxationValue({ app, instance, name, opens }: Relaxation): Relaxation {
  return { app, instance, name, opens };
}
