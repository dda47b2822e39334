import { Argument, Command, Option } from 'commander';
import { documentNames } from '../../report/documents/names.ts';
import { type Bind, type Call, jsonMode } from '../call.ts';
import type { ExitCode } from '../exit-codes.ts';
import { shared } from '../options.ts';

const described = ['manifest', ...documentNames];

export function schemaCommand(bind: Bind): Command {
  return new Command('schema')
    .summary('print the JSON Schema of the manifest, or of what --json prints')
    .description(
      'Prints the JSON Schema of the manifest, which editors use to complete and check it, or of a document that cotenant prints.\n\nExample: cotenant schema > cotenant.schema.json',
    )
    .helpGroup('Other commands:')
    .addArgument(new Argument('[document]', 'what it describes').choices(described).default('manifest'))
    .addOption(new Option('--of <document>', 'the same as the argument').choices(described))
    .addOption(shared.output(['json']).default('json'))
    .addOption(shared.json())
    .action(bind(schema, jsonMode, { readOnly: true }));
}

async function schema(call: Call): Promise<ExitCode> {
  const [{ manifestSchema }, { document }, { documentSchema }] = await Promise.all([
    import('../../app/schema.ts'),
    import('../../report/documents/document.ts'),
    import('../../report/documents/schemas.ts'),
  ]);
  const asked = documentNames.find((name) => name === (call.options.text('of') ?? call.args[0]));
  const print = document(asked === undefined ? await manifestSchema() : documentSchema(asked));
  call.output.result({ text: () => print, json: () => print });
  return 0;
}
