import type { Findings } from '../../../engine/index.ts';
import { channelsIn } from '../compile/rules.ts';
import type { Connection } from '../connect/connection.ts';
import { parseWords, selectorWords } from '../acl.ts';
import { literalStart, matchesUnder } from '../glob.ts';
import { DEFAULT_USER } from '../names.ts';
import { globOf, goesInto, grantReader } from '../rights.ts';
import { commandText } from '../words.ts';
import { basicAttempts, closedOwnAttempts, pairAttempts } from './attempts.ts';
import { dryRun, type Question } from './dry-run.ts';
import { goneFor } from './checks-others.ts';
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
  const plain = isPlain(tenant, snapshot);
  const attempts = plain ? basicAttempts : pairAttempts;
  return (plain ? near(tenant, victims) : victims).flatMap((victim): Asked[] => {
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

/** Up to so many apps each is tried on each. */
const ALL = 100;
/** Tried beside those to which a pattern leads: what needs no pattern works on any of them. */
const MORE = 3;

/** Whom a user with the wanted patterns is tried on where there are very many: its own app, those to which its patterns lead, the next few. */
function near({ app, resource }: Tenant, victims: readonly Site[]): readonly Site[] {
  if (victims.length <= ALL) return victims;
  const lead = (patterns: readonly string[]): ((place: string) => boolean) => {
    const bare = patterns.map(globOf).map((one) => ({ one, start: literalStart(one) }));
    return (place) => bare.some(({ one, start }) => (start.startsWith(place) || place.startsWith(start)) && matchesUnder(one, place));
  };
  const [isKey, isChannel] = [lead(resource.spec.keys), lead(resource.spec.channels)];
  const at = victims.findIndex((one) => one.app === app);
  const next = new Set(Array.from({ length: MORE }, (_, index) => victims[(at + 1 + index) % victims.length]?.app));
  return victims.filter((one) => one.app === app || next.has(one.app) || isKey(one.prefix) || isChannel(one.channel));
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
  const grantsOf = grantReader(snapshot.table);
  return others.flatMap((user) => {
    const grants = grantsOf(user);
    return victims.flatMap((victim) => {
      // The server is asked inside the database of the app, and answers nothing about the way there.
      const isThere = goesInto(grants, victim.database);
      return basicAttempts
        .filter(({ probe }) => isThere || probe !== 'K10')
        .map(({ words }): Asked => {
          const asked = { user: user.name, words: words(victim, victim), database: victim.database };
          return { probe: 'F1', from: user.name, to: victim.app, tenant: null, ...asked };
        });
    });
  });
}

/** True where the patterns of a user are those that it should have: reading, writing and asking then stand for all commands. */
function isPlain({ user, resource, home }: Tenant, { users }: CatalogSnapshot): boolean {
  const seen = users.find(({ name }) => name === user);
  const { keys } = resource.spec;
  const channels = channelsIn(resource.spec, home.database);
  const alike = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((one) => b.includes(one));
  return seen?.selectors.length === 0 && alike(seen.keys, keys) && alike(seen.channels, channels);
}

/** Patterns that lead out of what is a user's own, alone and in selectors: compared with what it is to have, whatever they mean. */
export function checkPatterns(snapshot: CatalogSnapshot, findings: Findings): void {
  for (const tenant of snapshot.tenants)
    for (const { pattern, bare, isChannel, databases } of strayPatterns(tenant, snapshot)) {
      findings.judged += 1;
      const sites = [...snapshot.tenants.flatMap(({ site }) => site ?? []), ...goneFor(snapshot, tenant.app)];
      const others = sites.filter((site) => {
        if (site.app === tenant.app || !comesTo(tenant, site, databases, snapshot)) return false;
        const places = isChannel ? [site.channel, `__keyspace@${site.database}__:${site.prefix}`] : [site.prefix];
        return places.some((place) => matchesUnder(bare, place));
      });
      const fix = fixPatterns(tenant, snapshot.observation);
      const base = { from: tenant.app, statement: commandText('ACL', 'GETUSER', tenant.user), answer: `the rule ${pattern}`, fix };
      for (const { app } of others) findings.add('K24', { ...base, to: app });
      // Keyspace events name the keys of everybody.
      if (isChannel && matchesUnder(bare, '__keyevent@')) findings.add('K24', { ...base, to: null });
      else if (others.length === 0) findings.add('K24', { ...base, to: null, verdict: 'LATENT' });
    }
}

/** True where a user gets to the database in which a neighbour's keys are. */
function comesTo({ home, allowed }: Tenant, site: Site, databases: string, { facts }: CatalogSnapshot): boolean {
  if (facts.databaseRules) return databases === 'all' || databases.split(',').includes(String(site.database));
  return site.database === home.database || allowed.has('select');
}

interface Stray {
  /** As the server writes it. */
  readonly pattern: string;
  readonly bare: string;
  readonly isChannel: boolean;
  readonly databases: string;
}

function strayPatterns(tenant: Tenant, { users, facts }: CatalogSnapshot): readonly Stray[] {
  const seen = users.find(({ name }) => name === tenant.user);
  if (!seen || (tenant.unenforced && !facts.databaseRules)) return [];
  const { spec } = tenant.resource;
  const [keys, channels] = [new Set(spec.keys), new Set(spec.channels)];
  const grants = [
    { keys: seen.keys.filter((one) => !keys.has(one)), channels: seen.channels.filter((one) => !channels.has(one)), shown: null, of: seen },
    ...seen.selectors.map((selector) => {
      const of = parseWords(selectorWords(selector));
      return { keys: of.keys, channels: of.channels, shown: selector, of };
    }),
  ];
  const all = grants.flatMap(({ keys: some, channels: more, shown, of }): readonly Stray[] => [
    ...some.map((one) => {
      const pattern = shown ?? (one.startsWith('%') ? one : `~${one}`);
      return { pattern, bare: globOf(one), isChannel: false, databases: of.databases };
    }),
    ...more.map((one) => ({ pattern: shown ?? `&${one}`, bare: one, isChannel: true, databases: of.databases })),
  ]);
  return all.filter(({ bare, isChannel }) => {
    const own = tenant.site && (isChannel ? tenant.site.channel : tenant.site.prefix);
    return own === null || own === '' || !literalStart(bare).startsWith(own);
  });
}
