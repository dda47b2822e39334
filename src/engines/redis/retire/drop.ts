import type { SessionContext } from '../../../engine/index.ts';
import { fail, type Step } from '../../../model/index.ts';
import { parseAclLine } from '../acl.ts';
import type { Word } from '../connect/client.ts';
import { commandTable } from '../commands.ts';
import { type Connection, listOf } from '../connect/connection.ts';
import { holdersIn, isTombstoneOf, type Principal, rangeOf, rangeText, readersIn } from '../observe/holders.ts';
import { grantReader, type KeyRange } from '../rights.ts';
import { sweep, sweepCommand } from './sweep.ts';
import { sameCommand } from '../words.ts';

export interface Dropping {
  readonly connection: Connection;
  readonly context: SessionContext;
  /** As whom cotenant is logged in. */
  readonly operator: string;
  /** Users that the manifest accepts. */
  readonly known: ReadonlySet<string>;
  /** Runs one command in a database. */
  readonly send: (database: number, words: readonly Word[]) => Promise<void>;
}

/**
 * Deletes the keys of a retired app. What the plan found out about others is asked again before each piece: somebody may
 * have been given rights there in the meantime.
 */
export async function dropKeys(step: Step, { connection, context, operator, known, send }: Dropping): Promise<void> {
  const [command] = step.commands;
  if (!command) throw new Error('a step that deletes has a command');
  const app = step.app ?? '';
  const grantsOf = grantReader(commandTable(await connection.send('COMMAND')));
  const told = new Set(step.losses?.map(({ who }) => who));
  let before = '';
  const stillItsOwn = async (): Promise<void> => {
    const lines = listOf(await connection.send('ACL', 'LIST')).map(String);
    if (lines.join('\n') === before) return;
    before = lines.join('\n');
    const users = lines.map(parseAclLine);
    const owns = isTombstoneOf(context.project, app);
    const stone = users.find(({ name }) => name === step.address.name)?.mark ?? null;
    const range = stone !== null && owns(stone) ? rangeOf(stone) : null;
    if (range === null || !sameCommand(sweepCommand(range), command)) throw changed(app, context.instance);
    const principals = users
      .filter(({ name }) => name !== operator)
      .map((user): Principal => ({ name: user.name, enabled: user.enabled, mark: user.mark, grants: grantsOf(user) }));
    const holders = holdersIn(range, principals, owns).filter(({ user, everywhere }) => !(everywhere && known.has(user)));
    if (holders.length > 0) throw shared(app, range, holders.map(({ who }) => who).join(', '), context.instance);
    const unsaid = readersIn(range, principals, owns).filter(({ name }) => !told.has(name));
    if (unsaid.length > 0) throw seen(app, range, unsaid.map(({ name }) => `"${name}"`).join(', '), context.instance);
  };
  await stillItsOwn();
  await sweep(connection, command, async (database, keys) => {
    await stillItsOwn();
    await send(database, ['UNLINK', ...keys]);
  });
}

function changed(app: string, instance: string): Error {
  const hint = 'make a new plan and review it';
  return fail('CT2006', `the retired app "${app}" is not what it was when the plan was made`, { instance, hint });
}

function shared(app: string, range: KeyRange, who: string, instance: string): Error {
  const message = `what the retired app "${app}" left in ${rangeText(range)} is no longer dropped: keys of ${who} may be among them`;
  return fail('CT2006', message, { instance, hint: 'what is left stays; look at the rights of the other, and make a new plan' });
}

function seen(app: string, range: KeyRange, who: string, instance: string): Error {
  const message = `what the retired app "${app}" left in ${rangeText(range)} is no longer dropped: ${who} can read it since the plan was made`;
  return fail('CT2006', message, { instance, hint: 'make a new plan: it says who loses the keys' });
}
