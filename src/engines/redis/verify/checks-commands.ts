import type { Findings } from '../../../engine/index.ts';
import { parseWords, selectorWords } from '../acl.ts';
import { type Command, evaluateRules } from '../commands.ts';
import type { Connection } from '../connection.ts';
import { RELAXATIONS, type RelaxationName } from '../compile/relaxations.ts';
import { commandText } from '../words.ts';
import { databaseTricks, ownWords, PROBE, serverTricks, type Trick } from './attempts.ts';
import { dryRun } from './dry-run.ts';
import { fixCommand, fixPatterns } from './fixes.ts';
import type { Tenant } from './tenants.ts';
import type { World } from './world.ts';

const TRIED = new Set(serverTricks.map(({ command }) => command));

/** Everything in the server's own command table that a user is not meant to have, whatever form its rules have. */
export async function checkCommands(world: World, connection: Connection, findings: Findings): Promise<void> {
  const known = new Set(world.table.map(({ name }) => name));
  const asked = world.tenants.flatMap((tenant) => [
    ...tricksOf(tenant, known, world.facts.databaseRules).map((trick) => ({ tenant, ...trick })),
    ...restOf(tenant, world.table).map((command) => ({
      tenant,
      probe: 'K26',
      command: command.name,
      words: wordsFor(command, tenant),
      dangerous: isDangerous(command),
    })),
  ]);
  const verdicts = await dryRun(
    connection,
    asked.map(({ tenant, words }) => ({ user: tenant.user, words, database: tenant.home.database })),
  );
  findings.judged += verdicts.length;
  const grantedTo = grantsIn(world);
  for (const [index, one] of asked.entries()) {
    const { tenant, probe, words } = one;
    // What has another name here the server does not know by this one, and its rules still speak of it by this one.
    const byRule = verdicts[index] === 'unknown' && grantedTo(tenant).has(one.command);
    if (verdicts[index] !== 'allowed' && !byRule) continue;
    const asks = byRule ? ['GETUSER', tenant.user] : ['DRYRUN', tenant.user, ...words];
    findings.add(probe, {
      from: tenant.app,
      to: null,
      statement: commandText('ACL', ...asks),
      answer: byRule ? `the rule +${one.command}, whatever the command is called here` : 'OK',
      fix: isChannelTrick(one) ? fixPatterns(tenant, world.observation) : fixCommand(tenant, one.command),
      ...('dangerous' in one && one.dangerous ? { verdict: 'BREACH' as const } : {}),
    });
  }
}

/** Commands that the rules of a tenant's user come to, those of its selectors as well. */
function grantsIn({ users, table }: World): (tenant: Tenant) => ReadonlySet<string> {
  const known = new Map<string, ReadonlySet<string>>();
  return ({ user }) => {
    const there = known.get(user);
    if (there) return there;
    const seen = users.find(({ name }) => name === user);
    const lists = seen ? [seen.rules, ...seen.selectors.map((one) => parseWords(selectorWords(one)).rules)] : [];
    const all = new Set(lists.flatMap((rules) => evaluateRules(rules, table)));
    known.set(user, all);
    return all;
  };
}

/** Tricks on the server that must be refused to this user. */
export function tricksOf(tenant: Tenant, known: ReadonlySet<string>, walled: boolean): readonly Trick[] {
  if (tenant.access === 'instance') {
    const closed = serverTricks.filter(({ command }) => known.has(command) && !tenant.allowed.has(command));
    return closed.map((trick) => ({ ...trick, words: ownWords(trick, tenant.home) }));
  }
  const other = tenant.home.database === 0 ? 1 : 0;
  const bound = walled && !tenant.resource.spec.relax.includes('select') && !(tenant.unenforced && !walled);
  const databases = bound ? databaseTricks(tenant.home, other).filter(({ command }) => tenant.allowed.has(command)) : [];
  const closed = serverTricks.filter((trick) => known.has(trick.command) && !isOpen(tenant, trick));
  return [...closed.map((trick) => ({ ...trick, words: ownWords(trick, tenant.home) })), ...databases];
}

/** Tricks that a relaxation opens: they have to work. */
export function declaredTricks(tenant: Tenant, known: ReadonlySet<string>): readonly Trick[] {
  const opened = new Set<string>(tenant.resource.spec.relax.flatMap((name: RelaxationName) => RELAXATIONS[name].adds));
  return serverTricks.filter(({ command }) => opened.has(command) && known.has(command));
}

/** What hangs on patterns and not on commands. */
export function isChannelTrick({ probe }: Pick<Trick, 'probe'>): boolean {
  return probe === 'K17' || probe === 'K18';
}

/** Channels are no commands: a user that may subscribe is asked about each of them. */
function isOpen({ allowed }: Tenant, { command, probe }: Trick): boolean {
  return allowed.has(command) && !isChannelTrick({ probe });
}

function restOf({ allowed }: Tenant, table: readonly Command[]): readonly Command[] {
  return table.filter(({ name }) => !TRIED.has(name) && !allowed.has(name));
}

function isDangerous({ categories }: Command): boolean {
  return categories.has('@admin') || categories.has('@dangerous');
}

/** As many words as the command wants, each of them a key of the user's own. */
function wordsFor({ name, arity }: Command, { home }: Tenant): readonly string[] {
  const words = name.toUpperCase().split('|');
  const filler = `${home.prefix}${PROBE}`;
  return [...words, ...Array.from({ length: Math.max(0, Math.abs(arity) - words.length) }, () => filler)];
}
