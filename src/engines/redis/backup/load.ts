import { join } from 'node:path';
import { type BackupContext, explained } from '../../../engine/index.ts';
import { fail, type SavedObject, type SavedPart } from '../../../model/index.ts';
import { escapeGlob } from '../glob.ts';
import type { Connection } from '../connect/connection.ts';
import { databasesWithKeys } from '../retire/sweep.ts';
import { dryRun } from '../verify/dry-run.ts';
import { Totals } from './digest.ts';
import { type Place, type PlaceDatabase, placeSchema } from './place.ts';
import { checkRoom } from './room.ts';
import { enter, expected, type Input, type Login, loginOf, namesIn, openAs, openOperator } from './session.ts';
import { type Compared, countThere } from './there.ts';
import { type Progress, takeBack, type Target, write } from './write.ts';

/** As `BackupAbility.present`. */
export async function present(input: Input, app: string, context: BackupContext): Promise<readonly string[]> {
  const login = await loginOf(input, app, context, true);
  const look = async (): Promise<readonly string[]> => {
    await using operator = await openOperator(input, context);
    await using own = await openAs(login, context);
    return await firstKey(login, login.scans ? own : operator, operator);
  };
  return await explained(look(), (error) => expected(error, input.name));
}

async function firstKey({ prefix, database }: Login, looking: Connection, operator: Connection): Promise<readonly string[]> {
  for (const number of database === null ? await databasesWithKeys(operator) : [database]) {
    for await (const [key] of namesIn(looking, prefix, number))
      if (key) return [`key ${JSON.stringify(key.toString())}${database === null ? ` in database ${number}` : ''}`];
  }
  return [];
}

/** As `BackupAbility.load`: with the app's own login, and nothing that it wrote stays where it could not write all. */
export async function load(input: Input, app: string, part: SavedPart, context: BackupContext): Promise<readonly SavedObject[]> {
  const place = placeSchema.parse(part.place);
  const login = await loginOf(input, app, context, true);
  if (login.isolation !== place.isolation)
    throw fail(
      'CT4324',
      `the backup is of an app at level ${place.isolation}, and "${app}" is at level ${login.isolation} on "${input.name}"`,
      {
        instance: input.name,
        hint: `give "${app}" the level ${place.isolation}: nobody can tell how its keys are to be called otherwise`,
      },
    );
  const work = async (): Promise<readonly SavedObject[]> => {
    await using operator = await openOperator(input, context);
    await using own = await openAs(login, context);
    await mayRestore(operator, { login, place, instance: input.name });
    await checkRoom(operator, place.memory, input.name);
    const [there] = await firstKey(login, login.scans ? own : operator, operator);
    if (there !== undefined) throw fail('CT4306', `"${app}" has something on "${input.name}": ${there}`, { instance: input.name });
    return await loadInto({ operator, own, login, input, place, context });
  };
  return await explained(work(), (error) => expected(error, input.name));
}

interface Loading {
  readonly operator: Connection;
  readonly own: Connection;
  readonly login: Login;
  readonly input: Input;
  readonly place: Place;
  readonly context: BackupContext;
}

/** A file of which something may stand on the server. */
interface Written {
  readonly file: string;
  readonly number: number;
  readonly target: Target;
  readonly progress: Progress;
}

async function loadInto({ operator, own, login, input, place, context }: Loading): Promise<readonly SavedObject[]> {
  const totals = new Totals();
  const compared: Compared = { expired: 0, differing: [] };
  const written: Written[] = [];
  const numberOf = (saved: PlaceDatabase): number => login.database ?? saved.number;
  try {
    for (const saved of place.databases) {
      const number = numberOf(saved);
      if (login.scans) await enter(own, number);
      const target: Target = {
        connection: own,
        instance: input.name,
        from: place.prefix,
        to: login.prefix,
        later: 0,
        payloads: saved.payloads,
        mayWrite: async (bytes) => await checkRoom(operator, bytes, input.name),
      };
      const progress = { keys: 0, unsure: 0 };
      const file = join(context.folder, saved.file);
      written.push({ file, number, target, progress });
      await write(file, target, progress, context);
    }
  } catch (error) {
    await undo(written, { own, login, input, context });
    throw error;
  }
  for (const saved of place.databases)
    await countThere(
      {
        looking: login.scans ? own : operator,
        own,
        prefix: login.prefix,
        database: numberOf(saved),
        later: 0,
        place,
        saved,
        instance: input.name,
        context,
      },
      totals,
      compared,
    );
  tell(compared, context);
  return totals.objects(place.groups);
}

/** Takes back what was written, on a new connection where the old one is lost. What may have stayed is told. */
async function undo(
  written: readonly Written[],
  { own, login, input, context }: Pick<Loading, 'own' | 'login' | 'input' | 'context'>,
): Promise<void> {
  const where = (number: number): string => `on "${input.name}" in database ${number}`;
  for (const { file, number, target, progress } of written) {
    try {
      await using fresh = own.alive ? null : await openAs(login, context);
      const connection = fresh ?? own;
      if (login.scans) await enter(connection, number);
      await takeBack(file, { ...target, connection }, progress);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      context.say(`up to ${progress.keys} keys of the backup stay ${where(number)}: they could not be taken back (${why})`);
    }
    if (progress.unsure > 0)
      context.say(`up to ${progress.unsure} keys of the backup may stay ${where(number)}: the server was lost before it answered`);
  }
}

/** What a comparison key by key has found. */
export function tell({ expired, differing }: Compared, { say }: Pick<BackupContext, 'say'>): void {
  if (expired > 0) say(`${expired} had expired since they were saved, and did not come back`);
  for (const one of differing) say(`key ${one}`);
}

/** What only RESTORE brings back needs a login that may use it: that is known before anything is written. Throws CT4325. */
async function mayRestore(
  operator: Connection,
  { login, place, instance }: { readonly login: Login; readonly place: Place; readonly instance: string },
): Promise<void> {
  const payloads = place.databases.reduce((sum, one) => sum + one.payloads, 0);
  if (payloads === 0) return;
  const words = ['RESTORE', `${login.prefix}x`, '0', 'x'];
  const [verdict] = await dryRun(operator, [{ user: login.user, words, database: login.database ?? 0 }]);
  if (verdict === 'allowed') return;
  throw fail(
    'CT4325',
    `${payloads} of the keys are of types that only RESTORE brings back, and "${login.user}" may not use it on "${instance}"`,
    {
      instance,
      hint: 'add `relax: { restore: true }` to the placement and apply; take it away again afterwards',
    },
  );
}

/** A pattern of what begins with a text. */
export const under = (prefix: string): string => `~${escapeGlob(prefix)}*`;
