import { Admin } from './admin.ts';
import { manifestOf, type Workplace, workplace } from '../../engines/redis/lifecycle/harness.ts';
import type { RedisServer } from '../../engines/redis/runtime.ts';
import { Sessions } from '../../../src/app/sessions.ts';
import type { Analysis } from '../../../src/engine/index.ts';
import type { VerifyReport } from '../../../src/model/index.ts';
import type { Broken, Effects } from '../suite.ts';
import { effectsOf, type Person } from './judge.ts';
import { HeldSession } from './held.ts';
import type { Mutation } from './mutations.ts';

const MANIFEST = `apps:
  r_a: { uses: { main: {} } }
  r_b: { uses: { main: {} } }
  r_c: { uses: { main: { relax: { scripting: true } } } }
GONE
readers:
  r_lens: { reads: [r_a] }
operators:
  watch: { may: [monitor] }
`;
const GONE = '  r_gone: { uses: { main: {} } }';
const APPS = ['r_a', 'r_b', 'r_c'];
/** What a stranger tries first. */
const GUESSES = ['', 'r_a', 'web', 'admin', 'anything'];
const SETTINGS = ['notify-keyspace-events', 'maxmemory-policy', 'requirepass'];

/** Three apps, a reader, an operator, a stranger and a retired app on one server. */
export class RedisWalls implements Broken<Mutation>, AsyncDisposable {
  readonly #server: RedisServer;
  readonly #place: Workplace;
  readonly #admin: Admin;
  #lines: readonly string[] = [];
  #settings: readonly string[] = [];
  #people: readonly Person[] = [];
  #held: { readonly user: string; readonly session: HeldSession } | null = null;

