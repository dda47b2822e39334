import { type Client, makeClient } from '../../../src/engines/redis/connect/client.ts';
import type { Admin } from './admin.ts';
import type { Effects } from '../suite.ts';

/** Somebody who tries to log in with each of these passwords; `app`: whose things are theirs. */
export interface Person {
  readonly user: string;
  readonly app: string;
  /** Its own. */
  readonly known: readonly string[];
  /** Guesses. */
  readonly passwords: readonly string[];
}

interface Point {
  readonly host: string;
  readonly port: number;
}

const VICTIMS = ['r_a', 'r_b', 'r_c', 'r_gone'];

/** Commands on a key of somebody else. */
const onKey = (key: string, own: string): readonly (readonly string[])[] => [
  ['GET', key],
  ['MGET', key],
  ['DUMP', key],
  ['GETRANGE', key, '0', '-1'],
  ['STRLEN', key],
  ['TYPE', key],
  ['EXISTS', key],
  ['TTL', key],
  ['OBJECT', 'ENCODING', key],
  ['MEMORY', 'USAGE', key],
  ['TOUCH', key],
  ['HGETALL', key.replace('secret', 'hash')],
  ['LRANGE', key.replace('secret', 'list'), '0', '-1'],
  ['SORT', key.replace('secret', 'list'), 'ALPHA'],
  ['SORT_RO', key.replace('secret', 'list'), 'ALPHA'],
  ['SORT', `${own}list`, 'BY', 'nosort', 'GET', key],
  ['SET', key, 'x'],
  ['APPEND', key, 'x'],
  ['DEL', key],
  ['UNLINK', key],
  ['EXPIRE', key, '1000'],
  ['RENAME', key, `${own}taken`],
  ['COPY', key, `${own}copied`],
  ['RPUSH', key.replace('secret', 'list'), 'x'],
  ['HSET', key.replace('secret', 'hash'), 'field', 'x'],
  ['MOVE', key, '1'],
  ['SET', key, 'x', 'GET'],
  ['EVAL', `return redis.call('GET', '${key}')`, '0'],
  ['EVAL', "return redis.call('GET', KEYS[1])", '1', key],
  ['FCALL', 'peek', '0'],
];

/** Commands on the server; what they give is looked through. */
const onServer: readonly (readonly string[])[] = [
  ['KEYS', '*'],
  ['SCAN', '0', 'COUNT', '1000'],
  ['RANDOMKEY'],
  ['FLUSHALL'],
  ['FLUSHALL', 'ASYNC'],
  ['FLUSHDB'],
  ['FLUSHDB', 'ASYNC'],
  ['SWAPDB', '0', '1'],
  ['ACL', 'LIST'],
  ['ACL', 'GETUSER', 'r_b'],
  ['ACL', 'DELUSER', 'r_b'],
  ['ACL', 'SETUSER', 'r_b', '>taken'],
  ['ACL', 'SETUSER', 'taker', 'on', 'nopass', '~*', '+@all'],
  ['CONFIG', 'GET', 'requirepass'],
  ['CONFIG', 'SET', 'slowlog-max-len', '77'],
  ['CLIENT', 'LIST'],
  ['CLIENT', 'PAUSE', '1', 'WRITE'],
  ['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'],
  ['FUNCTION', 'LIST'],
  ['FUNCTION', 'FLUSH'],
  ['FUNCTION', 'LOAD', 'REPLACE', "#!lua name=taken\nredis.register_function('taken', function() return 1 end)"],
  ['SCRIPT', 'FLUSH'],
  ['SLOWLOG', 'GET'],
  ['SLOWLOG', 'RESET'],
  ['DEBUG', 'JMAP'],
  ['BGREWRITEAOF'],
  ['SAVE'],
  ['MONITOR'],
  ['PSYNC', '?', '-1'],
  ['SYNC'],
  ['REPLCONF', 'LISTENING-PORT', '1'],
  ['MODULE', 'LIST'],
  ['MIGRATE', '127.0.0.1', '1', 'r_b:secret', '0', '10', 'COPY'],
  ['LATENCY', 'RESET'],
  ['PUBSUB', 'CHANNELS'],
  ['ACL', 'LOG'],
  ['ACL', 'LOG', 'RESET'],
  ['PSUBSCRIBE', '*'],
  ['SUBSCRIBE', 'r_b:news'],
  ['PSUBSCRIBE', 'r_b:*'],
  ['PUBLISH', 'r_b:news', 'x'],
  ['SSUBSCRIBE', 'r_b:news'],
  ['SUBSCRIBE', '__keyevent@0__:set'],
  ['PSUBSCRIBE', '__keyevent@0__:*'],
  ['PSUBSCRIBE', '__keyspace@0__:r_b:*'],
];

/** They leave the connection in a state in which it takes no other command. */
const ENDS = new Set(['MONITOR', 'PSYNC', 'SYNC', 'PSUBSCRIBE', 'SUBSCRIBE', 'SSUBSCRIBE', 'ACL', 'CLIENT']);
/** What works here works on others, whatever it answers. */
const POWERS = new Set([
  'FLUSHALL',
  'FLUSHDB',
  'SWAPDB',
  'ACL',
  'CONFIG',
  'CLIENT',
  'FUNCTION',
  'SCRIPT',
  'SLOWLOG',
  'DEBUG',
  'BGREWRITEAOF',
  'SAVE',
  'MONITOR',
  'PSYNC',
  'SYNC',
  'MIGRATE',
  'PUBLISH',
  'SUBSCRIBE',
  'PSUBSCRIBE',
  'SSUBSCRIBE',
  'KEYS',
  'SCAN',
  'RANDOMKEY',
  'LATENCY',
]);

