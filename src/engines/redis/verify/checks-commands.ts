import type { Findings } from '../../../engine/index.ts';
import { parseWords, selectorWords } from '../acl.ts';
import { type Command, evaluateRules } from '../commands.ts';
import type { Connection } from '../connect/connection.ts';
import { RELAXATIONS, type RelaxationName } from '../compile/relaxations.ts';
import { commandText } from '../words.ts';
import { databaseAttempts, ownWords, PROBE, serverAttempts, type ProbeAttempt } from './attempts.ts';
import { dryRun } from './dry-run.ts';
import { fixCommand, fixPatterns } from './fixes.ts';
import type { Tenant } from './tenants.ts';
import type { CatalogSnapshot } from './catalog-snapshot.ts';

const TRIED = new Set(serverAttempts.map(({ command }) => command));

/** Everything in the server's own command table that a user is not meant to have, whatever form its rules have. */
export async function checkCommands(snapshot: CatalogSnapshot, connection: Connection, findings: Findings): Promise<void> {
  const known = new Set(snapshot.table.map(({ name }) => name));
  const asked = snapshot.tenants.flatMap((tenant) => [
    ...closedAttempts(tenant, known, snapshot.facts.databaseRules).map((attempt) => ({ tenant, ...attempt })),
    ...restOf(tenant, snapshot.table).map((command) => ({
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
  const grantedTo = grantsIn(snapshot);
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
      fix: isChannelAttempt(one) ? fixPatterns(tenant, snapshot.observation) : fixCommand(tenant, one.command),
      ...('dangerous' in one && one.dangerous ? { verdict: 'BREACH' as const } : {}),
    });
  }
}

/** Commands that the rules of a tenant's user come to, those of its selectors as well. */
function grantsIn({ users, table }: CatalogSnapshot): (tenant: Tenant) => ReadonlySet<string> {
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

/** Attempts on the server that must be refused to this user. */
export function closedAttempts(tenant: Tenant, known: ReadonlySet<string>, walled: boolean): readonly ProbeAttempt[] {
  if (tenant.access === 'instance') {
    const closed = serverAttempts.filter(({ command }) => known.has(command) && !tenant.allowed.has(command));
    return closed.map((attempt) => ({ ...attempt, words: ownWords(attempt, tenant.home) }));
  }
  const other = tenant.home.database === 0 ? 1 : 0;
  const bound = walled && !tenant.resource.spec.relax.includes('select') && !(tenant.unenforced && !walled);
  const databases = bound ? databaseAttempts(tenant.home, other).filter(({ command }) => tenant.allowed.has(command)) : [];
  const closed = serverAttempts.filter((attempt) => known.has(attempt.command) && !isOpen(tenant, attempt));
  return [...closed.map((attempt) => ({ ...attempt, words: ownWords(attempt, tenant.home) })), ...databases];
}

/** Attempts that a relaxation opens: they have to work. */
export function declaredAttempts(tenant: Tenant, known: ReadonlySet<string>): readonly ProbeAttempt[] {
  const opened = new Set<string>(tenant.resource.spec.relax.flatMap((name: RelaxationName) => RELAXATIONS[name].adds));
  return serverAttempts.filter(({ command }) => opened.has(command) && known.has(command));
}

/** What depends on patterns and not on commands. */
export function isChannelAttempt({ probe }: Pick<ProbeAttempt, 'probe'>): boolean {
  return probe === 'K17' || probe === 'K18';
}

/** Channels are no commands: a user that may subscribe is asked about each of them. */
function isOpen({ allowed }: Tenant, { command, probe }: ProbeAttempt): boolean {
  return allowed.has(command) && !isChannelAttempt({ probe });
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
