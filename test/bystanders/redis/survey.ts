import { readFile } from 'node:fs/promises';
import type { Client } from '../../../src/engines/redis/connect/client.ts';
import { appsOf, placementOf } from '../edit.ts';
import type { Context, Sight, Survey } from '../frame.ts';
import { keysOf, type Login, loginOf, loginsOf, ofLogin } from './owners.ts';
import type { RedisScene } from './scene.ts';
import { isSwitchedOff, type Piece, wordsOf } from './world.ts';

interface Act {
  readonly command: string;
  readonly said: Sight['said'];
  readonly on?: string;
  readonly forbidden?: true;
}

/** Everybody does what they do, and the operator looks at what is theirs. */
export async function survey(scene: RedisScene, context: Context): Promise<Survey> {
  const visits = [
    ...scene.pieces.filter((piece) => !isSwitchedOff(piece)).map((piece) => strangerVisit(scene, piece)),
    ...appVisits(scene, context),
  ];
  const sights = (await Promise.all(visits.map(async ({ login, acts }) => await look(scene, context, login, acts)))).flat();
  return new Map([...sights, ...(await facts(scene, context))].sort(([one], [other]) => (one < other ? -1 : 1)));
}

interface Visit {
  readonly login: Login;
  readonly acts: readonly Act[];
}

function strangerVisit(scene: RedisScene, piece: Piece): Visit {
  const acts = piece.acts.map((command): Act => {
    const [name = ''] = wordsOf(command);
    const [first, second] = wordsOf(command);
    // By the command, or by any pattern that it had: the server tells no more of a refusal.
    const patterns = wordsOf(piece.rules).flatMap((rule) => /^(?:%[RW]+~|~|&)(.+)$/.exec(rule)?.[1] ?? []);
    const said = [
      ['run', name],
      ['run', `${first} ${second}`],
      ...patterns.flatMap((one) => [
        ['keys', one],
        ['channels', one],
      ]),
      // By the keys that it names: they went with their app.
      ...wordsOf(command).flatMap((word) => (word.includes(':') ? [['keys', word.slice(0, word.lastIndexOf(':') + 1)]] : [])),
      ['together'],
      ['databases'],
    ];
    return { command, said };
  });
  return { login: scene.login(piece), acts };
}

/** Apps that cotenant made a login for: their own works, and what is others' does not. */
function appVisits(scene: RedisScene, { document, former, variables }: Context): readonly Visit[] {
  return [...variables].flatMap(([app, own]): readonly Visit[] => {
    const login = loginOf(own);
    const prefix = own['REDIS_KEY_PREFIX'] ?? '';
    const last = [document, ...former.toReversed()].find((one) => appsOf(one).includes(app)) ?? document;
    const wide = placementOf(last, app)?.['isolation'] === 'database';
    const mine: Act[] = [
      `GET ${prefix}data`,
      `SET ${prefix}mine 1`,
      `PUBLISH ${prefix}news x`,
      `PSUBSCRIBE ${prefix}*`,
      'PING',
      'TIME',
    ].map((command) => ({
      command,
      said: [
        ['run', wordsOf(command)[0] ?? ''],
        ['keys', prefix],
      ],
      on: app,
    }));
    const strangers = scene.pieces.flatMap(({ keys, database = 0 }) => (database === 0 ? keys : []));
    const others = scene.settled.filter((one) => one.app !== app && one.database === 0).map(({ key }) => key);
    const foreign = wide ? [] : [...strangers, ...others].filter((key) => !key.startsWith(prefix));
    const closed = [
      ...foreign.flatMap((key) => [`GET ${key}`, `HDEL ${key} none`]),
      'ACL LIST',
      'FLUSHALL',
      'CONFIG GET maxmemory',
      'MONITOR',
    ];
    const acts = [...mine, ...closed.map((command): Act => ({ command, said: [], forbidden: true, on: app }))];
    const [, ...more] = loginsOf(own);
    return [{ login, acts }, ...more.map((other) => ({ login: other, acts: [{ command: `GET ${prefix}data`, said: [], on: app }] }))];
  });
}

