import type { Findings } from '../../../engine/index.ts';
import type { Connection } from '../connection.ts';
import { prefixOf } from '../glob.ts';
import { DEFAULT_USER } from '../names.ts';
import { commandText } from '../words.ts';
import { basicAttempts, closedOwnAttempts, pairAttempts, PROBE } from './attempts.ts';
import { dryRun, type Question } from './dry-run.ts';
import { fixPatterns } from './fixes.ts';
import type { Site, Tenant } from './tenants.ts';
import type { CatalogSnapshot } from './catalog-snapshot.ts';

interface Asked extends Question {
  readonly probe: string;
  readonly from: string;
  readonly to: string;
  readonly tenant: Tenant | null;
}

/** Every user against every app, by asking the server about each pair. */
export async function checkPairs(snapshot: CatalogSnapshot, connection: Connection, findings: Findings): Promise<void> {
  const victims = snapshot.tenants.flatMap(({ site }) => (site ? [site] : []));
  const asked = [...snapshot.tenants.flatMap((tenant) => ofTenant(tenant, victims, snapshot)), ...ofOthers(victims, snapshot)];
  // One change of the database for each, and not for each question.
  const ordered = asked.toSorted((a, b) => a.database - b.database);
  const verdicts = await dryRun(connection, ordered);
  findings.judged += verdicts.length;
  for (const [index, { probe, from, to, user, words, tenant }] of ordered.entries()) {
    if (verdicts[index] !== 'allowed') continue;
    const fix = tenant ? fixPatterns(tenant, snapshot.observation) : [];
    findings.add(probe, { from, to, statement: commandText('ACL', 'DRYRUN', user, ...words), answer: 'OK', fix });
  }
}

function ofTenant(tenant: Tenant, victims: readonly Site[], snapshot: CatalogSnapshot): readonly Asked[] {
  const walled = snapshot.facts.databaseRules;
  const attempts = isPlain(tenant, snapshot) ? basicAttempts : pairAttempts;
  return victims.flatMap((victim): Asked[] => {
    const own = victim.app === tenant.app;
    if (!own && tenant.unenforced && !walled) return [];
    const reads = tenant.reads.includes(victim.app);
    const asked = own ? closedOwnAttempts(tenant).filter((attempt) => attempts.includes(attempt)) : attempts;
    return asked
      .filter(({ command }) => !(reads && tenant.allowed.has(command)))
      .map(({ probe, words }) => ({
        probe,
        from: tenant.app,
        to: victim.app,
        tenant,
        user: tenant.user,
        words: words(victim, tenant.home),
        database: victim.database,
      }));
  });
}

/** Users of nobody whom the manifest knows. */
function ofOthers(victims: readonly Site[], snapshot: CatalogSnapshot): readonly Asked[] {
  const { input, facts } = snapshot;
  const kept = input.config.defaultUser === 'keep' ? [DEFAULT_USER] : [];
  // Operators are judged by their words, and what is known by nobody.
  const people = [...input.operators.map(({ name }) => name), ...input.known.map(({ user }) => user)];
  const known = new Set([...snapshot.tenants.map(({ user }) => user), facts.user, ...kept, ...people]);
  const others = snapshot.users.filter(
    (user) => user.enabled && !known.has(user.name) && (user.mark?.project !== input.project || user.mark.retired !== undefined),
  );
  return others.flatMap(({ name }) =>
    victims.flatMap((victim) =>
      basicAttempts.map(({ words }): Asked => {
        return {
          probe: 'F1',
          from: name,
          to: victim.app,
          tenant: null,
          user: name,
          words: words(victim, victim),
          database: victim.database,
        };
      }),
    ),
  );
}

/** True where the patterns of a user are those that it should have: reading, writing and asking then stand for all commands. */
function isPlain({ user, resource }: Tenant, { users }: CatalogSnapshot): boolean {
  const seen = users.find(({ name }) => name === user);
  const { keys, channels } = resource.spec;
  const alike = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((one) => b.includes(one));
  return seen?.selectors.length === 0 && alike(seen.keys, keys) && alike(seen.channels, channels);
}

/** Patterns that lead out of what is a user's own. A name that each of them means is put to the server, alone and in selectors. */
export async function checkPatterns(snapshot: CatalogSnapshot, connection: Connection, findings: Findings): Promise<void> {
  const asked = snapshot.tenants.flatMap((tenant) => strayNames(tenant, snapshot));
  const verdicts = await dryRun(
    connection,
    asked.map(({ tenant, words }) => ({ user: tenant.user, words, database: tenant.home.database })),
  );
  findings.judged += verdicts.length;
  for (const [index, { tenant, pattern, words, name, isChannel }] of asked.entries()) {
    // A right that no command of the selector goes with is none.
    if (verdicts[index] === 'refused' && !pattern.startsWith('(')) continue;
    const owners = snapshot.tenants.filter(
      ({ site, app }) => site && app !== tenant.app && name.startsWith(isChannel ? site.channel : site.prefix),
    );
    const fix = fixPatterns(tenant, snapshot.observation);
    const base = { from: tenant.app, statement: commandText('ACL', 'DRYRUN', tenant.user, ...words), answer: `the rule ${pattern}`, fix };
    for (const { app } of owners) findings.add('K24', { ...base, to: app });
    if (owners.length === 0) findings.add('K24', { ...base, to: null });
  }
}

interface Stray {
  readonly tenant: Tenant;
  readonly pattern: string;
  readonly name: string;
  readonly words: readonly string[];
  readonly isChannel: boolean;
}

function strayNames(tenant: Tenant, { users, facts }: CatalogSnapshot): readonly Stray[] {
  const seen = users.find(({ name }) => name === tenant.user);
  if (!seen || (tenant.unenforced && !facts.databaseRules)) return [];
  const wanted = tenant.resource.spec;
  const keys = seen.keys.filter((pattern) => !wanted.keys.includes(pattern)).map((pattern) => ({ pattern, isChannel: false }));
  const channels = seen.channels.filter((pattern) => !wanted.channels.includes(pattern)).map((pattern) => ({ pattern, isChannel: true }));
  const selectors = seen.selectors.flatMap((selector) =>
    selector
      .slice(1, -1)
      .split(' ')
      .filter((word) => /^[~&%]/.test(word) || word === 'allkeys' || word === 'allchannels')
      .map((word) => ({ pattern: selector, word, isChannel: word.startsWith('&') || word === 'allchannels' })),
  );
  const all = [...[...keys, ...channels].map((one) => ({ ...one, word: one.pattern })), ...selectors];
  return all.flatMap(({ pattern, word, isChannel }): Stray[] => {
    const bare = word.replace(/^%[RW]{1,2}~|^~|^&/, '').replace(/^all(?:keys|channels)$/, '*');
    const name = sampleOf(bare);
    const own = tenant.site && (isChannel ? tenant.site.channel : tenant.site.prefix);
    if (own !== null && own !== '' && name.startsWith(own) && (prefixOf(bare) ?? name).startsWith(own)) return [];
    const words = isChannel ? ['PUBLISH', name, ''] : word.startsWith('%W~') ? ['EXISTS', name] : ['GET', name];
    return [{ tenant, pattern, name, words, isChannel }];
  });
}

/** A name that a pattern means. */
function sampleOf(pattern: string): string {
  return pattern.replaceAll(
    /\\(.)|\[\^?([^\]])[^\]]*\]|(\*)|(\?)/g,
    (_, escaped?: string, first?: string, star?: string) => escaped ?? first ?? (star ? PROBE : 'x'),
  );
}
