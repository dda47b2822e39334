import { FreshNames, ofProject, plainText } from '../../../engine/index.ts';
import { putIn } from '../../../util/record.ts';
import type { AclUser } from '../acl.ts';
import { allowedCommands, type Command, isHarmless } from '../commands.ts';
import { escapeGlob, prefixOf, startsWith } from '../glob.ts';
import { isLedger } from '../marks/ledger.ts';
import { lossesBetween } from '../losses.ts';
import { DEFAULT_USER, prefixTrouble, userTrouble } from '../names.ts';
import { RELAXATIONS, RELAXATION_NAMES, type RelaxationName } from '../compile/relaxations.ts';
import { type Grant, grantReader } from '../rights.ts';

const SEPARATORS = /[^A-Za-z0-9_-]+$/;

export interface ImportedUsers {
  readonly apps: Readonly<Record<string, Record<string, unknown>>>;
  readonly comments: Readonly<Record<string, readonly string[]>>;
  readonly left: readonly LeftOut[];
}

interface LeftOut {
  readonly user: string;
  readonly why: string;
  /** It is nobody's here and can log in: `known` keeps it. */
  readonly works: boolean;
}

/** A user that has the keys with one prefix. */
interface Candidate {
  readonly user: AclUser;
  /** Without the separator. */
  readonly name: string;
  readonly separator: string;
  /** By its pattern; a login beside another one reads too where it writes nothing. */
  readonly reads: boolean;
  readonly writes: boolean;
  readonly relax: readonly RelaxationName[];
  readonly grants: readonly Grant[];
}

