import { Command } from 'commander';
import { document } from '../../report/plan-json.ts';
import type { Bind, Call } from '../call.ts';
import type { ExitCode } from '../exit-codes.ts';

export function schemaCommand(bind: Bind): Command {
  return new Command('schema')
    .summary("print the manifest's JSON Schema")
    .description(
      'Prints the JSON Schema of the manifest, with which editors complete and check it.\n\nExample: cotenant schema > cotenant.schema.json',
    )
    .helpGroup('Other commands:')
    .action(bind(schema, undefined, { readOnly: true }));
}

async function schema(call: Call): Promise<ExitCode> {
  const { manifestSchema } = await import('../../app/schema.ts');
  const print = document(await manifestSchema());
  call.output.result({ text: () => print, json: () => print });
  return 0;
}
