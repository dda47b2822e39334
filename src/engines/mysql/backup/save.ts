import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BackupContext, explained, type InstanceInput } from '../../../engine/index.ts';
import { fail, type SavedPart } from '../../../model/index.ts';
import type { Config, Placement } from '../config.ts';
import type { Connection } from '../connect/connection.ts';
import { targetOf } from '../connect/target.ts';
import { errorNumber, expected } from '../connect/trouble.ts';
import { runDump } from './client.ts';
import { type Definition, definitionsIn } from './definitions.ts';
import { type Dumped, readDump } from './dumped.ts';
import { hiddenFrom } from './hidden.ts';
import { type Login, loginOf, openAs } from './login.ts';
import { Moved } from './moved.ts';
import { objectsOf, tablesIn } from './objects.ts';
import { DUMP } from './place.ts';
import { dumpClientFor } from './programs.ts';
import { broughtBack, type Column, columnsIn, digitsLost, type Rows, rowsOf } from './rows.ts';
import { placeAt, releaseOf, seesEvents } from './server.ts';

type Input = InstanceInput<Config, Placement>;

/** How often it is tried where somebody changes tables meanwhile. */
const TRIES = 4;
/** Milliseconds for whoever was in the way to get done. */
const PAUSE = 2000;
/** No longer there, another definition, a lock that was waited for, a deadlock. */
const MOVED: ReadonlySet<number> = new Set([1051, 1054, 1146, 1205, 1213, 1305, 1360, 1412, 1539]);
/** The same, as the dump client says it. */
const MOVED_SAID = /\b(?:1054|1146|1205|1213|1305|1412)\b|Error in field count/u;

/** Dump, hashes and place of one moment of the database. */
export async function save(input: Input, app: string, context: BackupContext): Promise<SavedPart> {
  const login = await loginOf(input, app, context);
  for (let tries = 1; ; tries += 1) {
    const saving = { input, login, context, isLast: tries === TRIES };
    const found = await explained(attempt(saving), (error) => expected(error, input.name));
    if (!(found instanceof Moved)) return found;
    if (tries === TRIES) {
      throw fail('CT4317', `"${app}" was not at rest for a moment in ${TRIES} tries: ${found.message}`, {
        instance: input.name,
        hint: 'run it when nobody changes tables there, and look for sessions that hold one',
      });
    }
    context.say(`${found.message}: letting them through, and trying again`);
    await sleep(PAUSE, undefined, { signal: context.signal });
  }
}

interface Saving {
  readonly input: Input;
  readonly login: Login;
  readonly context: BackupContext;
  readonly isLast: boolean;
}

async function attempt(saving: Saving): Promise<SavedPart | Moved> {
  try {
    return await saveOnce(saving);
  } catch (error) {
    saving.context.signal.throwIfAborted();
    if (error instanceof Moved) return error;
    if (error instanceof Error && (MOVED.has(errorNumber(error)) || MOVED_SAID.test(error.message))) return new Moved(error.message);
    throw error;
  }
}

async function saveOnce({ input, login, context, isLast }: Saving): Promise<SavedPart> {
  await using session = await openAs(login, context);
  const place = await placeAt(session, login.database);
  const client = await dumpClientFor(place, context.programs, input.name);
  const before = await definitionsIn(session);
  refuseHidden(before, input.name);
  const columns = await columnsIn(session);
  const events = await seesEvents(session);
  context.say(`dumping database "${login.database}"`);
  // Nobody else reads it, whatever the dump client makes files with.
  await writeFile(join(context.folder, DUMP), '', { mode: 0o600 });
  await session.run('START TRANSACTION WITH CONSISTENT SNAPSHOT');
  const at = new Date().toISOString();
  await runDump({ program: client.program, login, place, context, instance: input.name, events });
  const dumped = await readDump(join(context.folder, DUMP), columns, input.name);
  const seen = await snapshotOf(session, tablesIn(before), columns);
  await session.run('COMMIT');
  stood(before, await definitionsIn(session), dumped);
  const held = await holds(session, { tables: tablesIn(before), dumped, seen, columns, instance: input.name, isLast });
  for (const line of held.left) context.say(line);
  const nexts = before.map(({ name }) => [name, dumped.nexts.get(name) ?? null] as const);
  return {
    engine: 'mysql',
    instance: input.name,
    server: await releaseOf(session),
    tool: `${place.product === 'mysql' ? 'mysqldump' : 'mariadb-dump'} ${client.version}`,
    point: null,
    at,
    place,
    objects: objectsOf(before, held.rows, new Map(nexts)),
    left: [...seen.digits, ...held.left, ...(await hiddenFrom(session, await targetOf(input.config, context.session), login, context))],
  };
}

