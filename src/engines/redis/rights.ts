import { type AclUser, parseWords, selectorWords } from './acl.ts';
import { type Command, evaluateRules } from './commands.ts';
import { matchesUnder, prefixOf } from './glob.ts';

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
    const areIn = (some: ReadonlySet<string>): boolean => names.some((name) => some.has(name) || some.has(commandOf(name)));
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

/**
 * Patterns by which a user with these grants can look at a key there, and has not the same commands for every key of `own`: for that
 * only a pattern counts that covers all of it.
 */
export function seesMore(grants: readonly Grant[], there: KeyRange, own: KeyRange): readonly string[] {
  const travels = grants.some(({ commands }) => allows(commands, ELSEWHERE));
  const inOwn = grants.filter(({ databases }) =>
    own.database === null ? databases === 'all' && travels : isIn(databases, own.database, travels),
  );
  const hasOwn = (grant: Grant, pattern: string): boolean =>
    inOwn.some(
      (one) => includes(one.commands, grant.commands) && one.keys.some((key) => serves(key, pattern) && coversAll(globOf(key), own.prefix)),
    );
  return grants.flatMap((grant) =>
    grant.keyed && isIn(grant.databases, there.database, travels)
      ? grant.keys.filter((pattern) => matchesUnder(globOf(pattern), there.prefix) && !hasOwn(grant, pattern))
      : [],
  );
}

/** True where a connection of a user with these grants comes into that database. */
export function goesInto(grants: readonly Grant[], database: number): boolean {
  const travels = grants.some(({ commands }) => allows(commands, ELSEWHERE));
  return grants.some(({ databases }) => isIn(databases, database, travels));
}

function reaches(grants: readonly Grant[], range: KeyRange, counts: (grant: Grant, pattern: string) => boolean): boolean {
  const travels = grants.some(({ commands }) => allows(commands, ELSEWHERE));
  return grants.some(
    (grant) =>
      grant.keys.some((pattern) => counts(grant, pattern) && matchesUnder(globOf(pattern), range.prefix)) &&
      isIn(grant.databases, range.database, travels),
  );
}

/** True where rules for databases let somebody into that one; null: into any. */
function isIn(databases: string, database: number | null, travels: boolean): boolean {
  if (database === null) return databases !== '';
  return isNamed(databases, database) && (database === 0 || travels);
}

/** True where a rule for databases names that one, whether or not anybody gets there. */
export function isNamed(databases: string, database: number): boolean {
  return databases === 'all' || databases.split(',').includes(String(database));
}

function coversAll(pattern: string, prefix: string): boolean {
  const start = /^\*+$/.test(pattern) ? '' : prefixOf(pattern);
  return start !== null && prefix.startsWith(start);
}

/** True where a pattern is for reading and writing as far as the other one is. */
function serves(one: string, other: string): boolean {
  const lettersOf = (pattern: string): string => /^%([RW]{1,2})~/i.exec(pattern)?.[1]?.toUpperCase() ?? 'RW';
  return [...lettersOf(other)].every((letter) => lettersOf(one).includes(letter));
}

/** Of a rule for a first argument (`+set|x`), the command that it is a part of. */
function commandOf(rule: string): string {
  return rule.replace(/^\+/, '').split('|')[0] ?? '';
}

function includes(commands: string, some: string): boolean {
  if (commands === some) return true;
  const all = new Set(commands.split(' '));
  return some.split(' ').every((name) => all.has(name) || all.has(commandOf(name)));
}

/** True where a user may write any key whatever: an administrator's rule, and nobody's own place. */
export function writesEverywhere(grants: readonly Grant[]): boolean {
  return grants.some(({ writes, keys }) => writes && keys.some((pattern) => isWritten(pattern) && /^\*+$/.test(globOf(pattern))));
}

export function allows(commands: string, names: readonly string[]): boolean {
  const all = new Set(commands.split(' ').map(commandOf));
  return names.some((name) => all.has(name));
}

function isWritten(pattern: string): boolean {
  return !/^%R~/i.test(pattern);
}

/** The pattern without the letters that say what it is for. */
export function globOf(pattern: string): string {
  return pattern.replace(/^%[RW]{1,2}~/i, '');
}
