import type { Ending } from '../app/types.ts';
import { consentCodes } from './codes.ts';
import { credentialCodes, type Diagnostic, unreachableCodes } from '../model/index.ts';

export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 64 | 129 | 130 | 143;

/** What every exit code means, for the help and the documentation. */
export const exitCodes: readonly (readonly [ExitCode, string])[] = [
  [0, 'done, or nothing to do'],
  [1, 'error'],
  [
    2,
    'changes, drift, or something on hold (`plan`, `status` and `migrate status` with `--detailed-exitcode`); findings (`verify`, `migrate lint`)',
  ],
  [3, 'partly applied, or something is on hold until somebody acts, as the plan says; safe to run again'],
  [4, 'a server did not let this login in'],
  [5, 'an instance could not be reached, or not talked to'],
  [6, 'another run holds the lock'],
  [7, 'consent is missing: a required flag was not given, or the answer was no'],
  [64, 'invalid command line'],
  [129, 'ended by SIGHUP: the terminal was closed'],
  [130, 'interrupted'],
  [143, 'ended by SIGTERM'],
];

const byEnding: Record<Ending, ExitCode> = {
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
};

export function exitOfEnding(ending: Ending): ExitCode {
  return byEnding[ending];
}

/** How a command ended that has no result. */
export function endingOfFailure(code: ExitCode): 'failed' | 'interrupted' {
  return code === 129 || code === 130 || code === 143 ? 'interrupted' : 'failed';
}

/** 0 where no diagnostic is an error. Trouble of any other kind outweighs an unreachable instance, and that a missing word. */
export function exitOfDiagnostics(diagnostics: readonly Diagnostic[]): ExitCode {
  const errors = diagnostics.filter((d) => d.severity === 'error');
  if (errors.length > 0 && errors.every((d) => consentCodes.has(d.code))) return 7;
  if (errors.some((d) => !credentialCodes.has(d.code) && !unreachableCodes.has(d.code))) return 1;
  if (errors.some((d) => credentialCodes.has(d.code))) return 4;
  return errors.length > 0 ? 5 : 0;
}
