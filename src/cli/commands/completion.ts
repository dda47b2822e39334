import { Argument, Command } from 'commander';
import { type Bind, type Call, jsonMode, required } from '../call.ts';
import type { ExitCode } from '../exit-codes.ts';
import { shared } from '../options.ts';

const shells = ['bash', 'zsh', 'fish', 'pwsh'] as const;

/** `tree` gives the whole command tree, which the scripts are made from. */
export function completionCommand(bind: Bind, tree: () => Command): Command {
  return new Command('completion')
    .summary('print the completion script for a shell')
    .description('Prints a script that completes commands, flags and app names.\n\nExample: source <(cotenant completion bash)')
    .helpGroup('Other commands:')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind((call) => completion(call, tree()), jsonMode, { readOnly: true }));
}

async function completion(call: Call, tree: Command): Promise<ExitCode> {
  const [{ completionScript }, { document }, { writeCompletion }] = await Promise.all([
    import('../completion/script.ts'),
    import('../../report/documents/document.ts'),
    import('../../report/documents/pages.ts'),
  ]);
  const shell = shells.find((name) => name === required(call, 0)) ?? 'bash';
  const script = completionScript(shell, tree);
  call.output.result({ text: () => script, json: () => document(writeCompletion({ format: 1, shell, script })) });
  return 0;
}
