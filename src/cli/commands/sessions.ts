import { Command, Option } from 'commander';
import { fail, type ListedSession } from '../../model/index.ts';
import { killJson, killText, sessionsJson, sessionsText, victimsText } from '../../report/sessions-text.ts';
import { type Bind, type Call, jsonMode, openCall, required } from '../call.ts';
import { consentMissing } from '../codes.ts';
import { type ExitCode, exitOfDiagnostics } from '../exit-codes.ts';
import { collect, shared } from '../options.ts';

const killDescription = `Ends the sessions of an app or a reader, or one session by the number that \`cotenant sessions\` shows, and proves that they are gone. It says first how many sessions of whom would end, and asks; what they have not committed is lost. Whoever connects again does so at once: the login stays open.

It never ends a session of cotenant itself, and one of a login that is of no app here only if that login is named with --confirm.

Exit code 0: all are gone, or there was none. 1: one is still there, or there is no such session. 4 or 5: a server rejected the operator or could not be reached. 7: it was not confirmed.

Example: cotenant kill shop --yes`;

export function sessionsCommand(bind: Bind): Command {
  return new Command('sessions')
    .summary('list who is connected, and who waits for whom')
    .description(
      'Lists who is connected: every session with its app, login, address, what it does and for how long, and the sessions whose locks it waits for. With an app’s name, only its own. No text of a statement is read.\n\nExample: cotenant sessions shop',
    )
    .helpGroup('Watching:')
    .argument('[app]', 'only this app or reader')
    .addOption(shared.output())
    .addOption(shared.json())
    .addOption(shared.deadline())
    .action(bind(sessions, jsonMode, { readOnly: true }));
}

export function killCommand(bind: Bind): Command {
  return new Command('kill')
    .summary('end the sessions of an app, or one session')
    .description(killDescription)
    .helpGroup('Watching:')
    .argument('<app-or-session>', 'an app, a reader, or the number of a session')
    .addOption(new Option('--instance <instance>', 'only on this instance'))
    .addOption(new Option('-y, --yes', 'agree to end them'))
    .addOption(shared.noInput())
    .addOption(new Option('--confirm <login>', 'end sessions of this login, which is of no app; may be repeated').argParser(collect))
    .addOption(shared.output())
    .addOption(shared.json())
    .addOption(shared.deadline())
    .action(bind(kill, jsonMode));
}

async function sessions(call: Call): Promise<ExitCode> {
  const { options, output, args } = call;
  const project = await openCall(call);
  const { sessionsOf } = await import('../../app/tending/sessions.ts');
  const report = await output.busy(
    'Looking at the servers',
    async () => await sessionsOf(project, args[0] ?? null, options.number('deadline')),
  );
  const code = exitOfDiagnostics(report.diagnostics);
  output.result({ text: (style) => sessionsText(report, style), json: () => sessionsJson(report, code), paged: true });
  output.diagnostics(report.diagnostics);
  return code;
}

async function kill(call: Call): Promise<ExitCode> {
  const { options, output } = call;
  const project = await openCall(call);
  const { killSessions } = await import('../../app/tending/kill.ts');
  const [instance, deadline] = [options.text('instance'), options.number('deadline')];
  const report = await killSessions(project, {
    target: required(call, 0),
    confirm: options.list('confirm'),
    ...(instance === undefined ? {} : { instance }),
    ...(deadline === undefined ? {} : { deadline }),
    consent: async (found) => await consent(call, found),
  });
  if (report === null) return 7;
  const code = exitOfDiagnostics(report.diagnostics);
  output.result({ text: (style) => killText(report, style), json: () => killJson(report, code) });
  output.diagnostics(report.diagnostics);
  return code;
}

async function consent({ options, output }: Call, found: readonly ListedSession[]): Promise<boolean> {
  const what = victimsText(found);
  output.note(`This ends ${what}.`);
  if (options.flag('yes')) return true;
  const answer = await output.ask('End them? [y/N] ');
  if (answer !== null) return /^y(es)?$/i.test(answer);
  throw fail(consentMissing, `Not confirmed: this would end ${what}.`, { hint: 'Pass --yes' });
}
