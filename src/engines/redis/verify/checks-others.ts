import type { Findings } from '../../../engine/index.ts';
import type { AclUser } from '../acl.ts';
import { isContained, isHarmless } from '../commands.ts';
import { matchesUnder } from '../glob.ts';
import { DEFAULT_USER } from '../names.ts';
import { allows, canSee, globOf, goesInto, type Grant, grantReader, type Grants, isNamed } from '../rights.ts';
import { compile } from '../compile/compile.ts';
import { isWanted } from '../spec.ts';
import { beyond } from '../steps/operator-steps.ts';
import { differencesOf } from '../steps/save.ts';
import { commandText } from '../words.ts';
import type { Site } from './tenants.ts';
import type { CatalogSnapshot } from './catalog-snapshot.ts';
import { sha256 } from '../../../util/canonical.ts';

/** Users that are no app's and no operator's, judged by all that their rules come to; passwords that everybody knows; rules for single words. */
export function checkOthers(snapshot: CatalogSnapshot, findings: Findings): void {
  const grantsOf = grantReader(snapshot.table);
  for (const user of snapshot.users) {
    findings.judged += 1;
    if (user.enabled) checkPassword(snapshot, findings, user, grantsOf);
    if (isStranger(snapshot, user)) checkReach(snapshot, findings, user, grantsOf);
  }
  checkLater(snapshot, findings, grantsOf);
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

function checkReach(snapshot: CatalogSnapshot, findings: Findings, user: AclUser, grantsOf: Grants): void {
  // A user that is switched off keeps the connections that it has, and in them all of its rights.
  const open = snapshot.clients.filter((one) => one.user === user.name).length;
  const isAwake = open > 0 || canLogIn(user);
  // An apply switches it off, and leaves it as it was.
  if (!isAwake && user.name === DEFAULT_USER) return;
  const state = user.enabled ? (isAwake ? '' : 'no password lets anybody in; ') : 'it is switched off';
  const held = user.enabled
    ? state
    : open > 0
      ? `${state}, and ${open === 1 ? 'a connection' : `${open} connections`} of it stayed open; `
      : `${state}; `;
  const later = isAwake ? waitingIn(snapshot, user, grantsOf) : [];
  const reached = [...reachOf(snapshot, user, grantsOf), ...later].filter((one) => !isLeft(snapshot, user, one));
  for (const { to, part, answer, verdict } of reached)
    findings.add('F1', {
      from: user.name,
      to,
      statement: `${commandText('ACL', 'GETUSER', user.name)}${part}`,
      answer: held + answer,
      ...(isAwake ? (verdict === undefined ? {} : { verdict }) : { verdict: 'LATENT' }),
    });
}

const canLogIn = ({ enabled, noPassword, hashes }: AclUser): boolean => enabled && (noPassword || hashes.length > 0);

/** Patterns with which no command goes yet, or none that leads into the database of the app. A rule that names other databases stops more than that. */
function waitingIn({ tenants }: CatalogSnapshot, user: AclUser, grantsOf: Grants): readonly Reached[] {
  const grants = grantsOf(user);
  return tenants.flatMap(({ site }): readonly Reached[] => {
    if (!site) return [];
    const near = grants.filter(({ databases }) => isNamed(databases, site.database));
    const isKept = !goesInto(grants, site.database);
    const keysOf = (some: readonly Grant[]): readonly string[] =>
      some.flatMap(({ keys }) => keys.filter((pattern) => matchesUnder(globOf(pattern), site.prefix)));
    const channels = grants.flatMap((one) =>
      allows(one.commands, SPEAKS) ? [] : one.channels.filter((pattern) => matchesUnder(pattern, site.channel)),
    );
    const put = (patterns: readonly string[], what: string, lacks: string): readonly Reached[] =>
      patterns.length === 0
        ? []
        : [{ to: site.app, part: ` (${what})`, answer: `${patterns.join(' ')}, and ${lacks} yet`, verdict: 'LATENT' }];
    return [
      ...put(keysOf(near.filter(({ keyed }) => !keyed)), 'patterns', 'no command that goes with it'),
      ...put(
        keysOf(near.filter(({ keyed }) => keyed && isKept)),
        'patterns with commands',
        `no command that leads into database ${site.database}`,
      ),
      ...put(channels, 'channels', 'no command that goes with it'),
    ];
  });
}

/** Nobody whom the manifest names, and not cotenant itself. */
function isStranger({ input, facts, tenants }: CatalogSnapshot, { name }: AclUser): boolean {
  const people = [
    ...input.operators.map((one) => one.name),
    ...input.known.map((one) => one.user),
    facts.user,
    ...tenants.map(({ user }) => user),
  ];
  return !people.includes(name) && !(name === DEFAULT_USER && input.config.defaultUser === 'keep');
}

/** What a user that left the manifest has until the next apply, or whoever bears a copy of its mark: what is its app's own, and no more. */
function isLeft({ input }: CatalogSnapshot, { mark }: AclUser, { to, verdict }: Reached): boolean {
  if (mark?.project !== input.project || mark.retired !== undefined) return false;
  return to === mark.app || (to === null && (verdict === 'LEAK' || verdict === 'STARVE'));
}

/** What somebody of no app comes to. */
interface Reached {
  /** null: the server. */
  readonly to: string | null;
  /** Which part of the user says so. */
  readonly part: string;
  readonly answer: string;
  readonly verdict?: 'LEAK' | 'STARVE' | 'LATENT';
}

function reachOf(snapshot: CatalogSnapshot, user: AclUser, grantsOf: Grants): readonly Reached[] {
  const grants = grantsOf(user);
  const patterns = grants.flatMap(({ keys }) => keys);
  const retired = user.mark?.retired !== undefined && user.enabled;
  const sites = [
    ...snapshot.tenants.flatMap(({ site }) => (site ? [site] : [])),
    ...goneFor(snapshot, user.mark?.retired === undefined ? user.mark?.app : undefined),
  ];
  return [
    ...(retired ? [{ to: null, part: '', answer: 'its app is retired, and it can log in' }] : []),
    ...sites.flatMap(({ app, prefix, channel, database }): Reached[] => [
      ...(canSee(grants, { prefix, database })
        ? [
            {
              to: app,
              part: '',
              answer: `its patterns ${patterns.join(' ')} and its commands reach keys that begin with ${prefix}`,
            },
          ]
        : []),
      ...(grants.some((grant) => speaksIn(grant, channel, prefix))
        ? [{ to: app, part: '', answer: `it hears or speaks in channels of ${channel}` }]
        : []),
    ]),
    ...powersOf(snapshot, grants),
  ];
}

/** Data of apps that were retired, less what is one's own. An app of the same name has its data again. */
export function goneFor({ gone, tenants }: CatalogSnapshot, app: string | undefined): readonly Site[] {
  return gone.filter(
    (one) => one.app !== app && !tenants.some(({ site }) => site?.prefix === one.prefix && site.database === one.database),
  );
}

function powersOf(snapshot: CatalogSnapshot, grants: readonly Grant[]): readonly Reached[] {
  const contained = new Set(snapshot.table.filter(isContained).map((command) => command.name));
  const scripts = new Set(
    snapshot.table.filter(({ walled, categories }) => walled && categories.has('@scripting')).map(({ name }) => name),
  );
  const beyond = new Set(
    grants.flatMap(({ commands }) => commands.split(' ')).filter((one) => one !== '' && !contained.has(one) && !isHarmless(bare(one))),
  );
  const dangerous = [...beyond].filter((one) => isDangerous(snapshot, one));
  const stopping = [...beyond].filter((one) => scripts.has(one) && !dangerous.includes(one));
  const rest = [...beyond].filter((one) => !dangerous.includes(one) && !scripts.has(one));
  return [
    ...(dangerous.length > 0 ? [{ to: null, part: ' (commands)', answer: shown(dangerous) }] : []),
    ...(stopping.length > 0
      ? [
          {
            to: null,
            part: ' (scripts)',
            answer: `${shown(stopping)}, and whoever runs a script holds up everybody`,
            verdict: 'STARVE' as const,
          },
        ]
      : []),
    ...(rest.length > 0 ? [{ to: null, part: ' (other commands)', answer: shown(rest), verdict: 'LEAK' as const }] : []),
  ];
}

/** What users have in the file that the server starts with, and do not have now. */
function checkLater(snapshot: CatalogSnapshot, findings: Findings, grantsOf: Grants): void {
  const { later, users, input, tenants, observation } = snapshot;
  const put = (user: string, to: string | null, answer: string): void =>
    findings.add('P2', {
      from: tenants.find((one) => one.user === user)?.app ?? user,
      to,
      statement: `user ${user} in the file of the access list`,
      answer,
    });
  const live = new Map(users.map((user) => [user.name, user]));
  for (const user of later?.values() ?? []) {
    findings.judged += 1;
    if (!user.enabled || !isStranger(snapshot, user)) continue;
    const before = live.get(user.name);
    const has = new Set((before?.enabled === true ? reachOf(snapshot, before, grantsOf) : []).map(({ to, answer }) => `${to} ${answer}`));
    for (const { to, answer } of reachOf(snapshot, user, grantsOf)) if (!has.has(`${to} ${answer}`)) put(user.name, to, answer);
    if (user.noPassword && before?.noPassword !== true) put(user.name, null, 'it connects without a password');
  }
  const strangers = new Set(users.filter((user) => isStranger(snapshot, user)).map(({ name }) => name));
  const known = new Set(input.known.map(({ user }) => user));
  const words = new Map(compile(input).resources.flatMap((one) => (isWanted(one, 'operator') ? [[one.address.name, one.spec.may]] : [])));
  for (const { user, more, fileOnly } of differencesOf(observation))
    if (!fileOnly && more.length > 0 && !strangers.has(user) && !known.has(user)) {
      const may = words.get(user);
      const then = later?.get(user);
      // An operator gets what its words say, and no more.
      const beside = may && then ? beyond({ ...then, grants: grantsOf(then) }, may, observation) : more;
      if (beside.length > 0) put(user, null, beside.join('; '));
    }
}

const SPEAKS = ['subscribe', 'psubscribe', 'ssubscribe', 'publish', 'spublish'];

/** Keyspace events name keys of everybody. */
function speaksIn({ channels, commands }: Grant, channel: string, prefix: string): boolean {
  if (!allows(commands, SPEAKS)) return false;
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
function checkPassword(snapshot: CatalogSnapshot, findings: Findings, user: AclUser, grantsOf: Grants): void {
  const { input, tenants, users } = snapshot;
  const { name, noPassword, hashes } = user;
  if (tenants.some(({ user }) => user === name)) return;
  // Whoever is accepted may ask for no password, as a health check does, as long as that leads nowhere.
  if (input.known.some((one) => one.user === name) && reachOf(snapshot, user, grantsOf).length === 0) return;
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
