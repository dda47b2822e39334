import { setTimeout as delay } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type StatusReport, waitingIn } from '../../model/index.ts';
import { statusJson, statusJsonLine, statusText } from '../../report/status-text.ts';
import { type Bind, type Call, jsonMode, openCall } from '../call.ts';
import { type ExitCode, exitOfDiagnostics } from '../exit-codes.ts';
import { parseDuration, shared } from '../options.ts';
import { anew } from '../screen.ts';

const usualPause = 5000;

export function statusCommand(bind: Bind): Command {
  return new Command('status')
    .summary('show every app: its placement, size and drift')
    .description(
      'Shows a row for each app and instance: placement, size, connections and their limit, pending steps, drift, age of the credentials.\n\nExample: cotenant status',
    )
    .helpGroup('Main commands:')
    .addOption(shared.output())
    .addOption(shared.json())
    .addOption(
      new Option(
        '--watch [duration]',
        'look again and again, with this pause (default: 5s), until Ctrl-C; with --json one line per round',
      ).argParser(parsePause),
    )
    .option('--detailed-exitcode', 'exit code 0: as the manifest says, 1: error, 2: pending changes, drift, or something on hold')
    .action(bind(status, jsonMode, { readOnly: true }));
}

function parsePause(text: string): number {
  const pause = parseDuration(text);
  if (pause < 1000) throw new InvalidArgumentError('The pause must be at least 1s.');
  return pause;
}

async function status(call: Call): Promise<ExitCode> {
  const { options, io } = call;
  const every = options.number('watch') ?? (options.flag('watch') ? usualPause : null);
  if (every === null) return await look(call, false);
  for (;;) {
    await look(call, true);
    await delay(every, undefined, { signal: io.interruption.signal });
  }
}

async function look(call: Call, watching: boolean): Promise<ExitCode> {
  const project = await openCall(call);
  const { statusProject } = await import('../../app/status.ts');
  const found = await call.output.busy('Reading the servers', async () => await statusProject(project));
  const outcome: StatusReport = { ...found, diagnostics: found.diagnostics.map((d) => project.locate(d)) };
  const isScreen = watching && call.io.stdout.isTTY === true && jsonMode(call.options) === 'text';
  call.output.result({
    text: (style) => {
      const text = statusText(outcome, style);
      return isScreen ? anew(text, call.io.stdout) : watching ? `${text}\n` : text;
    },
    json: () => (watching ? statusJsonLine(outcome) : statusJson(outcome)),
    ...(watching ? {} : { paged: true as const }),
  });
  call.output.diagnostics(outcome.diagnostics);
  const trouble = exitOfDiagnostics(outcome.diagnostics);
  if (trouble !== 0) return trouble;
  if (outcome.instances.some((instance) => !instance.reached)) return 5;
  const { pending: rest = 0 } = outcome.shared ?? {};
  const differs = rest > 0 || outcome.placements.some(({ pending, drift }) => pending + drift > 0) || waitingIn(outcome).length > 0;
  if (differs && !watching) call.output.note('Next: cotenant plan');
  return differs && call.options.flag('detailedExitcode') ? 2 : 0;
}
