import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type BackupContext, type DrillOf, drillName, explained, isDrillName } from '../../../engine/index.ts';
import { fail, type SavedObject, type SavedPart } from '../../../model/index.ts';
import { sha256 } from '../../../util/canonical.ts';
import { parseAclLine } from '../acl.ts';
import { allowedCommands, commandTable, rulesFor } from '../commands.ts';
import { type Connection, listOf } from '../connect/connection.ts';
import { databasesWithKeys } from '../retire/sweep.ts';
import { readServer, type ServerFacts } from '../observe/server.ts';
import { Totals } from './digest.ts';
import { tell, under } from './load.ts';
import { type Place, placeSchema } from './place.ts';
import { refuseReaders } from './readers.ts';
import { checkRoom } from './room.ts';
import { DRILL, enter, expected, type Input, type Login, loginOf, namesIn, openAs, openOperator } from './session.ts';
import { type Compared, countThere } from './there.ts';
import { write } from './write.ts';

/** Nothing expires in a drill that would not have expired within this after the backup. */
const DAY = 24 * 3600 * 1000;

/** As `BackupAbility.rehearse`: keys with a random prefix in a database that is empty, and a login that reaches nothing else. */
export async function rehearse(input: Input, app: string, part: SavedPart, context: BackupContext): Promise<readonly SavedObject[]> {
  const place = placeSchema.parse(part.place);
  const login = await loginOf(input, app, context);
  const of: DrillOf = { project: input.project, instance: input.name, app, password: login.password };
  const work = async (): Promise<readonly SavedObject[]> => {
    await using operator = await openOperator(input, context);
    await sweepDrills(operator, of);
    await checkRoom(operator, place.memory, input.name);
    const name = drillName(DRILL, of);
    const facts = await readServer(operator, login.target.user);
    const database = await emptyDatabase(operator, facts, input.name);
    await refuseReaders(operator, { input, login, range: { prefix: `${name}:`, database }, admin: facts.user }, context);
    try {
      const drill = await make(operator, { name, login, database, facts, restores: place.databases.some(({ payloads }) => payloads > 0) });
      return await rehearseIn({ operator, drill, name, database, place, part, instance: input.name, context });
    } finally {
      await remove(operator, name, database);
    }
  };
  return await explained(work(), (error) => expected(error, input.name));
}

interface Rehearsing {
  readonly operator: Connection;
  readonly drill: Pick<Login, 'target' | 'user' | 'password'>;
  readonly name: string;
  readonly database: number;
  readonly place: Place;
  readonly part: SavedPart;
  readonly instance: string;
  readonly context: BackupContext;
}

async function rehearseIn({
  operator,
  drill,
  name,
  database,
  place,
  part,
  instance,
  context,
}: Rehearsing): Promise<readonly SavedObject[]> {
  await using own = await openAs(drill, context);
  const later = Math.max(0, Date.now() - Date.parse(part.at)) + DAY;
  const totals = new Totals();
  const compared: Compared = { expired: 0, differing: [] };
  for (const saved of place.databases) {
    const prefix = `${name}:${saved.number}:`;
    await enter(own, database);
    const mayWrite = async (bytes: number): Promise<void> => await checkRoom(operator, bytes, instance);
    const target = { connection: own, instance, from: place.prefix, to: prefix, later, payloads: saved.payloads, mayWrite };
    await write(join(context.folder, saved.file), target, { keys: 0, unsure: 0 }, context);
    await countThere({ looking: operator, own, prefix, database, later, place, saved, instance, context }, totals, compared);
  }
  tell(compared, context);
  return totals.objects(place.groups);
}

/** The last database that holds nothing and is nobody's: what looks through its own sees no copy. Throws CT4326. */
async function emptyDatabase(operator: Connection, { databases }: ServerFacts, instance: string): Promise<number> {
  const users = listOf(await operator.send('ACL', 'LIST')).map((line) => parseAclLine(String(line)));
  const taken = new Set(await databasesWithKeys(operator));
  // Who stands in an empty database means to write there.
  for (const [, number] of String(await operator.send('CLIENT', 'LIST')).matchAll(/ db=(\d+) /g)) taken.add(Number(number));
  for (const { mark, databases: allowed } of users) {
    if (mark?.database !== undefined) taken.add(mark.database);
    if (allowed !== 'all' && allowed !== '') for (const number of allowed.split(',')) taken.add(Number(number));
  }
  for (let number = databases - 1; number > 0; number--) if (!taken.has(number)) return number;
  const alone = users.some(
    ({ mark }) => mark?.access?.startsWith('instance') === true || (mark?.access?.startsWith('database') === true && mark.database === 0),
  );
  if (!alone) return 0;
  throw fail('CT4326', `every database of "${instance}" is somebody's, and a drill needs one`, {
    instance,
    hint: 'raise the number of `databases` in the server’s configuration',
  });
}

interface Making {
  readonly name: string;
  readonly login: Login;
  readonly database: number;
  readonly facts: ServerFacts;
  /** Something of the backup wants RESTORE. */
  readonly restores: boolean;
}

/** A login with the rights of an app, on keys of the drill alone. The access list is not written to disk with it. */
async function make(
  operator: Connection,
  { name, login, database, facts, restores }: Making,
): Promise<Pick<Login, 'target' | 'user' | 'password'>> {
  const password = randomBytes(32).toString('base64url');
  const commands = allowedCommands(commandTable(await operator.send('COMMAND')), 'prefix', restores ? ['restore', 'select'] : ['select']);
  const only = facts.databaseRules ? ['resetdbs', `db=${database}`] : [];
  await operator.send(
    'ACL',
    'SETUSER',
    name,
    'reset',
    'on',
    `#${sha256(password)}`,
    under(`${name}:`),
    'resetchannels',
    ...only,
    '-@all',
    ...rulesFor(commands),
  );
  return { target: login.target, user: name, password };
}

/** Removes what a drill of that name has made: keys that begin with its name, then its login. */
async function remove(operator: Connection, name: string, database: number): Promise<void> {
  for await (const keys of namesIn(operator, `${name}:`, database)) {
    if (keys.length === 0) continue;
    await enter(operator, database);
    const [said] = await operator.pipeline([
      ['UNLINK', ...keys],
      ['SELECT', '0'],
    ]);
    if (said instanceof Error) throw said;
  }
  await operator.send('ACL', 'DELUSER', name);
}

/** Removes what drills of this app have left that were killed, and nothing else: their names are such that nobody else could have given them. */
async function sweepDrills(operator: Connection, of: DrillOf): Promise<void> {
  const length = drillName(DRILL, of).length;
  for (const database of await databasesWithKeys(operator)) {
    const found = new Set<string>();
    for await (const keys of namesIn(operator, DRILL, database)) for (const key of keys) found.add(key.toString('latin1').slice(0, length));
    for (const name of found) if (isDrillName(DRILL, of, name)) await remove(operator, name, database);
  }
  const users = listOf(await operator.send('ACL', 'USERS')).map(String);
  for (const name of users) if (isDrillName(DRILL, of, name)) await operator.send('ACL', 'DELUSER', name);
}
