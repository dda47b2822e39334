import { type BackupContext, drillName, explained, type InstanceInput } from '../../../engine/index.ts';
import type { SavedObject, SavedPart } from '../../../model/index.ts';
import type { Config, Placement } from '../config.ts';
import { type Connection, openDirect, targetOf } from '../connect/connection.ts';
import { expected } from '../connect/trouble.ts';
import { restoreInto } from './load.ts';
import { formOf, make, prepare } from './making.ts';
import { type Place, placeSchema } from './place.ts';
import { type Login, loginOf, NAME, openAs } from './session.ts';
import { closeBehind, DRILL, endSessions, removeDrill, sweepDrills } from './throwaway.ts';

type Input = InstanceInput<Config, Placement>;

/** As `BackupAbility.rehearse`: a database and a login of their own, closed to everybody else, and removed at the end. */
export async function rehearse(input: Input, app: string, part: SavedPart, context: BackupContext): Promise<readonly SavedObject[]> {
  const place = placeSchema.parse(part.place);
  const target = await targetOf(input.config, context.session);
  const own = await loginOf(input, app, context);
  await using operator = await openDirect(target, { database: target.database, name: NAME }, context.session);
  const of = { project: input.project, instance: input.name, app, password: own.target.password };
  const work = async (): Promise<readonly SavedObject[]> => {
    await sweepDrills(operator, of, context);
    const name = drillName(DRILL, of);
    try {
      const mark = `cotenant drill of ${input.project}/${app}`;
      const login = await make(operator, { database: name, login: name, mark, form: formOf(place), own });
      await prepare(input, { database: name, login: name }, place, context);
      return await filled(operator, login, place, { part, context, instance: input.name });
    } finally {
      await endSessions(operator, name);
      await removeDrill(operator, name, context);
    }
  };
  return await explained(work(), (error) => expected(error, input.name));
}

/** Brings a backup back with a login of ours, behind which its database is closed. */
async function filled(
  operator: Connection,
  login: Login,
  place: Place,
  about: { readonly part: SavedPart; readonly context: BackupContext; readonly instance: string },
): Promise<readonly SavedObject[]> {
  await using session = await openAs(login, about.context);
  const done = new AbortController();
  const closed = closeBehind(operator, login.database, login.target.user, done.signal);
  // It may be at work on a large table, or in a function of the dump's.
  const giveUp = (): void => void session[Symbol.asyncDispose]();
  about.context.signal.addEventListener('abort', giveUp, { once: true });
  // Awaited below; until then it may fail for as long as the restore takes.
  closed.catch(() => undefined);
  try {
    return await restoreInto(login, session, place, { ...about, roles: [login.target.user] });
  } finally {
    about.context.signal.removeEventListener('abort', giveUp);
    done.abort();
    await closed;
  }
}