/** What this login is not shown cannot be saved. */
function refuseHidden(definitions: readonly Definition[], instance: string): void {
  const hidden = definitions.filter(({ hash }) => hash === null).map(({ kind, name }) => `${kind} ${name}`);
  if (hidden.length === 0) return;
  throw fail('CT4318', `the app's login is not shown the text of what somebody else has made: ${hidden.join(', ')}`, {
    instance,
    hint: 'the server shows a routine to its definer only: drop it and let the app make it anew, or give it the login as its definer',
  });
}

type Columns = ReadonlyMap<string, readonly Column[]>;

interface Seen {
  readonly rows: ReadonlyMap<string, Rows>;
  /** Of tables with JSON values that come back otherwise: their rows as they come back. */
  readonly back: ReadonlyMap<string, Rows>;
  readonly digits: readonly string[];
}

/** Inside of the transaction that is open. Each table is let go when it was read: nobody who changes one waits for the others. */
async function snapshotOf(session: Connection, tables: readonly Definition[], columns: Columns): Promise<Seen> {
  const rows = new Map<string, Rows>();
  const back = new Map<string, Rows>();
  const digits: string[] = [];
  for (const { name } of tables) {
    await session.run('SAVEPOINT cotenant');
    const all = columns.get(name) ?? [];
    rows.set(name, await rowsOf(session, name, all));
    const lost = await digitsLost(session, name, all);
    if (lost.some(({ inJson }) => inJson)) back.set(name, await rowsOf(session, name, broughtBack(all)));
    digits.push(...lost.map(({ words }) => words));
    await session.run('ROLLBACK TO SAVEPOINT cotenant');
  }
  return { rows, back, digits };
}

/** Definitions and next numbers are in no snapshot: the dump has those from before and from after it, if they are the same. */
function stood(before: readonly Definition[], after: readonly Definition[], { nexts }: Dumped): void {
  const text = (definitions: readonly Definition[]): string => JSON.stringify(definitions.map((one) => ({ ...one, next: null })));
  if (text(before) !== text(after)) throw new Moved('somebody has changed a definition');
  for (const { name, next } of before)
    if (next !== null && BigInt(nexts.get(name) ?? 0) < BigInt(next)) throw new Moved(`the next number of ${name} has fallen`);
}

interface Holding {
  readonly tables: readonly Definition[];
  readonly dumped: Dumped;
  readonly seen: Seen;
  readonly columns: Columns;
  readonly instance: string;
  /** Nobody gets another try. */
  readonly isLast: boolean;
}

interface Held {
  /** What a restore is compared with. */
  readonly rows: ReadonlyMap<string, Rows>;
  /** Where less was compared, in words. */
  readonly left: readonly string[];
}

/**
 * No session of this server takes over the view of another one, and a lock that makes two views the same one ends transactions of
 * the app. So the hash of each table is of the dump itself; the server's own, of a moment before, is the same unless somebody wrote
 * in between. Where nobody has until now, it has to be.
 */
async function holds(session: Connection, { tables, dumped, seen, columns, instance, isLast }: Holding): Promise<Held> {
  const rows = new Map(dumped.rows);
  const left: string[] = [];
  for (const { name, engine } of tables) {
    if (engine !== 'InnoDB')
      left.push(`table ${name} is of ${engine ?? 'another engine'}, which has no snapshots: its rows are not of one moment`);
    const [mine, theirs, back] = [dumped.rows.get(name)?.hash, seen.rows.get(name)?.hash, seen.back.get(name)];
    if (mine === theirs) {
      // The dump has what the server has, and the server alone says what JSON becomes of its text.
      if (back) rows.set(name, back);
      continue;
    }
    const now = await rowsOf(session, name, columns.get(name) ?? []);
    if (now.hash === theirs) {
      throw fail('CT4317', `the dump does not hold the rows of table ${name} as the server has them`, {
        instance,
        hint: 'nothing was kept; run it again, and look whether the dump client is of the server’s version',
      });
    }
    if (back && !isLast) throw new Moved(`table ${name}, which has decimals inside JSON, was written meanwhile`);
    left.push(`rows of ${name}: not compared with the server, since the table was written meanwhile; its dump is one moment younger`);
    if (back) left.push(`decimals inside JSON of ${name}: a drill finds the table another one, since it was written in each try`);
  }
  return { rows, left };
}