  private constructor(server: RedisServer, place: Workplace, admin: Admin) {
    [this.#server, this.#place, this.#admin] = [server, place, admin];
  }

  static async build(server: RedisServer): Promise<RedisWalls> {
    const place = await workplace(server, manifestOf(MANIFEST.replace('GONE', GONE)));
    const admin = new Admin(server);
    await admin.send(['ACL', 'SETUSER', 'watch', 'on', '>judge']);
    await admin.send(['ACL', 'SETUSER', 'web', 'on', '>judge', '+ping']);
    const walls = new RedisWalls(server, place, admin);
    await place.apply({ confirm: ['default', 'web', 'watch'] });
    await place.write(manifestOf(MANIFEST.replace('GONE\n', '')));
    await place.apply({ confirm: ['default', 'web', 'watch'] });
    const done = await place.apply();
    if (done.ending !== 'nothing-to-do') throw new Error(JSON.stringify(done));
    const apps = await Promise.all(
      [...APPS, 'r_lens'].map(
        async (app): Promise<Person> => ({ user: app, app, known: [passwordIn(await place.reveal(app))], passwords: [] }),
      ),
    );
    const strangers = ['web', 'watch', 'fresh', 'r_gone', 'default'].map(
      (name): Person => ({ user: name, app: name, known: ['judge'], passwords: GUESSES }),
    );
    const others: readonly Person[] = [
      { user: 'admin', app: 'nobody', known: [], passwords: GUESSES },
      { user: 'r_b', app: 'r_a', known: [], passwords: [apps[0]?.known[0] ?? '', ...GUESSES] },
    ];
    walls.#people = [...apps, ...strangers, ...others];
    walls.#lines = (await admin.send(['ACL', 'LIST'])) as string[];
    walls.#settings = await Promise.all(SETTINGS.map(async (name) => ((await admin.send(['CONFIG', 'GET', name])) as string[])[1] ?? ''));
    await walls.reset();
    return walls;
  }

  async change({ commands, held }: Mutation): Promise<void> {
    await this.#send(commands);
    if (!held) return;
    this.#held = { user: held.user, session: await HeldSession.open(this.#server, held) };
    await this.#send(held.after);
  }

  async #send(commands: Mutation['commands']): Promise<void> {
    for (const words of commands) {
      const list = (await this.#admin.send(['ACL', 'LIST'])) as string[];
      const named = words.map((word) => (word === 'r_gone' ? (nameOfGone(list) ?? word) : word));
      const filled = named.map((word) => word.replace(/<hash of (\w+)>/, (_, user: string) => hashIn(list, user)));
      await this.#admin.send(filled.flatMap((word) => rulesFrom(word, list)));
    }
  }

  async effects(): Promise<Effects> {
    const kept = await this.#heard();
    const list = (await this.#admin.send(['ACL', 'LIST'])) as string[];
    const people = this.#people.map((one) => (one.user === 'r_gone' ? { ...one, user: nameOfGone(list) ?? 'r_gone' } : one));
    const tried = await effectsOf(this.#server, this.#admin, people, async () => await this.#put(list));
    return new Map([...kept, ...tried]);
  }

  /** What a connection from before gives to whoever has it. */
  async #heard(): Promise<Effects> {
    if (this.#held === null) return new Map();
    const { user, session } = this.#held;
    const victims = async (): Promise<void> => {
      for (const words of [
        ['SET', 'r_b:secret', 'canary-r_b'],
        ['RPUSH', 'r_b:queue', 'canary-r_b'],
        ['XADD', 'r_b:stream', '*', 'field', 'canary-r_b'],
        ['PUBLISH', 'r_b:news', 'canary-r_b'],
      ])
        await this.#admin.send(words);
    };
    return new Map((await session.hears(victims)) ? [[`${user} hears r_b`, 'a connection from before']] : []);
  }

  async analyse(): Promise<Analysis> {
    await using sessions = await Sessions.open(await this.#place.open());
    const verifier = await sessions.reached[0]?.session.verifier?.();
    if (!verifier) throw new Error(JSON.stringify(sessions.missed));
    return await verifier.analyse();
  }

  async verify(): Promise<VerifyReport> {
    return await this.#place.verify();
  }

  /** As it was after `build`. */
  async reset(): Promise<void> {
    this.#held?.session.end();
    this.#held = null;
    await this.#put(this.#lines);
  }

  /** With the users of that list, and everybody's keys. */
  async #put(lines: readonly string[]): Promise<void> {
    const admin = this.#admin;
    const names = (line: string): string => line.split(' ')[1] ?? '';
    const there = ((await admin.send(['ACL', 'LIST'])) as string[]).filter((line) => !lines.includes(line));
    for (const line of there) if (!lines.some((one) => names(one) === names(line))) await admin.send(['ACL', 'DELUSER', names(line)]);
    for (const line of lines)
      if (!(lines === this.#lines) || there.some((one) => names(one) === names(line)))
        await admin.send(['ACL', 'SETUSER', names(line), 'reset', ...wordsOf(line)]);
    if (lines === this.#lines)
      for (const [index, name] of SETTINGS.entries())
        if (name !== 'requirepass') await admin.send(['CONFIG', 'SET', name, this.#settings[index] ?? '']);
    if (lines === this.#lines) await admin.send(['FUNCTION', 'FLUSH']);
    await admin.send(['FLUSHALL']);
    for (const app of [...APPS, 'r_gone']) {
      await admin.send(['SET', `${app}:secret`, `canary-${app}`]);
      await admin.send(['HSET', `${app}:hash`, 'field', `canary-${app}`]);
      await admin.send(['RPUSH', `${app}:list`, `canary-${app}`]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#held?.session.end();
    this.#admin.end();
    await this.#place[Symbol.asyncDispose]();
  }
}

/** Selectors are one word each. */
const wordsOf = (line: string): readonly string[] => (line.match(/\([^)]*\)|\S+/g) ?? []).slice(2);
const hashIn = (list: readonly string[], user: string): string =>
  /#([0-9a-f]{64})/.exec(list.find((line) => line.startsWith(`user ${user} `)) ?? '')?.[1] ?? '';
/** `<rules of r_b>`: all words of that user; `<mark of r_b>`: the selector that says whose it is. */
function rulesFrom(word: string, list: readonly string[]): readonly string[] {
  const [, what, user = ''] = /^<(rules|mark) of (\w+)>$/.exec(word) ?? [];
  if (what === undefined) return [word];
  const rules = wordsOf(list.find((line) => line.startsWith(`user ${user} `)) ?? '');
  return what === 'rules' ? rules : rules.filter((one) => one.includes('project='));
}
const nameOfGone = (list: readonly string[]): string | undefined =>
  list.map((line) => line.split(' ')[1]).find((name) => name?.startsWith('r_gone__'));
const passwordIn = (variables: Readonly<Record<string, string>>): string => {
  const url = Object.values(variables).find((value) => /^rediss?:/.test(value)) ?? '';
  return decodeURIComponent(new URL(url).password);
};
