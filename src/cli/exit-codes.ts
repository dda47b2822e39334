import type { ExitCode } from '../model/exit-codes.ts';

export { type ExitCode, exitOfDiagnostics, exitOfDoctor, exitOfEnding, exitOfVerify } from '../model/exit-codes.ts';

/** What every exit code means, for the help and the documentation. */
export const exitCodes: readonly (readonly [ExitCode, string])[] = [
  [0, 'done, or nothing to do'],
  [1, 'error'],
  [
    2,
    'changes, drift, or something on hold (`plan`, `status` and `migrate status` with `--detailed-exitcode`); findings (`verify`, `migrate lint`); files that differ (`render --check`)',
  ],
  [
    3,
    'partly applied, or something is on hold until somebody acts, as the plan says; files that somebody changed and that stay (`render`); safe to run again',
  ],
  [4, 'a server did not let this login in'],
  [5, 'an instance could not be reached, or not talked to'],
  [6, 'another run holds the lock'],
  [7, 'consent is missing: a required flag was not given, or the answer was no'],
  [64, 'invalid command line'],
  [129, 'ended by SIGHUP: the terminal was closed'],
  [130, 'interrupted'],
  [143, 'ended by SIGTERM'],
];

/** How a command ended that has no result. */
export function endingOfFailure(code: ExitCode): 'failed' | 'interrupted' {
  return code === 129 || code === 130 || code === 143 ? 'interrupted' : 'failed';
}