/** What decides besides the rules of a user. */
export interface Around {
  readonly table: readonly Command[];
  /** As whom the server is read. */
  readonly operator: string;
  /** That the manifest is to have. */
  readonly project: string;
  /** Somebody has loaded libraries of functions. */
  readonly hasFunctions: boolean;
  /** What anybody has run since the server started: the server counts no single user's. */
  readonly ran: ReadonlySet<string>;
  /** What each user's open connections ran last. */
  readonly running: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Where one of these was run since the server started, somebody counts on it; others a look at the server runs as well. */
const COUNTED: ReadonlySet<string> = new Set(
  'flushall flushdb swapdb migrate randomkey script|flush script|kill client|pause client|unpause client|unblock client|no-evict'.split(
    ' ',
  ),
);
/** Whoever has these was meant to have what no app has; `+@write` and `+@connection` bring some of it along unasked. */
const BROAD = ['+@all', 'allcommands', '+@admin', '+@dangerous'] as const;

/**
 * Users with one prefix become an app, each with a login of its own; whoever fits no level, or would lose by it what works today, is
 * left as it is, with the reason.
 */
export function importUsers(users: readonly AclUser[], around: Around): ImportedUsers {
  const { table, operator } = around;
  const grantsOf = grantReader(table);
  const left: LeftOut[] = [];
  const fitting = users.flatMap((user): Candidate[] => {
    if (user.name === operator || user.name === DEFAULT_USER || isLedger(user.name)) return [];
    const found = candidate(user, grantsOf(user), around.project);
    const why = typeof found === 'string' ? found : beyond(found, around);
    if (typeof found !== 'string' && why === null) return [found];
    left.push({ user: user.name, why: why ?? '', works: user.enabled && user.mark?.project !== around.project });
    return [];
  });
  const whole = ({ name, separator }: Candidate): string => name + separator;
  // Of two prefixes that nest, the inner one's keys are the outer one's too: only one of them can be an app's.
  const kept = fitting.filter((one) => {
    const outer = fitting.find((other) => whole(other) !== whole(one) && whole(one).startsWith(whole(other)));
    if (outer) {
      const why = `its prefix lies inside "${whole(outer)}", which the user ${outer.user.name} has`;
      left.push({ user: one.user.name, why, works: true });
    }
    return !outer;
  });
  const apps: Record<string, Record<string, unknown>> = {};
  const comments: Record<string, readonly string[]> = {};
  const fresh = new FreshNames();
  for (const group of Map.groupBy(kept, whole).values()) {
    // Who writes serves the app; of several the first.
    const [main, ...rest] = group.toSorted((a, b) => Number(a.reads) - Number(b.reads) || Number(b.writes) - Number(a.writes));
    if (!main) continue;
    const others = rest.map((one) => ({ ...one, reads: one.reads || (!one.writes && one.user.channels.length === 0) }));
    const app = fresh.app(main.user.name);
    const logins = new FreshNames('app');
    const names = others.map((one) => logins.app(one.user.name));
    putIn(apps, app, placementOf(app, main, others, names));
    const said = [main, ...others].flatMap((one) => [
      ...commentsOf(one).map((text) => (one === main ? text : `${one.user.name} ${text}`)),
      ...changesOf(one, table),
    ]);
    if (said.length > 0) putIn(comments, app, said);
  }
  return { apps, comments, left };
}

/** What it can do and no app can, so that it would stop by the first apply; null: nothing that counts. */
function beyond(one: Candidate, { table, hasFunctions, ran, running }: Around): string | null {
  const after = grantOf(one, table);
  const has = new Set(after.commands.split(' '));
  const byName = new Map(table.map((command) => [command.name, command]));
  const asked = new Set(one.user.rules.map((rule) => rule.toLowerCase()));
  const isBroad = BROAD.some((rule) => asked.has(rule));
  const gone = one.grants.flatMap(({ commands }) => commands.split(' ')).filter((name) => name !== '' && !has.has(name));
  const powers = gone.filter((name) => {
    const categories = byName.get(name)?.categories;
    // No node of a cluster is imported.
    if (isHarmless(name) || name.endsWith('|help') || name.startsWith('cluster|')) return false;
    // What the table does not explain is a rule for one argument.
    if (!categories) return true;
    // Somebody counts on what was run.
    if ((COUNTED.has(name) && ran.has(name)) || running.get(one.user.name)?.has(name) === true) return true;
    if (!categories.has('@dangerous') && !categories.has('@admin')) return hasFunctions && name.startsWith('function|');
    const isNamed = asked.has(`+${name}`) || asked.has(`+${name.split('|', 1)[0] ?? name}`);
    return isBroad || isNamed;
  });
  const channels = lossesBetween(one.grants, [{ ...after, commands: gone.concat(after.commands).join(' ') }]);
  const words = [
    ...(powers.length > 0 ? [`run ${powers.map((name) => name.toUpperCase().replace('|', ' ')).join(', ')}`] : []),
    ...channels.filter((word) => word.startsWith('channels ')),
  ];
  return words.length === 0 ? null : `it would lose what no app has: ${brief(words)}`;
}

/** Why it fits no level, where it does not. */
function candidate(user: AclUser, grants: readonly Grant[], project: string): Candidate | string {
  if (user.mark) return ofProject(user.mark.project, project);
  if (!user.enabled) return 'it is switched off';
  const trouble = userTrouble(user.name);
  if (trouble) return trouble.why;
  const [rule, ...more] = user.keys;
  if (rule === undefined) return 'it has no keys';
  if (more.length > 0) return `it has the patterns ${user.keys.join(' ')}, and an app has one`;
  if (/^%W~/i.test(rule)) return `the pattern ${rule} lets it write keys that it cannot read`;
  const pattern = rule.replace(/^%R~/i, '');
  const prefix = prefixOf(pattern);
  if (prefix === null || prefix === '') return `the pattern ~${pattern} is no prefix`;
  const separator = SEPARATORS.exec(prefix)?.[0] ?? '';
  const name = prefix.slice(0, prefix.length - separator.length);
  if (separator === '' || name === '') return `the pattern ~${pattern} has no separator: it reaches keys of whoever has a longer name`;
  const bad = prefixTrouble(name, separator);
  if (bad) return bad.why;
  // What no level says would be guessed away.
  if (user.selectors.length > 0) return `it has selectors, and no level grants them: ${user.selectors.join(' ')}`;
  if (user.noPassword) return 'it needs no password (nopass), and an app’s login always has one';
  const allowed = new Set(grants[0]?.commands.split(' '));
  const relax = RELAXATION_NAMES.filter((one) => RELAXATIONS[one].adds.some((command) => command !== 'randomkey' && allowed.has(command)));
  return { user, name, separator, reads: pattern !== rule, writes: grants[0]?.writes === true, relax, grants };
}

function placementOf(app: string, main: Candidate, others: readonly Candidate[], names: readonly string[]): Record<string, unknown> {
  const { user, name, separator, relax } = main;
  const channels = [...new Set([main, ...others].flatMap(channelsOf))];
  const login = (one: Candidate): Record<string, unknown> => ({
    as: one.reads ? 'read' : 'rw',
    user: plainText(one.user.name),
    ...(one.relax.length === 0 ? {} : { relax: relaxed(one.relax) }),
  });
  const plainUser = others.length === 0 && !main.reads;
  return {
    ...(app === user.name || !plainUser ? {} : { user: plainText(user.name) }),
    ...(app === name ? {} : { prefix: plainText(name) }),
    ...(separator === ':' ? {} : { separator: plainText(separator) }),
    adopt: true,
    ...(plainUser
      ? {}
      : { logins: { app: login(main), ...Object.fromEntries(others.map((one, index) => [names[index] ?? '', login(one)])) } }),
    ...(channels.length === 0 ? {} : { channels: channels.map(plainText) }),
    ...(relax.length === 0 || !plainUser ? {} : { relax: relaxed(relax) }),
  };
}

function relaxed(names: readonly RelaxationName[]): Record<string, true> {
  return Object.fromEntries(names.map((one) => [one, true]));
}

/** Patterns of its own behind the prefix: the server compares what is subscribed to with them letter by letter. */
function channelsOf({ user, name, separator, reads }: Candidate): readonly string[] {
  const front = escapeGlob(name + separator);
  return reads
    ? []
    : user.channels.flatMap((one) =>
        one.startsWith(front) && one.length > front.length && one !== `${front}*` && !one.endsWith(')') ? [one.slice(front.length)] : [],
      );
}

function commentsOf({ user }: Candidate): readonly string[] {
  return user.hashes.length > 1 ? [`has ${user.hashes.length} passwords`] : [];
}

/** What the first apply gives and takes: nobody is to find that out later. */
function changesOf(one: Candidate, table: readonly Command[]): readonly string[] {
  const { user, grants } = one;
  const after = grantOf(one, table);
  const taken = lossesBetween(grants, [after]);
  const given = lossesBetween([after], grants);
  return [
    ...(taken.length > 0 ? [`user ${user.name}: becomes an app's login; the first apply revokes: ${brief(taken)}`] : []),
    ...(given.length > 0 ? [`user ${user.name}: becomes an app's login; the first apply grants: ${brief(given)}`] : []),
  ];
}

/** What it may do as a login of an app. */
function grantOf(one: Candidate, table: readonly Command[]): Grant {
  const { name, separator, reads, relax } = one;
  const commands = allowedCommands(table, reads ? 'reader' : 'prefix', relax).join(' ');
  const pattern = startsWith(name + separator);
  const channels = reads ? [] : [pattern, ...channelsOf(one).map((own) => escapeGlob(name + separator) + own)];
  return { keys: [reads ? `%R~${pattern}` : pattern], channels, commands, databases: 'all', writes: !reads, keyed: true };
}

function brief(words: readonly string[]): string {
  return words.map((word) => (word.length > 160 ? `${word.slice(0, word.lastIndexOf(', ', 150))} and more` : word)).join('; ');
}
