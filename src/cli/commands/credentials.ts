import { Command } from 'commander';
import { document } from '../../report/documents/document.ts';
import { writeCredentials } from '../../report/documents/small.ts';
import { printable } from '../../report/printable.ts';
import { type Bind, type Call, jsonMode, openCall, required } from '../call.ts';
import type { ExitCode } from '../exit-codes.ts';
import { shared } from '../options.ts';
import { readPassword } from '../password-file.ts';

export function credentialsCommand(bind: Bind): Command {
  const set = new Command('set')
    .summary('store the existing password of a login')
    .description(
      'Stores the current password of an app’s login in the secret store, after checking it with the server. Changes nothing on the server.\n\nExample: cotenant credentials set shop --password-file shop.txt',
    )
    .argument('<app>', 'an app or reader of the manifest')
    .requiredOption('--password-file <file>', 'a file with the password; - reads stdin')
    .option('--on <instance>', 'only on this instance')
    .option('--login <login>', 'only for the login with this name on the server')
    .addOption(shared.output())
    .addOption(shared.json())
    .action(bind(credentialsSet, jsonMode));
  return new Command('credentials')
    .summary('store existing passwords of logins')
    .description('Manages passwords in the secret store.\n\nExample: cotenant credentials set shop --password-file shop.txt')
    .helpGroup('Main commands:')
    .helpCommand(false)
    .addCommand(set);
}

async function credentialsSet(call: Call): Promise<ExitCode> {
  const { options, output } = call;
  const app = required(call, 0);
  const password = await readPassword(call, options.text('passwordFile') ?? '-');
  const project = await openCall(call);
  const { handInPassword } = await import('../../app/credentials.ts');
  const [instance, login] = [options.text('on'), options.text('login')];
  const given = { app, password, ...(instance === undefined ? {} : { instance }), ...(login === undefined ? {} : { login }) };
  const stored = await output.busy('Reading the servers', async () => await handInPassword(project, given));
  output.result({
    text: () =>
      stored
        .map(
          (one) =>
            `Stored the password of ${printable(one.login)} on ${printable(one.instance)}${one.checked ? '' : ' (not checked: the server cannot tell)'}.\n`,
        )
        .join(''),
    json: () => document(writeCredentials({ stored })),
  });
  output.note('Next: cotenant plan');
  return 0;
}
