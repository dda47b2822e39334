import { Argument, Command } from 'commander';
import { explain, explanationText, probeText } from '../../report/explanation-text.ts';
import { type Bind, type Call, required } from '../call.ts';
import { closest } from '../../util/closest.ts';
import type { ExitCode } from '../exit-codes.ts';

export function explainCommand(bind: Bind): Command {
  return new Command('explain')
    .summary('explain a diagnostic code or a probe')
    .description(
      'Explains what a diagnostic code means and what to do about it, or what a probe of verify tries.\n\nExample: cotenant explain CT1203',
    )
    .helpGroup('Other commands:')
    .addArgument(new Argument('<code>', 'a code, such as CT1203, or the id of a probe'))
    .action(bind(explainCode, undefined, { readOnly: true }));
}

async function explainCode(call: Call): Promise<ExitCode> {
  const { diagnosticCodes, probesById } = await import('../../app/codes.ts');
  const [codes, probes] = await Promise.all([diagnosticCodes(), probesById()]);
  const asked = required(call, 0);
  const probe = probes.get(asked.trim().toUpperCase());
  if (probe) {
    call.output.result({ text: (style) => probeText(probe, style), json: () => '' });
    return 0;
  }
  const entry = explain(codes, asked);
  if (entry === null) {
    const near = closest(asked, [...Object.keys(codes), ...[...probes.values()].map(({ id }) => id)]);
    call.output.note(`There is no code ${JSON.stringify(asked)}.${near === null ? '' : ` Did you mean ${near}?`}`);
    return 64;
  }
  call.output.result({ text: (style) => explanationText(entry, style), json: () => '', paged: true });
  return 0;
}
