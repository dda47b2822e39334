import { type AclUser, parseWords, selectorWords } from './acl.ts';
import { type Command, evaluateRules } from './commands.ts';
import { matchesUnder } from './glob.ts';

/** What a user may do by its own rules, or by one of its selectors: a command runs where one grant allows all of it. */
export interface Grant {
  /** In the form of `AclUser`. */
  readonly keys: readonly string[];
  readonly channels: readonly string[];
  /** Sorted names with blanks between. */
  readonly commands: string;
  /** `all`, or numbers with commas. */
  readonly databases: string;
  /** Some of the commands write. */
  readonly writes: boolean;
  /** Some of the commands take keys: a pattern without any allows nothing. */
  readonly keyed: boolean;
}

/** Where keys lie: those that begin with `prefix`, in one database, or (null) in all of them. */
export interface KeyRange {
  readonly prefix: string;
  readonly database: number | null;
}

type Commands = Pick<Grant, 'commands' | 'writes' | 'keyed'>;

export type Grants = (user: Pick<AclUser, 'keys' | 'channels' | 'rules' | 'databases' | 'selectors'>) => readonly Grant[];

/** Most users have the same rules: each text is worked out once. */
export function grantReader(table: readonly Command[]): Grants {
  const writing = new Set(table.filter(({ categories }) => categories.has('@write')).map(({ name }) => name));
  const taking = new Set(table.filter(({ walled }) => walled).map(({ name }) => name));
  const known = new Map<string, Commands>();
  const commandsOf = (rules: readonly string[]): Commands => {
    const text = rules.join(' ');
    const before = known.get(text);
    if (before) return before;
    const names = evaluateRules(rules, table);
    // A rule for a first argument (`+set|x`) is a part of the command.
    const areIn = (some: ReadonlySet<string>): boolean =>
      names.some((name) => some.has(name) || some.has(name.replace(/^\+/, '').split('|')[0] ?? ''));
    const fresh = { commands: names.join(' '), writes: areIn(writing), keyed: areIn(taking) };
    known.set(text, fresh);
    return fresh;
  };
  return ({ keys, channels, rules, databases, selectors }) => [
    { keys, channels, databases, ...commandsOf(rules) },
    ...selectors.map((selector): Grant => {
      const parsed = parseWords(selectorWords(selector));
      return { keys: parsed.keys, channels: parsed.channels, databases: parsed.databases, ...commandsOf(parsed.rules) };
    }),
  ];
}

/** How a connection that begins in database 0, or a key, gets into another one. */
const ELSEWHERE = ['select', 'swapdb', 'copy', 'move', 'migrate'];

/** True where a user with these grants can put a key there. */
export function canHold(grants: readonly Grant[], range: KeyRange): boolean {
  return reaches(grants, range, ({ writes }, pattern) => writes && isWritten(pattern));
}

/** True where a user with these grants can look at a key there, or at what is known of it. */
export function canSee(grants: readonly Grant[], range: KeyRange): boolean {
  return reaches(grants, range, ({ keyed }) => keyed);
}

function reaches(grants: readonly Grant[], range: KeyRange, counts: (grant: Grant, pattern: string) => boolean): boolean {
  const travels = grants.some(({ commands }) => allows(commands, ELSEWHERE));
  return grants.some((grant) => {
    const { keys, databases } = grant;
    if (!keys.some((pattern) => counts(grant, pattern) && matchesUnder(globOf(pattern), range.prefix))) return false;
    if (range.database === null) return databases !== '';
    if (databases !== 'all' && !databases.split(',').includes(String(range.database))) return false;
    return range.database === 0 || travels;
  });
}

/** True where a user may write any key whatever: an administrator's rule, and nobody's own place. */
export function writesEverywhere(grants: readonly Grant[]): boolean {
  return grants.some(({ writes, keys }) => writes && keys.some((pattern) => isWritten(pattern) && /^\*+$/.test(globOf(pattern))));
}

export function allows(commands: string, names: readonly string[]): boolean {
  const all = new Set(commands.split(' ').map((name) => name.replace(/^\+/, '').split('|')[0]));
  return names.some((name) => all.has(name));
}

function isWritten(pattern: string): boolean {
  return !/^%R~/i.test(pattern);
}

/** The pattern without the letters that say what it is for. */
export function globOf(pattern: string): string {
  return pattern.replace(/^%[RW]{1,2}~/i, '');
}
