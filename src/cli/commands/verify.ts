import { Command, InvalidArgumentError, Option } from 'commander';
import { fixEndingText } from '../../report/verify-text.ts';
import { applyOptions } from '../apply-run.ts';
import { type Bind, type Call, openCall } from '../call.ts';
import { type ExitCode, exitOfEnding, exitOfVerify } from '../exit-codes.ts';
import { parseDuration, shared } from '../options.ts';
import { publish, requestOf, show, verifyFormats, verifyMode } from '../verify-run.ts';
import { watchVerify } from '../verify-watch.ts';

const usualPause = 300_000;

const description = `Proves the walls: logs in as every app, with its own credentials, and tries to reach every other app; and reads the catalogs for holes that no login uses yet. Changes nothing, and destroys nothing without --destructive. What stays are lines in the servers’ logs and counters; where a server keeps the newest refusals only, those of a proof push older ones out.

Every app attacks, and is attacked by, at least three others over separate connections; the choice changes from run to run, and --seed repeats it. Attacks that one session can make on all others are made on all others, and the catalogs are read for all pairs.

Exit code 0: every wall holds. 2: findings, including anything that could not be proved. 4 or 5: a server rejected the operator or could not be reached, and nothing was found on the others. With --fix it is the exit code of the proof made afterwards, or 6 or 7 if nothing was sent. --watch exits with the code of the signal that ends it; with --json each round has its own.

Example: cotenant verify --output sarif --out verify.sarif`;

export function verifyCommand(bind: Bind): Command {
  return new Command('verify')
    .summary('prove by attack that every wall holds')
    .description(description)
    .helpGroup('Main commands:')
    .addOption(shared.app('only attacks by and on this app'))
    .addOption(shared.output(verifyFormats))
    .addOption(shared.formerly('format', verifyFormats))
    .addOption(shared.json())
    .addOption(shared.out('write the report to a file in that format, and text to stdout'))
    .option('--exhaustive', 'attack every pair of apps over separate connections')
    .addOption(new Option('--seed <n>', 'choose the same pairs as the run that printed this seed').argParser(parseSeed))
    .option('--destructive', 'also try destructive attacks; only on a server that nobody needs')
    .option('--fix', 'send the statements that close the findings, then verify again')
    .addOption(shared.dryRun('with --fix: print what would be sent, but send nothing'))
    .addOption(shared.yes())
    .addOption(shared.autoApprove())
    .addOption(shared.noInput())
    .addOption(shared.confirm())
    .addOption(shared.lockTimeout())
    .addOption(
      new Option(
        '--watch [duration]',
        'verify repeatedly, with this pause (default: 5m), and print what changes; with --json one line per round',
      )
        .argParser(parsePause)
        .conflicts('fix'),
    )
    .addOption(shared.deadline())
    .action(bind(verify, verifyMode));
}

function parseSeed(text: string): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) > 0xffff_ffff) throw new InvalidArgumentError('Use a number from 0 to 4294967295.');
  return Number(text);
}

function parsePause(text: string): number {
  const pause = parseDuration(text);
  if (pause < 1000) throw new InvalidArgumentError('The pause must be at least 1s.');
  return pause;
}

async function verify(call: Call): Promise<ExitCode> {
  const { options, output } = call;
  if (options.flag('watch') || options.number('watch') !== undefined) return watchVerify(call, options.number('watch') ?? usualPause);
  const project = await openCall(call);
  const { verifyProject } = await import('../../app/verify.ts');
  const prove = async () => {
    const outcome = await output.busy('Attacking', async () => await verifyProject(project, requestOf(call)));
    show(call, outcome);
    return outcome;
  };
  const first = await prove();
  if (!options.flag('fix') || first.report.findings.length === 0) return publish(call, project, first, { code: exitOfVerify(first) });
  if (first.report.findings.every(({ fix }) => fix.length === 0)) {
    output.note('None of the findings has a statement that closes it.');
    return publish(call, project, first, { code: exitOfVerify(first) });
  }
  const [{ sendFixes }, { applyFixes }] = await Promise.all([import('../fix-run.ts'), import('../../app/fix.ts')]);
  const fix = await sendFixes(call, project, {
    events: applyFixes(project, first.report, applyOptions(call)),
    isText: verifyMode(options) === 'text',
    endingText: fixEndingText,
  });
  const end = fix.ending === 'interrupted' ? call.io.interruption.code : exitOfEnding(fix.ending);
  if (end === 6 || end === 7 || fix.ending === 'interrupted' || options.flag('dryRun'))
    return publish(call, project, first, { fix, code: options.flag('dryRun') && end === 0 ? exitOfVerify(first) : end });
  const { interruption } = call.io;
  const after = await prove().catch((error: unknown) => {
    if (interruption.signal.aborted && error === interruption.signal.reason) return null;
    throw error;
  });
  // What was sent is told whatever happens; what it came to nobody knows.
  if (after === null) return publish(call, project, first, { fix, code: interruption.code });
  return publish(call, project, after, { fix, code: exitOfVerify(after) || end });
}
