import type { Imported, SessionContext } from '../../engine/index.ts';
import type { Diagnostic } from '../../model/index.ts';
import { putIn } from '../../util/record.ts';
import { type AclUser, parseAclLine } from './acl.ts';
import { commandTable, evaluateRules } from './commands.ts';
import { addressOf, Connection, listOf } from './connection.ts';
import { prefixOf } from './glob.ts';
import { DEFAULT_USER, prefixTrouble, userTrouble } from './names.ts';
import { RELAXATIONS, RELAXATION_NAMES } from './relaxations.ts';
import { readServer } from './server.ts';

const SEPARATORS = /[^A-Za-z0-9_-]+$/;

/** Reads the users of a server: each that has the keys with one prefix, or one database, becomes an app. */
export async function readImport(url: string, password: string | null, context: SessionContext): Promise<Imported> {
  const address = addressOf(url, context.instance);
  const target = { ...address, password: password ?? address.password, tlsVerify: true };
  await using connection = await Connection.open(target, 'cotenant', context);
  const server = await readServer(connection, target.user);
  const [list, table] = await connection.pipeline([['ACL', 'LIST'], ['COMMAND']]);
  if (list instanceof Error) throw list;
  const commands = commandTable(table);
  const users = listOf(list).map((line) => parseAclLine(String(line)));
  const apps: Record<string, Record<string, unknown>> = {};
  const comments: Record<string, readonly string[]> = {};
  const left: string[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const user of users) {
    if (user.name === target.user || user.name === DEFAULT_USER) continue;
    const found = readUser(user, evaluateRules(user.rules, commands), Object.keys(apps));
    if (typeof found === 'string') {
      left.push(`user ${user.name}: ${found}`);
      const message = `the user "${user.name}" is left out: ${found}`;
      diagnostics.push({ code: 'CT2023', severity: 'warning', message, instance: context.instance });
      continue;
    }
    putIn(apps, found.app, found.placement);
    if (found.comments.length > 0) putIn(comments, found.app, found.comments);
  }
  const open = users.find(({ name }) => name === DEFAULT_USER);
  if (open?.enabled && target.user !== DEFAULT_USER)
    left.push(
      `user default: it is open${open.noPassword ? ' to everybody' : ''}, and the first apply closes it (defaultUser: keep leaves it)`,
    );
  const named = address.user === DEFAULT_USER ? '' : `${encodeURIComponent(address.user)}@`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return {
    instance: {
      url: plain(`${address.tls ? 'rediss' : 'redis'}://${named}${host}:${address.port}`),
      ...(target.password === '' ? {} : { password: { env: 'REDIS_ADMIN_PASSWORD' } }),
      ...(server.policy !== '' && server.policy !== 'noeviction' ? { eviction: 'allow' } : {}),
      ...(server.saving === 'none' ? { unsavedAcl: true } : {}),
    },
    apps,
    comments,
    left,
    diagnostics,
  };
}

interface Found {
  readonly app: string;
  readonly placement: Record<string, unknown>;
  readonly comments: readonly string[];
}

/** The placement of a user, or why it fits no level. */
function readUser(user: AclUser, allowed: readonly string[], taken: readonly string[]): Found | string {
  if (!user.enabled) return 'it is switched off';
  const trouble = userTrouble(user.name);
  if (trouble) return trouble.why;
  const [pattern, ...more] = user.keys;
  if (pattern === undefined) return 'it has no keys';
  if (more.length > 0 || pattern.startsWith('%')) return `it has the patterns ${user.keys.join(' ')}, and an app has one`;
  const prefix = prefixOf(pattern);
  if (prefix === null || prefix === '') return `the pattern ~${pattern} is no prefix`;
  const separator = SEPARATORS.exec(prefix)?.[0] ?? '';
  const name = prefix.slice(0, prefix.length - separator.length);
  if (separator === '' || name === '') return `the pattern ~${pattern} has no separator: it reaches keys of whoever has a longer name`;
  const bad = prefixTrouble(name, separator);
  if (bad) return bad.why;
  const app = appName(user.name, taken);
  const relax = RELAXATION_NAMES.filter((one) =>
    RELAXATIONS[one].adds.some((command) => command !== 'randomkey' && allowed.includes(command)),
  );
  return {
    app,
    placement: {
      ...(app === user.name ? {} : { user: plain(user.name) }),
      ...(app === name ? {} : { prefix: plain(name) }),
      ...(separator === ':' ? {} : { separator: plain(separator) }),
      adopt: true,
      ...(relax.length === 0 ? {} : { relax: Object.fromEntries(relax.map((one) => [one, true])) }),
    },
    comments: commentsOf(user, prefix),
  };
}

function commentsOf(user: AclUser, prefix: string): readonly string[] {
  const others = user.channels.filter((channel) => prefixOf(channel) !== prefix);
  return [
    ...(user.noPassword ? ['needs no password: the first apply gives it one'] : []),
    ...(user.hashes.length > 1 ? [`has ${user.hashes.length} passwords`] : []),
    ...(user.selectors.length > 0 ? [`has selectors that the first apply takes away: ${user.selectors.join(' ')}`] : []),
    ...(others.length > 0 ? [`has channels that the first apply takes away: ${others.join(' ')}`] : []),
  ];
}

/** A name that the manifest takes: names that differ in case or in `-` and `_` only count as one, and some are reserved. */
function appName(user: string, taken: readonly string[]): string {
  const folded = (name: string): string => name.toUpperCase().replaceAll('-', '_');
  const known = new Set(taken.map(folded));
  const base = user.replaceAll(/[^A-Za-z0-9_-]+/g, '_').replace(/^[^A-Za-z]+/, '') || 'app';
  let name = base.slice(0, 40);
  for (let count = 2; known.has(folded(name)) || name in Object.prototype; count++) name = `${base.slice(0, 36)}_${count}`;
  return name;
}

/** As it is: what looks like a variable in a manifest is none. */
function plain(text: string): string {
  return text.replaceAll('$', '$$$$');
}
