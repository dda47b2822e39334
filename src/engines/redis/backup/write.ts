import type { BackupContext } from '../../../engine/index.ts';
import { fail } from '../../../model/index.ts';
import type { Connection } from '../connect/connection.ts';
import { keyAt } from './digest.ts';
import { commandsIn, NotCommands, type Words } from './resp.ts';
import { putOff } from './time.ts';
import { textOf } from './stream.ts';

/** Where commands of a backup run. */
export interface Target {
  /** In the right database. */
  readonly connection: Connection;
  readonly instance: string;
  /** What keys begin with in the backup, and here. */
  readonly from: string;
  readonly to: string;
  /** Milliseconds by which all that expires is put off. */
  readonly later: number;
  /** Keys that RESTORE brings back: the file has no more of these commands. */
  readonly payloads: number;
  /** Called before so many bytes are written; throws where that must not be. */
  readonly mayWrite: (bytes: number) => Promise<void>;
}

/** Of one request. */
const COMMANDS = 500;
const BYTES = 1 << 20;
/** What a server needs for so many bytes of small keys, about. */
const OVERHEAD = 4;

/** How often keys are looked at again that somebody touches meanwhile. */
const TRIES = 5;

/** How many keys of a file stand on the server, so that a failure can take them back. */
export interface Progress {
  keys: number;
  /** Keys that were sent, and for which no answer has come. */
  unsure: number;
}

/** Runs the commands of a file. A key that is there already ends it (CT4306) before it is touched. */
export async function write(file: string, target: Target, progress: Progress, { signal }: Pick<BackupContext, 'signal'>): Promise<void> {
  let batch: Words[] = [];
  let fresh: Buffer[] = [];
  let bytes = 0;
  let last: Buffer | null = null;
  const send = async (): Promise<void> => {
    signal.throwIfAborted();
    await target.mayWrite(bytes * OVERHEAD);
    await run(batch, fresh, target, progress);
    batch = [];
    fresh = [];
    bytes = 0;
  };
  for await (const { words, key } of renamed(file, target)) {
    if (last === null || !last.equals(key)) fresh.push(key);
    last = key;
    batch.push(words);
    for (const { length } of words) bytes += length;
    if (batch.length >= COMMANDS || bytes >= BYTES) await send();
  }
  if (batch.length > 0) await send();
}

/** Commands as they are to run here. Throws CT4321. */
async function* renamed(
  file: string,
  { from, to, later, payloads, instance }: Target,
): AsyncGenerator<{ readonly words: Words; readonly key: Buffer }> {
  const start = Buffer.from(from);
  const fresh = Buffer.from(to);
  let restores = 0;
  try {
    for await (const words of commandsIn(file)) {
      const at = keyAt(words);
      const old = words[at] ?? start;
      if (!old.subarray(0, start.length).equals(start)) throw new NotCommands('a key of somebody else stands in it');
      const key = Buffer.concat([fresh, old.subarray(start.length)]);
      const said = words.with(at, key);
      const name = textOf(words[0]);
      if (name === 'RESTORE' && ++restores > payloads) throw new NotCommands('more of it wants RESTORE than the backup names');
      const time = name === 'PEXPIREAT' || name === 'HPEXPIREAT' ? Number(textOf(words[2])) : null;
      yield { words: time === null ? said : said.with(2, Buffer.from(String(putOff(time, later)))), key };
    }
  } catch (error) {
    throw damaged(error, instance);
  }
}

/** CT4321 where a file is not what a backup writes. */
export function damaged(error: unknown, instance: string): unknown {
  if (!(error instanceof NotCommands)) return error;
  return fail('CT4321', `the keys of a backup of "${instance}" cannot be read: ${error.message}`, {
    instance,
    hint: 'do not rely on this backup: make another one, and run cotenant drill',
  });
}

/** All of it at once, and nothing where a key has come that begins here. Throws CT4306. */
async function run(commands: readonly Words[], fresh: readonly Buffer[], target: Target, progress: Progress): Promise<void> {
  const { connection, instance } = target;
  for (let tries = 1; tries <= TRIES; tries += 1) {
    await lookAt(fresh, target);
    progress.unsure = fresh.length;
    const said = await connection.pipeline([['MULTI'], ...commands, ['EXEC']]);
    progress.unsure = 0;
    const end = said.at(-1);
    if (Array.isArray(end)) progress.keys += fresh.length;
    const results = Array.isArray(end) ? end : said.slice(1, -1);
    for (const [at, one] of results.entries()) if (one instanceof Error) throw refused(one, commands[at] ?? [], instance);
    if (end instanceof Error) throw new Error(end.message.replace(/^EXECABORT Transaction discarded because of: /, ''));
    if (Array.isArray(end)) return;
  }
  throw come(fresh[0], instance);
}

/** Until the next EXEC whoever touches one of these keys is noticed. */
async function lookAt(fresh: readonly Buffer[], { connection, instance }: Target): Promise<void> {
  if (fresh.length === 0) return;
  const [watched, ...there] = await connection.pipeline([['WATCH', ...fresh], ...fresh.map((key) => ['EXISTS', key])]);
  for (const one of [watched, ...there]) if (one instanceof Error) throw one;
  for (const [at, one] of there.entries()) if (Number(one) !== 0) throw come(fresh[at], instance);
}

function come(key: Buffer | undefined, instance: string): Error {
  return fail('CT4306', `the key ${JSON.stringify(key?.toString())} has come to "${instance}" meanwhile`, {
    instance,
    hint: 'a restore writes over nothing: bring the backup back while nobody writes there',
  });
}

function refused(error: Error, words: Words, instance: string): Error {
  const command = textOf(words[0]);
  const unknown = error.message.startsWith('ERR unknown command');
  if (!unknown && command !== 'RESTORE') return error;
  if (/^(OOM|NOPERM)/.test(error.message)) return error;
  const what = command === 'RESTORE' ? 'a value of a type that only the server’s own form can hold' : 'fields of hashes that expire';
  return fail('CT4323', `"${instance}" cannot take ${what}, ${JSON.stringify(textOf(words[1]).slice(0, 80))}: ${error.message}`, {
    instance,
    hint: 'bring it back into a server of the version that the backup names, or a newer one, with the same modules',
  });
}

/** Takes back the first keys of a file. Nothing behind them is read: it may be what is damaged. */
export async function takeBack(file: string, target: Target, { keys }: Pick<Progress, 'keys'>): Promise<void> {
  if (keys === 0) return;
  let some: Buffer[] = [];
  let last: Buffer | null = null;
  let done = 0;
  for await (const { key } of renamed(file, target)) {
    if (last?.equals(key)) continue;
    last = key;
    done += 1;
    some.push(key);
    if (some.length < COMMANDS && done < keys) continue;
    const [said] = await target.connection.pipeline([['UNLINK', ...some]]);
    if (said instanceof Error) throw said;
    if (done === keys) return;
    some = [];
  }
}
