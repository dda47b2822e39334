import { Argument, Command } from 'commander';
import { explanationText } from '../../report/explanation-text.ts';
import { type Bind, type Call, required } from '../call.ts';
import { closest } from '../../util/closest.ts';
import type { ExitCode } from '../exit-codes.ts';

export function explainCommand(bind: Bind): Command {
  return new Command('explain')
    .summary('explain a diagnostic code')
    .description('Explains what a diagnostic code means and what to do about it.\n\nExample: cotenant explain CT1203')
    .helpGroup('Other commands:')
    .addArgument(new Argument('<code>', 'a code, such as CT1203'))
    .action(bind(explain, undefined, { readOnly: true }));
}

async function explain(call: Call): Promise<ExitCode> {
  const { catalogue, explain: lookUp } = await import('../../model/catalogue.ts');
  const asked = required(call, 0);
  const entry = lookUp(asked);
  if (entry === null) {
    const near = closest(asked, Object.keys(catalogue));
    call.output.note(`There is no code ${JSON.stringify(asked)}.${near === null ? '' : ` Did you mean ${near}?`}`);
    return 64;
  }
  call.output.result({ text: (style) => explanationText(entry.code, entry, style), json: () => '' });
  return 0;
}
