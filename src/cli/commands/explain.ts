import { Argument, Command } from 'commander';
import { checkJson, checkText, explain, explanationJson, explanationText, probeJson, probeText } from '../../report/explanation-text.ts';
import { type Bind, type Call, jsonMode, required } from '../call.ts';
import { closest } from '../../util/closest.ts';
import { unknownCode } from '../codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { shared } from '../options.ts';

export function explainCommand(bind: Bind): Command {
  return new Command('explain')
    .summary('explain a diagnostic code, a probe or a check')
    .description(
      'Explains what a diagnostic code means and what to do about it, what a probe of verify tries, or what a check of doctor looks at.\n\nExample: cotenant explain CT1203',
    )
    .helpGroup('Other commands:')
    .addArgument(new Argument('<code>', 'a code, such as CT1203, or the id of a probe or a check'))
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind(explainCode, jsonMode, { readOnly: true }));
}

async function explainCode(call: Call): Promise<ExitCode> {
  const { checksById, diagnosticCodes, probesById } = await import('../../app/codes.ts');
  const [codes, probes, checks] = await Promise.all([diagnosticCodes(), probesById(), checksById()]);
  const asked = required(call, 0);
  const probe = probes.get(asked.trim().toUpperCase());
  if (probe) {
    call.output.result({ text: (style) => probeText(probe, style), json: () => probeJson(probe) });
    return 0;
  }
  const check = checks.get(asked.trim().toUpperCase());
  if (check) {
    call.output.result({ text: (style) => checkText(check, style), json: () => checkJson(check) });
    return 0;
  }
  const entry = explain(codes, asked);
  if (entry === null) {
    const near = nearest(asked, [...Object.keys(codes), ...[...probes.values(), ...checks.values()].map(({ id }) => id)]);
    const message = `There is no code ${JSON.stringify(asked)}.`;
    const hint = { hint: near === null ? 'docs/errors.md has the codes, docs/probes/ the probes' : `Did you mean ${near}?` };
    const trouble = [{ code: unknownCode, severity: 'error' as const, message, ...hint }];
    call.output.diagnostics(trouble);
    call.output.failed(trouble, 64);
    return 64;
  }
  call.output.result({ text: (style) => explanationText(entry, style), json: () => explanationJson(entry), paged: true });
  return 0;
}

/** Codes that begin alike are about the same; any other is as good as none. */
function nearest(asked: string, known: readonly string[]): string | null {
  const start = asked.trim().slice(0, 4).toUpperCase();
  return closest(
    asked,
    known.filter((one) => one.startsWith(start)),
  );
}
