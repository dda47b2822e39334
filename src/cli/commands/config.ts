import { Command } from 'commander';
import type { Checked } from '../../app/project.ts';
import { DiagnosticError } from '../../model/index.ts';
import { settingsJson, settingsText } from '../../report/settings-text.ts';
import { type Bind, type Call, jsonMode, openOptions } from '../call.ts';
import { type ExitCode, exitOfDiagnostics } from '../exit-codes.ts';
import { shared } from '../options.ts';

const example = 'Example: cotenant config show --origin';

export function configCommand(bind: Bind): Command {
  const show = new Command('show')
    .summary('print what is set, and where that comes from')
    .description(
      `Prints what is set for every command: by options, by variables of the environment, by the manifest, or by default. The first of these that says something counts. Shows no secret, asks no server.\n\n${example}`,
    )
    .option('--origin', 'also print where each value comes from')
    .addOption(shared.output())
    .addOption(shared.json())
    .addOption(shared.noInput().hideHelp())
    .action(bind(showConfig, jsonMode, { readOnly: true }));
  return new Command('config')
    .summary('show the settings of cotenant')
    .description(`Shows the settings of cotenant itself.\n\n${example}`)
    .helpGroup('Other commands:')
    .helpCommand(false)
    .addCommand(show);
}

async function showConfig(call: Call): Promise<ExitCode> {
  const { output, options } = call;
  const [{ findManifest }, { settingsOf }] = await Promise.all([import('../../app/project.ts'), import('../settings.ts')]);
  const found = options.text('file') === undefined ? await findManifest(call.io.cwd) : null;
  const isThere = found !== null || options.text('file') !== undefined;
  const read = isThere ? await readManifest(call) : { checked: null, code: 0 as const };
  const settings = settingsOf(call, read.checked, found);
  output.result({
    text: (style) => settingsText(settings, { origin: options.flag('origin'), style }),
    json: () => settingsJson(settings),
  });
  return read.code;
}

/** A manifest with errors keeps nobody from seeing the rest. */
async function readManifest(call: Call): Promise<{ readonly checked: Checked | null; readonly code: ExitCode }> {
  const { checkManifest } = await import('../../app/project.ts');
  try {
    return { checked: await checkManifest(await openOptions(call)), code: 0 };
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    call.output.diagnostics(error.diagnostics);
    return { checked: null, code: exitOfDiagnostics(error.diagnostics) };
  }
}