async function look(
  scene: RedisScene,
  context: Context,
  login: Login,
  acts: readonly Act[],
): Promise<readonly (readonly [string, Sight])[]> {
  const { user } = login;
  const of = ofLogin(context, user);
  const door = `${user} connects`;
  const inDatabase = [['connect'], ['log in'], ...(login.database === 0 ? [] : [['SELECT'], ['database']])];
  const client = await scene.connect(login).catch(String);
  const isIn = typeof client !== 'string';
  const sights: [string, Sight][] = [[door, { who: user, of, said: inDatabase, works: isIn, answer: isIn ? 'in' : client }]];
  for (const { command, said, on, forbidden } of acts) {
    const came = isIn ? await attempt(client, wordsOf(command)) : { works: false, answer: client };
    const more = { ...(on === undefined ? {} : { on }), ...(forbidden ? { forbidden } : {}) };
    sights.push([`${user} runs ${command}`, { who: user, of, said, through: door, ...came, ...more }]);
  }
  if (isIn && client.isOpen) client.destroy();
  return sights;
}

/** Commands whose answers are looked at: nobody but their owner changes what they tell. */
const READS: ReadonlySet<string> = new Set('GET HGET TYPE XLEN ZCARD LLEN STRLEN PEXPIRETIME FCALL EVALSHA EXISTS XINFO'.split(' '));

const HEARS: ReadonlySet<string> = new Set(['SUBSCRIBE', 'PSUBSCRIBE']);

/** What a command gives: its value where it only reads one, else that it went through. */
async function attempt(client: Client, words: readonly string[]): Promise<{ readonly works: boolean; readonly answer: string }> {
  const [name = '', first = ''] = words;
  try {
    if (HEARS.has(name)) {
      const heard = (): void => undefined;
      await (name === 'SUBSCRIBE' ? client.subscribe(first, heard) : client.pSubscribe(first, heard));
      await (name === 'SUBSCRIBE' ? client.unsubscribe(first) : client.pUnsubscribe(first));
      return { works: true, answer: 'heard' };
    }
    const answer = await client.sendCommand([...words]);
    return { works: true, answer: READS.has(name) ? JSON.stringify(answer) : 'done' };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    // Whatever is no refusal came after the access list had let it through.
    return {
      works: !/^(?:NOPERM|NOAUTH|WRONGPASS)|ACL failure in script|can't run this command/.test(text),
      answer: text.replace(/User \S+/, 'User'),
    };
  }
}

/** What the operator sees of bystanders: their keys, their rules, what is loaded and set. */
async function facts(scene: RedisScene, context: Context): Promise<readonly (readonly [string, Sight])[]> {
  const sights: [string, Sight][] = [];
  const list = (await scene.admin('ACL', 'LIST')) as readonly string[];
  const named = new Set(keysOf(context.document['operators']));
  for (const { user, keys, database = 0 } of scene.pieces) {
    const of = ofLogin(context, user);
    for (const key of keys) {
      const value = await scene.in(database, 'GET', key);
      sights.push([
        `key ${key} in ${database}`,
        { who: user, of, said: [['keys'], ['database'], ['the whole server']], works: value !== null, answer: String(value) },
      ]);
    }
    const line = list.find((one) => one.startsWith(`user ${user} `));
    // An operator is granted what the manifest says; of an app's own login the manifest decides.
    if (of !== null || named.has(user)) continue;
    sights.push([`rules of ${user}`, { who: user, of, said: [['']], works: line !== undefined, answer: line ?? 'none', stranger: true }]);
  }
  for (const { app, key, database } of scene.settled) {
    const value = await scene.in(database, 'GET', key);
    sights.push([`key ${key} of ${app}`, { who: app, of: app, said: [], works: value !== null, answer: String(value) }]);
  }
  const whole = async (name: string, ...words: readonly string[]): Promise<void> => {
    sights.push([name, { who: 'admin', of: null, said: [], works: true, answer: String(await scene.admin(...words)) }]);
  };
  for (const line of (await readFile(scene.file, 'utf8')).split('\n')) {
    const user = /^user (\S+)/.exec(line)?.[1];
    if (user === undefined || scene.changed.has(user) || user === 'admin' || named.has(user) || line.includes('(~cotenant:project=oracle:'))
      continue;
    const of = ofLogin(context, user);
    if (of === null)
      sights.push([
        `line of ${user} in the file`,
        { who: user, of, said: [['']], works: true, answer: line.includes(' off ') ? 'off' : line, stranger: true, lenient: true },
      ]);
  }
  await whole('functions', 'FUNCTION', 'LIST', 'WITHCODE');
  for (const name of ['maxmemory', 'maxmemory-policy', 'maxclients', 'notify-keyspace-events', 'requirepass', 'masteruser'])
    await whole(`setting ${name}`, 'CONFIG', 'GET', name);
  return sights;
}
