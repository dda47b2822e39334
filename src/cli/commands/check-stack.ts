import { Command, Option } from 'commander';
import { stackJson, stackText } from '../../report/check-stack-text.ts';
import { type Bind, type Call, jsonMode, openCall } from '../call.ts';
import { type ExitCode, exitOfDiagnostics } from '../exit-codes.ts';
import { parseDuration, shared } from '../options.ts';

/** A backup a day, and some hours for a late one. */
const USUAL = 26 * 3600;

const description = `Answers everything that a morning look asks, on one page: which servers answer, whether they are as the manifest says, the worst that ails them, whether every app has a backup that is new enough and was ever brought back, whether migrations are pending, and with --verify whether every wall holds. Each answer names the command that says more. Changes nothing.

Exit code 0: all is well. 2: something is not, or nobody knows. 4 or 5: a server rejected the operator or could not be reached.

Example: cotenant check-stack --verify`;

export function checkStackCommand(bind: Bind): Command {
  return new Command('check-stack')
    .summary('answer what a morning look asks, on one page')
    .description(description)
    .helpGroup('Watching:')
    .option('--verify', 'also prove that every wall holds')
    .addOption(new Option('--backup-age <duration>', 'how old the newest backup of an app may be (default: 26h)').argParser(parseDuration))
    .addOption(shared.output())
    .addOption(shared.json())
    .addOption(shared.deadline())
    .action(bind(checkStack, jsonMode, { readOnly: true }));
}

async function checkStack(call: Call): Promise<ExitCode> {
  const { options, output } = call;
  const project = await openCall(call);
  const [{ checkStack: look }, age, deadline] = [
    await import('../../app/check-stack.ts'),
    options.number('backupAge'),
    options.number('deadline'),
  ];
  const request = {
    backupAge: age === undefined ? USUAL : age / 1000,
    prove: options.flag('verify'),
    ...(deadline === undefined ? {} : { deadline }),
  };
  const report = await output.busy('Looking at everything', async () => await look(project, request));
  const isWell = report.answers.every(({ state }) => state === 'pass' || state === 'skipped');
  const code = exitOfDiagnostics(report.diagnostics) || (isWell ? 0 : 2);
  output.result({ text: (style) => stackText(report, style), json: () => stackJson(report, code), paged: true });
  output.diagnostics(report.diagnostics.filter(({ severity }) => severity === 'error'));
  return code;
}
