import { oncePer } from '../../util/once.ts';
import { type Connection, listOf } from './connect/connection.ts';
import { RELAXATIONS, type RelaxationName } from './compile/relaxations.ts';

/** One command or subcommand, as the server's own table has it. */
export interface Command {
  /** As `get` or `client|id`. */
  readonly name: string;
  /** How many words it has, itself included; less than 0: at least so many. */
  readonly arity: number;
  /** True where every key that it touches is found by the server, and so checked against the key patterns of the user. */
  readonly walled: boolean;
  readonly readOnly: boolean;
  readonly categories: ReadonlySet<string>;
}

export type Access = 'prefix' | 'database' | 'instance' | 'reader' | 'database-reader' | 'instance-reader';

/** Commands without a key that tell nothing about other apps and do nothing to them. Whatever is not here stays closed. */
const KEYLESS: ReadonlySet<string> = new Set(
  (
    'auth hello ping echo quit reset time command command|count command|docs command|getkeys command|getkeysandflags command|help command|info command|list multi exec discard unwatch subscribe psubscribe unsubscribe punsubscribe publish ' +
    'client|id client|info client|getname client|setname client|setinfo client|reply client|no-touch client|getredir client|trackinginfo client|help ' +
    'pubsub|help object|help memory|help xgroup|help xinfo|help'
  ).split(' '),
);

/** True for what tells nothing about others and does nothing to them, whoever has it; what speaks in channels does by its patterns. */
export const isHarmless = (name: string): boolean => KEYLESS.has(name) || HARMLESS.has(name);

const HARMLESS: ReadonlySet<string> = new Set([
  'select',
  'wait',
  'waitaof',
  'readonly',
  'readwrite',
  'asking',
  'watch',
  'ssubscribe',
  'sunsubscribe',
  'spublish',
  'client|no-evict',
  'script|exists',
  'script|help',
  'function|help',
  'acl|whoami',
  'acl|help',
  'acl|cat',
  'acl|genpass',
  'lolwut',
  'echo',
]);

/** Nothing to publish and nothing to queue for somebody who only reads. */
const NOT_FOR_READERS: ReadonlySet<string> = new Set(['subscribe', 'psubscribe', 'publish', 'spublish', 'ssubscribe']);

/** What reaches beyond the keys it names, though the server finds those. */
const NEVER: ReadonlySet<string> = new Set(['move', 'migrate', 'pfdebug', 'restore-asking']);

/**
 * True where a command comes to the keys that the server finds, and to nothing else: a script can run for ever, what is restored is
 * read by the server itself, and what moves a key goes where no pattern holds.
 */
export const isContained = ({ name, walled, categories }: Command): boolean =>
  walled && !NEVER.has(name) && name !== 'restore' && !categories.has('@scripting');

/** What an app may do that has a whole database to itself, where the server holds it in there. */
const WHOLE_DATABASE = ['select', 'scan', 'keys', 'randomkey', 'dbsize', 'flushdb', 'sort', 'sort_ro', 'wait', 'waitaof'];

/** The same for who only reads there. */
const WHOLE_DATABASE_TO_READ = ['select', 'scan', 'keys', 'randomkey', 'dbsize'];

/** Not even for an app that has the server to itself: they reach other machines, or are made for those who build the server. */
const NOT_FOR_APPS: ReadonlySet<string> = new Set(['migrate', 'pfdebug', 'pfselftest', 'restore-asking', 'replconf', 'asking']);

/**
 * The commands that a user may run, from the server's own table: those whose keys the server checks, a fixed list of those
 * without keys, and what the placement relaxes. A command that a later version brings stays closed until it is known to be walled.
 */
export function allowedCommands(table: readonly Command[], access: Access, relax: readonly RelaxationName[]): readonly string[] {
  const extra = new Set<string>(relax.flatMap((name) => RELAXATIONS[name].adds));
  const reads = access === 'database-reader' || access === 'instance-reader';
  const whole = new Set(access === 'database' ? WHOLE_DATABASE : reads ? WHOLE_DATABASE_TO_READ : []);
  return table
    .filter((command) => isAllowed(command, access, extra, whole))
    .map(({ name }) => name)
    .sort();
}

