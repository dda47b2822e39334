import { Command } from 'commander';
import { doctorJson, doctorText, endingOfRemedies } from '../../report/doctor-text.ts';
import type { DoctorOutcome } from '../../app/doctor/doctor.ts';
import { applyOptions } from '../apply-run.ts';
import { type Bind, type Call, jsonMode, openCall } from '../call.ts';
import { type ExitCode, exitOfDoctor, exitOfEnding } from '../exit-codes.ts';
import { onlyApps, shared } from '../options.ts';

const description = `Looks for what ails the servers: what cannot be reached and why, what of an app is missing, who holds the connections, who blocks whom, transactions that were left open, indexes, counters near their end, versions past their end of life, and more. docs/doctor.md has every check. Changes nothing, reads no rows, and sends the same number of statements however many apps there are, with a few more for each database of an app.

With --fix it sends what harms nobody, as a plan, and looks again; everything else is printed to be pasted.

Exit code 0: nothing, or remarks only. 2: errors or warnings. 4 or 5: a server rejected the operator or could not be reached, and nothing was found on the others.

Example: cotenant doctor --app shop`;

export function doctorCommand(bind: Bind): Command {
  return new Command('doctor')
    .summary('find what ails the servers, and the remedy for it')
    .description(description)
    .helpGroup('Watching:')
    .addOption(shared.app('only what concerns this app'))
    .addOption(shared.output())
    .addOption(shared.json())
    .option('--fix', 'send the remedies that harm nobody, then look again')
    .addOption(shared.dryRun('with --fix: print what would be sent, but send nothing'))
    .addOption(shared.lockTimeout())
    .addOption(shared.deadline())
    .action(bind(doctor, jsonMode, { readOnly: (options) => !options.flag('fix') }));
}

async function doctor(call: Call): Promise<ExitCode> {
  const { options, output, io } = call;
  const project = await openCall(call);
  const { doctorProject } = await import('../../app/doctor/doctor.ts');
  const deadline = options.number('deadline');
  const isText = jsonMode(options) === 'text';
  const look = async (fixing: boolean): Promise<DoctorOutcome> => {
    const request = { ...onlyApps(options), ...(deadline === undefined ? {} : { deadline }) };
    const outcome = await output.busy('Looking at the servers', async () => await doctorProject(project, request));
    if (isText)
      output.result({
        text: (style) => doctorText(outcome.report, { fixing }, style),
        json: () => '',
        ...(fixing ? {} : { paged: true as const }),
      });
    // Why somebody was not reached stands in the findings.
    const told = new Set(outcome.report.findings.map(({ evidence }) => evidence['code']));
    output.diagnostics(outcome.diagnostics.filter(({ code }) => !told.has(code)));
    return outcome;
  };
  const first = await look(options.flag('fix'));
  const sends = first.report.findings.some(({ remedy }) => remedy.some(({ lane }) => lane !== undefined));
  if (!options.flag('fix') || !sends) {
    if (options.flag('fix') && first.report.findings.length > 0)
      output.note('Nothing of this can be sent without a risk for somebody: paste what you choose.');
    return tell(call, first, {});
  }
  const [{ sendFixes }, { sendRemedies }] = await Promise.all([import('../fix-run.ts'), import('../../app/doctor/fix.ts')]);
  const events = sendRemedies(project, first.report, applyOptions(call));
  const fix = await sendFixes(call, project, { events, isText, endingText: endingOfRemedies });
  const end = fix.ending === 'interrupted' ? io.interruption.code : exitOfEnding(fix.ending);
  if (options.flag('dryRun')) return tell(call, first, { fix });
  if (fix.ending === 'interrupted' || end === 6) return tell(call, first, { fix, code: end });
  const after = await look(true).catch((error: unknown) => {
    if (io.interruption.signal.aborted && error === io.interruption.signal.reason) return null;
    throw error;
  });
  // What was sent is told whatever happens; what it came to nobody knows.
  if (after === null) return tell(call, first, { fix, code: io.interruption.code });
  return tell(call, after, { fix, code: exitOfDoctor(after) || end });
}

interface Told {
  readonly fix?: Parameters<typeof doctorJson>[0]['fix'];
  readonly code?: ExitCode;
}

function tell(call: Call, outcome: DoctorOutcome, { fix, code = exitOfDoctor(outcome) }: Told): ExitCode {
  const { report, diagnostics } = outcome;
  const json = (): string => doctorJson({ report, diagnostics, exitCode: code, ...(fix === undefined ? {} : { fix }) });
  if (jsonMode(call.options) !== 'text') call.output.result({ text: () => '', json });
  return code;
}
