import type { Project } from '../app/types.ts';
import type { VerifyOutcome, WatchRound } from '../app/verify.ts';
import { verifyChangesText } from '../report/verify-changes.ts';
import { verifyJsonLine } from '../report/verify-json.ts';
import { type Call, openCall } from './call.ts';
import { type ExitCode, exitOfDiagnostics, exitOfVerify } from './exit-codes.ts';
import { UsageError } from './usage.ts';
import { formatOf, requestOf, save, show, verifyMode } from './verify-run.ts';

/**
 * Proves again and again until it is interrupted. People see the first report and then what changes; with `--json` each
 * round is one line. Ends with the exit code of the signal. `every` in milliseconds.
 */
export async function watchVerify(call: Call, every: number): Promise<ExitCode> {
  const { output, options, io } = call;
  const mode = verifyMode(options);
  if (mode === 'file') throw new UsageError(`--watch prints text or JSON. For ${formatOf(options)}, choose a file with --out.`);
  let project = await openCall(call);
  let isFresh = true;
  // What the manifest says may change between rounds; the first round takes the one that was just read.
  const open = async (): Promise<Project> => {
    if (!isFresh) project = await openCall(call);
    isFresh = false;
    return project;
  };
  const { watchProject } = await import('../app/verify.ts');
  let before: VerifyOutcome | null = null;
  for await (const round of watchProject(open, { ...requestOf(call), every, signal: io.interruption.signal })) {
    const { outcome, time, diagnostics } = round;
    const ended = exitOfRound(round);
    if (mode === 'json') output.result({ text: () => '', json: () => verifyJsonLine(time, withCode(outcome, ended), diagnostics, ended) });
    else if (outcome !== null) showRound(call, before, outcome, time);
    output.diagnostics(diagnostics);
    if (outcome !== null) await save(call, project, outcome, { code: ended });
    before = outcome ?? before;
  }
  return io.interruption.code;
}

function exitOfRound({ outcome, diagnostics }: WatchRound): ExitCode {
  return outcome === null ? exitOfDiagnostics(diagnostics) || 1 : exitOfVerify(outcome);
}

function withCode(outcome: VerifyOutcome | null, exitCode: ExitCode) {
  return outcome === null ? null : { ...outcome, exitCode };
}

function showRound(call: Call, before: VerifyOutcome | null, outcome: VerifyOutcome, time: string): void {
  const { report, unreached } = outcome;
  if (before === null) show(call, outcome);
  else
    call.output.result({
      text: (style) => changed(verifyChangesText(before.report, { ...report, unreached }, time, style)),
      json: () => '',
    });
}

function changed(text: string): string {
  return text === '' ? '' : `\n${text}`;
}
