import type { Diagnostic } from './diagnostic.ts';
import type { DoctorReport } from './doctor.ts';
import type { VerifyReport } from './finding.ts';
import { credentialCodes, unreachableCodes } from './unreached.ts';

export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 64 | 129 | 130 | 143;

const byEnding = {
  done: 0,
  'nothing-to-do': 0,
  failed: 1,
  stale: 1,
  partly: 3,
  waiting: 3,
  credentials: 4,
  unreachable: 5,
  locked: 6,
  refused: 7,
  interrupted: 130,
} as const satisfies Record<string, ExitCode>;

export function exitOfEnding(ending: keyof typeof byEnding): ExitCode {
  return byEnding[ending];
}

/** All that is wrong is that somebody has not agreed. */
const consentCodes: ReadonlySet<string> = new Set(['CT4003', 'CT4004']);

/** 0 where no diagnostic is an error. Trouble of any other kind outweighs an unreachable instance, and that a missing word. */
export function exitOfDiagnostics(diagnostics: readonly Diagnostic[]): ExitCode {
  const errors = diagnostics.filter((d) => d.severity === 'error');
  if (errors.length > 0 && errors.every((d) => consentCodes.has(d.code))) return 7;
  if (errors.some((d) => !credentialCodes.has(d.code) && !unreachableCodes.has(d.code))) return 1;
  if (errors.some((d) => credentialCodes.has(d.code))) return 4;
  return errors.length > 0 ? 5 : 0;
}

interface Outcome<Report> {
  readonly report: Report;
  readonly diagnostics: readonly Diagnostic[];
}

/** Findings outweigh an unreachable instance; an error of another kind outweighs both. */
export function exitOfVerify({ report, diagnostics }: Outcome<VerifyReport>): ExitCode {
  const trouble = exitOfDiagnostics(diagnostics);
  if (trouble === 1) return 1;
  const found = report.findings.some(({ probe }) => !unreachableCodes.has(probe) && !credentialCodes.has(probe));
  return found ? 2 : trouble;
}

/** The same of what ails the servers. */
export function exitOfDoctor({ report, diagnostics }: Outcome<DoctorReport>): ExitCode {
  const trouble = exitOfDiagnostics(diagnostics);
  if (trouble === 1) return 1;
  const reached = new Set(report.instances.flatMap(({ name, reached: is }) => (is ? [name] : [])));
  const found = report.findings.some(({ severity, instance }) => severity !== 'info' && reached.has(instance));
  return found ? 2 : trouble;
}
