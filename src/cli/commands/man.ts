import { Command } from 'commander';
import { type Bind, type Call, jsonMode } from '../call.ts';
import type { ExitCode } from '../exit-codes.ts';
import { shared } from '../options.ts';

/** `tree` gives the whole command tree, which the page is made from. */
export function manCommand(bind: Bind, tree: () => Command): Command {
  return new Command('man')
    .summary('print the manual page')
    .description(
      'Prints the manual page of cotenant and all of its commands, as man reads it; with --json what stands in it, for programs.\n\nExample: cotenant man | man -l -',
    )
    .helpGroup('Other commands:')
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind((call) => man(call, tree()), jsonMode, { readOnly: true }));
}

async function man(call: Call, tree: Command): Promise<ExitCode> {
  const [{ manPage, manual }, { document }, { writeManual }] = await Promise.all([
    import('../man.ts'),
    import('../../report/documents/document.ts'),
    import('../../report/documents/pages.ts'),
  ]);
  const page = manual(tree, call.io.version);
  call.output.result({ text: () => manPage(page), json: () => document(writeManual(page)) });
  return 0;
}
