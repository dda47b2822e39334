import { join } from 'node:path';
import { type BackupContext, explained } from '../../../engine/index.ts';
import type { SavedPart } from '../../../model/index.ts';
import type { Connection } from '../connect/connection.ts';
import { databasesWithKeys } from '../retire/sweep.ts';
import { type Summary, Totals } from './digest.ts';
import { CommandFile } from './file.ts';
import type { Place, PlaceDatabase } from './place.ts';
import { readKeys, type Sink, type Source } from './read.ts';
import { enter, expected, infoOf, type Input, type Login, loginOf, namesIn, openAs, openOperator } from './session.ts';
import { Spill } from './spill.ts';

/** As `BackupAbility.save`: every key of the app as commands that make it again. */
export async function save(input: Input, app: string, context: BackupContext): Promise<SavedPart> {
  const login = await loginOf(input, app, context);
  const work = async (): Promise<SavedPart> => {
    await using operator = await openOperator(input, context);
    await using own = await openAs(login, context);
    return await saveWith({ operator, own, login, input, context });
  };
  return await explained(work(), (error) => expected(error, input.name));
}

interface Saving {
  readonly operator: Connection;
  readonly own: Connection;
  readonly login: Login;
  readonly input: Input;
  readonly context: BackupContext;
}

/** What a whole backup comes to. */
interface Found {
  readonly totals: Totals;
  readonly torn: Buffer[];
  memory: number;
  /** Names of keys that were gone when they were to be read. */
  gone: number;
}

async function saveWith(saving: Saving): Promise<SavedPart> {
  const { operator, own, login, input, context } = saving;
  const facts = await infoOf(operator, 'server');
  const before = await writesOf(operator);
  const at = new Date();
  const found: Found = { totals: new Totals(), torn: [], memory: 0, gone: 0 };
  const fields = await knowsFields(own);
  const databases: PlaceDatabase[] = [];
  for (const number of await databasesOf(login, operator)) databases.push(await saveDatabase(saving, number, fields, found));
  const seconds = ((Date.now() - at.getTime()) / 1000).toFixed(1);
  const writes = before === null ? null : await writesOf(operator);
  const { groups } = found.totals;
  const place: Place = { isolation: login.isolation, prefix: login.prefix, databases, memory: found.memory, groups };
  context.say(`${databases.reduce((sum, { keys }) => sum + keys, 0)} keys in ${seconds} s`);
  return {
    engine: 'redis',
    instance: input.name,
    server: serverOf(facts),
    tool: 'cotenant',
    point: null,
    at: at.toISOString(),
    place,
    objects: found.totals.objects(groups),
    left: [...leftOf(found, before !== null && before === writes, seconds), ...(await elsewhere(login, operator))],
  };
}

function serverOf(facts: ReadonlyMap<string, string>): string {
  const valkey = facts.get('valkey_version');
  return valkey === undefined ? `Redis ${facts.get('redis_version') ?? ''}` : `Valkey ${valkey}`;
}

/** Keys are read one after the other: what moved meanwhile is told. */
function leftOf({ torn, gone }: Found, still: boolean, seconds: string): readonly string[] {
  const names = torn.slice(0, 3).map((name) => JSON.stringify(name.toString()));
  return [
    ...(still
      ? []
      : [
          `one moment of all keys together: they were read within ${seconds} s while the server was written to, each as it was at one moment${gone === 0 ? '' : `; ${gone} went before they could be read`}`,
        ]),
    ...(torn.length === 0
      ? []
      : [
          `one moment of ${torn.length === 1 ? 'a key' : `${torn.length} keys`} that changed each time while read: ${names.join(', ')}${torn.length > 3 ? ', …' : ''}`,
        ]),
  ];
}

/** The backup of a prefix is of one database. */
async function elsewhere({ wanders, prefix, database }: Login, operator: Connection): Promise<readonly string[]> {
  const others: number[] = [];
  for (const number of wanders ? await databasesWithKeys(operator) : [])
    if (number !== database && (await anyUnder(operator, prefix, number))) others.push(number);
  return others.map(
    (number) => `the keys under ${JSON.stringify(prefix)} in database ${number}: a backup at level prefix is of database ${database} alone`,
  );
}

async function anyUnder(operator: Connection, prefix: string, database: number): Promise<boolean> {
  for await (const keys of namesIn(operator, prefix, database)) if (keys.length > 0) return true;
  return false;
}

/** Changes that the server has counted, of all its apps; null: it does not tell. */
async function writesOf(operator: Connection): Promise<string | null> {
  const facts = await infoOf(operator, 'persistence');
  const [changes, saved] = ['rdb_changes_since_last_save', 'rdb_last_save_time'].map((name) => facts.get(name));
  return changes === undefined || saved === undefined ? null : `${changes} since ${saved}`;
}

/** True where fields of a hash can expire. */
export async function knowsFields(own: Connection): Promise<boolean> {
  const [said] = await own.pipeline([['COMMAND', 'INFO', 'hpexpiretime']]);
  return Array.isArray(said) && Array.isArray(said[0]);
}

async function databasesOf({ database }: Login, operator: Connection): Promise<readonly number[]> {
  return database === null ? await databasesWithKeys(operator) : [database];
}

/** Names are looked for by the app where it may see them, else by the operator, who asks for none but the app's; values are read by the app alone. */
async function saveDatabase(
  { operator, own, login, context }: Saving,
  number: number,
  fields: boolean,
  found: Found,
): Promise<PlaceDatabase> {
  const { prefix, isolation } = login;
  const { folder, signal } = context;
  const file = isolation === 'instance' ? `keys-${number}.resp` : 'keys.resp';
  await using names = new Spill(folder);
  let named = 0;
  const start = Buffer.byteLength(prefix);
  for await (const some of namesIn(login.scans ? own : operator, prefix, number)) {
    signal.throwIfAborted();
    for (const key of some) await names.add([key.subarray(start)]);
  }
  if (login.scans) await enter(own, number);
  await using out = await CommandFile.open(join(folder, file));
  const source: Source = { connection: own, prefix, written: prefix, later: 0, fields, folder, torn: (name) => void found.torn.push(name) };
  const counted = async function* (): AsyncGenerator<readonly Buffer[]> {
    for await (const name of names.ordered()) {
      signal.throwIfAborted();
      named += 1;
      yield name;
    }
  };
  const where = isolation === 'instance' ? ` in database ${number}` : '';
  const { keys, payloads, memory } = await sum(source, counted(), out, (one) => found.totals.add(where, one, one.digest));
  await out.end();
  found.memory += memory;
  found.gone += named - keys;
  return { number, file, keys, payloads };
}

async function sum(
  source: Source,
  names: AsyncIterable<readonly Buffer[]>,
  sink: Sink,
  each: (one: Summary) => void,
): Promise<{ readonly keys: number; readonly payloads: number; readonly memory: number }> {
  let [keys, payloads, memory] = [0, 0, 0];
  for await (const one of readKeys(source, names, sink)) {
    each(one);
    keys += 1;
    payloads += one.loose === null ? 0 : 1;
    memory += one.memory;
  }
  return { keys, payloads, memory };
}
