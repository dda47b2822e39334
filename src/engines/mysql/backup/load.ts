import { join } from 'node:path';
import { type BackupContext, explained, type InstanceInput } from '../../../engine/index.ts';
import { fail, type SavedObject, type SavedPart } from '../../../model/index.ts';
import type { Config, Placement } from '../config.ts';
import type { Connection } from '../connect/connection.ts';
import { expected } from '../connect/trouble.ts';
import { definitionsIn } from './definitions.ts';
import { type Login, loginOf, openAs } from './login.ts';
import { objectsIn, objectsOf } from './objects.ts';
import { DUMP, type Place, placeOf } from './place.ts';
import { placeAt, seesEvents } from './server.ts';
import { EVENTS_BEGIN, EVENTS_END, statementsOf } from './statements.ts';
import { Writer } from './writer.ts';

type Input = InstanceInput<Config, Placement>;

/** As `BackupAbility.present`. */
export async function present(input: Input, app: string, context: BackupContext): Promise<readonly string[]> {
  const login = await loginOf(input, app, context);
  await using session = await openAs(login, context);
  const found = await explained(definitionsIn(session), (error) => expected(error, input.name));
  return found.map(({ kind, name }) => `${kind} ${name}`);
}

/** As `BackupAbility.state`. */
export async function state(input: Input, app: string, context: BackupContext): Promise<readonly SavedObject[]> {
  const login = await loginOf(input, app, context);
  await using session = await openAs(login, context);
  return await explained(objectsIn(session), (error) => expected(error, input.name));
}

/** As `BackupAbility.load`. */
export async function load(input: Input, app: string, part: SavedPart, context: BackupContext): Promise<readonly SavedObject[]> {
  const login = await loginOf(input, app, context);
  const fill = async (): Promise<readonly SavedObject[]> => {
    await using session = await openAs(login, context);
    await fits(session, login, part, input.name);
    return await restoreInto(login, session, part, { context, instance: input.name });
  };
  return await explained(fill(), (error) => expected(error, input.name));
}

/** What cannot be adjusted while it comes back. */
async function fits(session: Connection, login: Login, part: SavedPart, instance: string): Promise<void> {
  const place = placeOf(part, instance);
  const here = await placeAt(session, login.database);
  if (here.product !== place.product || Math.floor(here.version / 100) < Math.floor(place.version / 100)) {
    throw fail('CT4318', `the backup is of ${titleOf(place)}, and "${instance}" is ${titleOf(here)}`, {
      instance,
      hint: 'bring it back to a server of the same product, and of the same version or a newer one',
    });
  }
  if (here.charset !== place.charset || here.collation !== place.collation) {
    throw fail('CT4318', `the backup is of a database in ${place.collation}, and "${login.database}" is in ${here.collation}`, {
      instance,
      hint: `routines and tables made later depend on that: give the placement \`charset: ${place.charset}, collation: ${place.collation}\` and run cotenant apply`,
    });
  }
  if (!(await seesEvents(session))) refuseEvents(part, instance);
}

/** Where the app may make no events. Throws CT4318. */
export function refuseEvents({ objects }: SavedPart, instance: string): void {
  if (!objects.some(({ kind }) => kind === 'event')) return;
  throw fail('CT4318', 'the backup holds events, and the app may make none', {
    instance,
    hint: 'give the placement `relax: { events: true }` and run cotenant apply',
  });
}

const titleOf = ({ product, version }: Place): string =>
  `${product === 'mysql' ? 'MySQL' : 'MariaDB'} ${Math.floor(version / 10_000)}.${Math.floor(version / 100) % 100}`;

interface Restoring {
  readonly context: BackupContext;
  readonly instance: string;
}

/**
 * With this login's rights alone. The server has no transaction around definitions: what was made goes again where something
 * fails. `session` reads what is there then.
 */
export async function restoreInto(
  login: Login,
  session: Connection,
  part: SavedPart,
  { context, instance }: Restoring,
): Promise<readonly SavedObject[]> {
  await using writer = await Writer.open({ place: placeOf(part, instance), login, context, instance });
  try {
    const events: string[] = [];
    let isEvent = false;
    for await (const statement of statementsOf(join(context.folder, DUMP))) {
      context.signal.throwIfAborted();
      if (EVENTS_BEGIN.test(statement)) isEvent = true;
      if (isEvent) events.push(statement);
      else await writer.run(statement);
      if (EVENTS_END.test(statement)) isEvent = false;
    }
    await writer.finish();
    const objects = await objectsIn(session);
    // Last of all, since they work by themselves from then on.
    for (const statement of events) await writer.run(statement);
    const made = objectsOf(await definitionsIn(session), new Map()).filter(({ kind }) => kind === 'event');
    return [...objects, ...made];
  } catch (error) {
    await writer.undo();
    throw error;
  }
}
