import { Command } from 'commander';
import { vacuumedLine, vacuumJson, vacuumText } from '../../report/vacuum-text.ts';
import { type Bind, type Call, jsonMode, openCall } from '../call.ts';
import { type ExitCode, exitOfDiagnostics } from '../exit-codes.ts';
import { shared } from '../options.ts';

const description = `Removes dead rows from the tables of an app, or of all apps one after the other, and gathers the statistics that the server plans with; where an engine has no dead rows, only the statistics. Only tables of the app itself are touched, and none is locked against reading or writing: one that somebody has locked is skipped.

It logs in as the app: functions of the app that run meanwhile, in indexes or types, have no other rights than they always have.

Exit code 0: done. 3: some tables were skipped or failed. 4 or 5: a server did not let a login in or could not be reached.

Example: cotenant vacuum shop`;

export function vacuumCommand(bind: Bind): Command {
  return new Command('vacuum')
    .summary('tidy up the tables of apps, as the apps themselves')
    .description(description)
    .helpGroup('Watching:')
    .argument('[app]', 'only this app')
    .addOption(shared.output())
    .addOption(shared.json())
    .addOption(shared.deadline())
    .action(bind(vacuum, jsonMode, { readOnly: true }));
}

async function vacuum(call: Call): Promise<ExitCode> {
  const { options, output, args } = call;
  const project = await openCall(call);
  const { vacuumApps } = await import('../../app/tending/vacuum.ts');
  const deadline = options.number('deadline');
  const report = await vacuumApps(project, {
    app: args[0] ?? null,
    ...(deadline === undefined ? {} : { deadline }),
    told: (table) => {
      if (options.flag('verbose')) output.note(vacuumedLine(table));
    },
  });
  const trouble = exitOfDiagnostics(report.diagnostics);
  const code = trouble || (report.tables.some(({ state }) => state !== 'done') ? 3 : 0);
  output.result({ text: (style) => vacuumText(report, style), json: () => vacuumJson(report, code) });
  output.diagnostics(report.diagnostics);
  return code;
}
