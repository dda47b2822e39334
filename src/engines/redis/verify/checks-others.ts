import type { Findings } from '../../../engine/index.ts';
import type { AclUser } from '../acl.ts';
import { isHarmless } from '../commands.ts';
import { matchesUnder } from '../glob.ts';
import { DEFAULT_USER } from '../names.ts';
import { sha256 } from '../observe/observe.ts';
import { canSee, type Grant, grantReader } from '../rights.ts';
import { commandText } from '../words.ts';
import type { Site } from './tenants.ts';
import type { CatalogSnapshot } from './catalog-snapshot.ts';

/** Users that are no app's and no operator's, judged by all that their rules come to; passwords that everybody knows; rules for single words. */
export function checkOthers(snapshot: CatalogSnapshot, findings: Findings): void {
  const grantsOf = grantReader(snapshot.table);
  const sites = snapshot.tenants.flatMap(({ site }) => (site ? [site] : []));
  for (const user of snapshot.users.filter(({ enabled }) => enabled)) {
    findings.judged += 1;
    checkPassword(snapshot, findings, user);
    if (isStranger(snapshot, user)) checkStranger(snapshot, findings, { user, grants: grantsOf(user), sites });
  }
  for (const tenant of snapshot.tenants) {
    const user = snapshot.users.find(({ name }) => name === tenant.user);
    // A rule for one first word is a part of a command that the server's table does not have.
    const parts = user
      ? grantsOf(user).flatMap(({ commands }) => commands.split(' ').filter((name) => name.startsWith('+') && !tenant.allowed.has(name)))
      : [];
    for (const part of parts)
      findings.add('K26', {
        from: tenant.app,
        to: null,
        statement: commandText('ACL', 'GETUSER', tenant.user),
        answer: `the rule ${part}`,
        verdict: isDangerous(snapshot, part) ? 'BREACH' : 'LEAK',
      });
  }
}

/** Nobody whom the manifest names, and not cotenant itself. A retired app is one, once somebody switched it on again. */
function isStranger({ input, facts, tenants }: CatalogSnapshot, { name, mark }: AclUser): boolean {
  const people = [
    ...input.operators.map((one) => one.name),
    ...input.known.map((one) => one.user),
    facts.user,
    ...tenants.map(({ user }) => user),
  ];
  if (people.includes(name) || (name === DEFAULT_USER && input.config.defaultUser === 'keep')) return false;
  return mark?.project !== input.project || mark.retired !== undefined;
}

interface Stranger {
  readonly user: AclUser;
  readonly grants: readonly Grant[];
  readonly sites: readonly Site[];
}

function checkStranger(snapshot: CatalogSnapshot, findings: Findings, { user, grants, sites }: Stranger): void {
  const { name, mark } = user;
  const base = { from: name, statement: commandText('ACL', 'GETUSER', name) };
  if (mark?.retired !== undefined) findings.add('F1', { ...base, to: null, answer: 'its app is retired, and it can log in' });
  for (const { app, prefix, channel, database } of sites) {
    const patterns = grants.flatMap(({ keys }) => keys);
    if (canSee(grants, { prefix, database }))
      findings.add('F1', {
        ...base,
        to: app,
        answer: `its patterns ${patterns.join(' ')} and its commands reach keys that begin with ${prefix}`,
      });
    if (grants.some((grant) => speaksIn(grant, channel, prefix)))
      findings.add('F1', { ...base, to: app, answer: `it hears or speaks in channels of ${channel}` });
  }
  const walled = new Set(snapshot.table.filter((command) => command.walled).map((command) => command.name));
  const beyond = new Set(
    grants.flatMap(({ commands }) => commands.split(' ')).filter((one) => one !== '' && !walled.has(one) && !isHarmless(bare(one))),
  );
  const dangerous = [...beyond].filter((one) => isDangerous(snapshot, one));
  const rest = [...beyond].filter((one) => !dangerous.includes(one));
  if (dangerous.length > 0) findings.add('F1', { ...base, to: null, statement: `${base.statement} (commands)`, answer: shown(dangerous) });
  if (rest.length > 0)
    findings.add('F1', { ...base, to: null, statement: `${base.statement} (other commands)`, answer: shown(rest), verdict: 'LEAK' });
}

const SPEAKS = ['subscribe', 'psubscribe', 'ssubscribe', 'publish', 'spublish'];

/** Keyspace events name keys of everybody. */
function speaksIn({ channels, commands }: Grant, channel: string, prefix: string): boolean {
  if (!commands.split(' ').some((one) => SPEAKS.includes(bare(one)))) return false;
  const places = [channel, `__keyspace@0__:${prefix}`, '__keyevent@'];
  return channels.some((pattern) => places.some((place) => matchesUnder(pattern, place)));
}

/** A rule for a first word begins with a plus: the command that it is a part of. */
const bare = (name: string): string => (name.startsWith('+') ? (name.slice(1).split('|')[0] ?? '') : name);

function isDangerous({ table }: CatalogSnapshot, name: string): boolean {
  const command = table.find((one) => one.name === bare(name) || one.name.startsWith(`${bare(name)}|`));
  return command === undefined || command.categories.has('@admin') || command.categories.has('@dangerous');
}

const shown = (names: readonly string[]): string =>
  `it may ${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;

/** Those that are tried first, besides the empty one and names of users. */
const COMMON = ['admin', 'password', 'redis', 'valkey', 'secret', 'changeme', 'foobared', 'default', '123456'];

/** The hashes are the server's, without salt: a guess is one comparison. */
function checkPassword({ input, tenants, users }: CatalogSnapshot, findings: Findings, { name, noPassword, hashes }: AclUser): void {
  if (tenants.some(({ user }) => user === name) || input.known.some(({ user }) => user === name)) return;
  const isKept = name === DEFAULT_USER && input.config.defaultUser === 'keep';
  // The user `default` without a password has a page of its own.
  const open = noPassword && name !== DEFAULT_USER;
  const guessed = ['', name, ...users.map((one) => one.name), ...COMMON].find((guess) => hashes.includes(sha256(guess)));
  const how = open
    ? 'nopass: no password is asked for'
    : guessed === ''
      ? 'its password is empty'
      : guessed === undefined
        ? null
        : 'its password is the name of a user, or one of those that everybody tries';
  if (how !== null && !isKept) findings.add('A5', { from: null, to: null, statement: commandText('ACL', 'GETUSER', name), answer: how });
}
