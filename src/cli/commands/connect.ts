import { Command } from 'commander';
import { type Bind, type Call, openCall, required } from '../call.ts';

export function connectCommand(bind: Bind): Command {
  return new Command('connect')
    .summary('open the server’s own client as an app')
    .description(
      'Opens the server’s own client with the credentials of an app, in its database. The password stands in no argument. What follows -- goes to the client, and the exit code is the client’s.\n\nExample: cotenant connect shop -- -c "SELECT 1"',
    )
    .helpGroup('Main commands:')
    .argument('<app>', 'an app or reader of the manifest')
    .argument('[args...]', 'after --: arguments of the client')
    .option('--on <instance>', 'the instance, if the app is on several')
    .option('--as <login>', 'another login of the app, such as migrator, a reader of it, or admin for the operator')
    .action(bind(connect));
}

async function connect(call: Call): Promise<number> {
  const { options } = call;
  const project = await openCall(call);
  const [{ clientOf }, { runClient }] = await Promise.all([import('../../app/client.ts'), import('../client-run.ts')]);
  const [on, as] = [options.text('on'), options.text('as')];
  const choice = { app: required(call, 0), ...(on === undefined ? {} : { on }), ...(as === undefined ? {} : { as }) };
  const client = await clientOf(project, choice);
  return await runClient(
    client,
    call.args.slice(1).filter((word) => word !== undefined),
    call.io,
  );
}