function isAllowed(command: Command, access: Access, extra: ReadonlySet<string>, whole: ReadonlySet<string>): boolean {
  const { name, categories, walled, readOnly } = command;
  const reads = access.endsWith('reader');
  if (access === 'instance') return !categories.has('@admin') && !NOT_FOR_APPS.has(name);
  if (extra.has(name) || whole.has(name)) return true;
  if (KEYLESS.has(name)) return !reads || !NOT_FOR_READERS.has(name);
  if (!walled || NEVER.has(name)) return false;
  if (categories.has('@admin') || categories.has('@dangerous') || categories.has('@scripting')) return false;
  return !reads || (readOnly && !categories.has('@pubsub'));
}

/** As rules: what stands for a command with all that belongs to it needs no more words. */
export function rulesFor(names: readonly string[]): readonly string[] {
  const all = new Set(names);
  return names.filter((name) => !name.includes('|') || !all.has(name.slice(0, name.indexOf('|')))).map((name) => `+${name}`);
}

/**
 * What rules come to, as sorted names. Each server tells them in a form of its own, and some make up a new one, so that
 * only the outcome can be compared. A rule that the table does not explain stands in the outcome as it is.
 */
export function evaluateRules(rules: readonly string[], table: readonly Command[]): readonly string[] {
  const allowed = new Set<string>();
  const index = indexOf(table);
  for (const rule of rules) {
    const word = rule === 'allcommands' ? '+@all' : rule === 'nocommands' ? '-@all' : rule.toLowerCase();
    for (const name of index.get(word.slice(1)) ?? [word]) {
      if (word.startsWith('+')) allowed.add(name);
      else allowed.delete(name);
    }
    if (word === '-@all') allowed.clear();
  }
  return [...allowed].sort();
}

/** What each word of a rule stands for: a command, all that belong to one, or a category. Worked out once for a table. */
const indexOf = oncePer((table: readonly Command[]): ReadonlyMap<string, readonly string[]> => {
  const index = new Map<string, string[]>();
  const add = (word: string, name: string): void => {
    const known = index.get(word);
    if (known) known.push(name);
    else index.set(word, [name]);
  };
  for (const { name, categories } of table) {
    for (const word of new Set(['@all', name, ...categories])) add(word, name);
    const bar = name.indexOf('|');
    if (bar !== -1) add(name.slice(0, bar), name);
  }
  return index;
});

/** Of these, what the server answers to by the same name: `rename-command` leaves a command in the table, and takes its name. */
export async function callableNames(connection: Pick<Connection, 'send'>, table: readonly Command[]): Promise<ReadonlySet<string>> {
  const first = (name: string): string => name.split('|', 1)[0] ?? name;
  const names = [...new Set(table.map(({ name }) => first(name)))];
  const told = listOf(await connection.send('COMMAND', 'INFO', ...names));
  const there = new Set(names.filter((_, index) => told[index] !== null));
  return new Set(table.map(({ name }) => name).filter((name) => there.has(first(name))));
}

/** The answer to COMMAND as a flat list: subcommands in the place of commands that only hold them. Throws where it has another form. */
export function commandTable(reply: unknown): readonly Command[] {
  if (!Array.isArray(reply)) throw new Error('COMMAND answers with a list');
  return reply.flatMap((entry: unknown): Command[] => {
    if (!Array.isArray(entry)) return [];
    const subcommands: unknown = entry[9];
    const own = commandOf(entry);
    if (!Array.isArray(subcommands) || subcommands.length === 0) return [own];
    const parts = subcommands.filter((one): one is unknown[] => Array.isArray(one)).map(commandOf);
    // One command does something without a subcommand too.
    return own.name === 'command' ? [own, ...parts] : parts;
  });
}

function commandOf(entry: readonly unknown[]): Command {
  const flags = words(entry[2]);
  const specs: readonly unknown[] = Array.isArray(entry[8]) ? entry[8] : [];
  const keyed = entry[3] !== 0 || specs.length > 0 || flags.includes('movablekeys');
  const categories = new Set(words(entry[6]));
  // A place in the arguments that the server's table calls no key only serves to find the right node of a cluster.
  const routed = specs.some((spec) => flatWords(spec).includes('not_key')) && !categories.has('@pubsub');
  return {
    name: String(entry[0]).toLowerCase(),
    arity: Number(entry[1]),
    walled: keyed && !routed,
    readOnly: flags.includes('readonly'),
    categories,
  };
}

function words(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function flatWords(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.flatMap(flatWords) : [String(value)];
}
