import { setTimeout as delay } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { UsageRound } from '../../app/usage/top.ts';
import type { TopReport } from '../../model/index.ts';
import { topJson, topJsonLine, topText } from '../../report/top-text.ts';
import { type Bind, type Call, jsonMode, openCall } from '../call.ts';
import { type ExitCode, exitOfDiagnostics } from '../exit-codes.ts';
import { parseDuration, shared } from '../options.ts';
import { anew } from '../screen.ts';

const USUAL = 2000;
/** Milliseconds between the two rounds of one look, and after which sizes are asked for again. */
const GLANCE = 1000;
const SIZES = 300_000;

const description = `Shows who does what on the servers now: a row for each app and instance with its part of the work, its connections by what they do against the limit that the server has, sessions that wait for a lock and sessions that wait for it, its oldest transaction and its size; and under it who holds up whom. Who does most comes first.

It sends the same number of statements whatever the number of apps, on one connection to each server, and reads no row and no text of a statement. Work is counted since the round before. A size with ~ is an estimate from a sample.

At a terminal the table is written anew every --interval until Ctrl-C; into a pipe each round is printed below the last, and with --json it is one line. It ends with the exit code of the signal; with --once, 0, or 4 or 5 if a server rejected the operator or could not be reached.

Example: cotenant top --once`;

export function topCommand(bind: Bind): Command {
  return new Command('top')
    .summary('show what every app does on the servers now')
    .description(description)
    .helpGroup('Watching:')
    .option('--once', 'look once, compare with a second before, and end')
    .addOption(new Option('--interval <duration>', 'how long to wait between two rounds (default: 2s)').argParser(parseInterval))
    .addOption(shared.output())
    .addOption(shared.json())
    .addOption(shared.deadline())
    .action(bind(top, jsonMode, { readOnly: true }));
}

function parseInterval(text: string): number {
  const pause = parseDuration(text);
  if (pause < 500) throw new InvalidArgumentError('The interval must be at least 500ms.');
  return pause;
}

async function top(call: Call): Promise<ExitCode> {
  const { options, output, io } = call;
  const project = await openCall(call);
  const [{ ProjectWatch }, { topOf }] = await Promise.all([import('../../app/usage/watch.ts'), import('../../app/usage/top.ts')]);
  const once = options.flag('once');
  const interval = options.number('interval') ?? (once ? GLANCE : USUAL);
  await using watch = new ProjectWatch(project, options.number('deadline'));
  const { signal } = io.interruption;
  let before: UsageRound = await output.busy('Looking at the servers', async () => await watch.collect(true));
  let sized = performance.now();
  for (let first = true; ; first = false) {
    await delay(first ? Math.min(interval, GLANCE) : interval, undefined, { signal });
    const due = performance.now() - sized >= SIZES;
    if (due) sized = performance.now();
    const now = await watch.collect(due);
    const report = topOf(before, now);
    before = now;
    const code = exitOfDiagnostics(report.diagnostics);
    show(call, report, { once, code });
    if (once) {
      output.diagnostics(report.diagnostics);
      return code;
    }
  }
}

/** Into a pipe a blank line stands between two rounds. */
function show(call: Call, report: TopReport, { once, code }: { readonly once: boolean; readonly code: ExitCode }): void {
  const { output, io, options } = call;
  const isScreen = !once && io.stdout.isTTY === true && jsonMode(options) === 'text';
  output.result({
    text: (style) => {
      const text = topText(report, style);
      if (!isScreen) return once ? text : `${text}\n`;
      return anew(text, io.stdout);
    },
    json: () => (once ? topJson(report, code) : topJsonLine(report, code)),
  });
}