/** What everybody gets to do, tried with their own connections. `restore` puts keys and users back after something changed. */
export async function effectsOf(point: Point, admin: Admin, people: readonly Person[], restore: () => Promise<void>): Promise<Effects> {
  const effects = new Map<string, string>();
  for (const person of people) {
    const add = (what: string, by: readonly string[]): void => {
      const effect = `${person.app} ${what}`;
      if (!effects.has(effect)) effects.set(effect, by.join(' '));
    };
    const password = await doorOf(point, person, add);
    if (password === null) continue;
    await tryAll(new Hands(point, person.user, password), { admin, person, restore, add });
  }
  return effects;
}

/** Logs in anew whenever the connection is gone. */
class Hands {
  readonly #point: Point;
  readonly #user: string;
  readonly #password: string;
  #client: Client | null = null;

  constructor(point: Point, user: string, password: string) {
    [this.#point, this.#user, this.#password] = [point, user, password];
  }

  async send(words: readonly string[]): Promise<unknown> {
    if (this.#client?.isReady !== true) {
      this.#client = login(this.#point, this.#user, this.#password);
      await this.#client.connect();
    }
    const waits = new Promise<string>((resolve) => setTimeout(resolve, 1000, 'no answer'));
    const answer = await Promise.race([this.#client.sendCommand(words), waits]);
    if (ENDS.has(words[0] ?? '')) this.end();
    return answer;
  }

  end(): void {
    this.#client?.destroy();
    this.#client = null;
  }
}

const login = ({ host, port }: Point, user: string, password: string): Client =>
  makeClient(2, { host, port, tls: null, login: { user, password }, deadline: 5000 });

/** The first password that lets them in. A guess that does is an effect by itself. */
async function doorOf(
  point: Point,
  { user, known, passwords }: Person,
  add: (what: string, by: readonly string[]) => void,
): Promise<string | null> {
  for (const password of [...known, ...passwords]) {
    const client = login(point, user, password);
    const opened = await client.connect().then(
      () => true,
      () => false,
    );
    client.destroy();
    if (!opened) continue;
    if (!known.includes(password)) add(`logs in as ${user}`, ['AUTH', user, 'a guess']);
    return password;
  }
  return null;
}

interface Trial {
  readonly admin: Admin;
  readonly person: Person;
  readonly restore: () => Promise<void>;
  readonly add: (what: string, by: readonly string[]) => void;
}

async function tryAll(hands: Hands, { admin, person, restore, add }: Trial): Promise<void> {
  const others = VICTIMS.filter((app) => app !== person.app);
  const state = await stateOf(admin);
  for (const words of [
    ...others.flatMap((app) => onKey(`${app}:secret`, `${person.app}:`)),
    ...onServer.map((words) => words.map((word) => (person.app === 'r_b' ? word.replace('r_b:', 'r_a:') : word))),
  ]) {
    const answer = await hands.send(words).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
    if (answer instanceof Error && !/WRONGTYPE|no such key|IOERR|NOKEY/i.test(answer.message)) {
      if (!/NOPERM|WRONGPASS|NOAUTH|unknown|ERR|syntax|denied|closed|Socket|Connection|BUSYGROUP/i.test(answer.message))
        add(`meets ${answer.message}`, words);
      continue;
    }
    const text = answer instanceof Error ? '' : JSON.stringify(answer);
    for (const app of others) {
      if (text.includes(`canary-${app}`)) add(`reads ${app}`, words);
      if (text.includes(`${app}:`) || (words[1]?.startsWith(`${app}:`) === true && words.length < 4)) add(`learns of ${app}`, words);
    }
    if (POWERS.has(words[0] ?? '')) add(`does ${words.slice(0, 2).join(' ')}`, words);
    const now = await stateOf(admin);
    if (now === state) continue;
    for (const app of others) if (partOf(now, app) !== partOf(state, app)) add(`changes ${app}`, words);
    await restore();
  }
  hands.end();
}

/** Everything that apps have, a line each, and who is who. */
async function stateOf(admin: Admin): Promise<string> {
  const values = await Promise.all(
    VICTIMS.flatMap((app) => [
      admin.send(['GET', `${app}:secret`]),
      admin.send(['TTL', `${app}:secret`]),
      admin.send(['HGETALL', `${app}:hash`]),
      admin.send(['LRANGE', `${app}:list`, '0', '-1']),
    ]),
  );
  const lines = VICTIMS.map((app, index) => `${app}: ${JSON.stringify(values.slice(index * 4, index * 4 + 4))}`);
  return [...lines, JSON.stringify(await admin.send(['ACL', 'LIST'])), JSON.stringify(await admin.send(['FUNCTION', 'LIST']))].join('\n');
}

const partOf = (state: string, app: string): string => state.split('\n').find((line) => line.startsWith(`${app}: `)) ?? '';
