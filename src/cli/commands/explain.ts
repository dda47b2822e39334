import { Argument, Command } from 'commander';
import { explanationText } from '../../report/explanation-text.ts';
import { type Bind, type Call, required } from '../call.ts';
import { nearest } from '../nearest.ts';
import type { ExitCode } from '../exit-codes.ts';

export function explainCommand(bind: Bind): Command {
  return new Command('explain')
    .summary('say what a diagnostic code means')
    .description('Says what a diagnostic code means and what to do about it.\n\nExample: cotenant explain CT1203')
    .helpGroup('Other commands:')
    .addArgument(new Argument('<code>', 'a code, as CT1203'))
    .action(bind(explain));
}

async function explain(call: Call): Promise<ExitCode> {
  const { catalogue } = await import('../../model/catalogue.ts');
  const asked = required(call, 0).toUpperCase();
  const code = /^\d+$/.test(asked) ? `CT${asked}` : asked;
  const entry = Object.entries(catalogue).find(([key]) => key === code)?.[1];
  if (entry === undefined) {
    const near = nearest(code, Object.keys(catalogue));
    call.output.note(`There is no code ${JSON.stringify(asked)}.${near === null ? '' : ` Did you mean ${near}?`}`);
    return 64;
  }
  call.output.result({ text: (style) => explanationText(code, entry, style), json: () => '' });
  return 0;
}
