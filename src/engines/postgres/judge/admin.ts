import type { Observation } from '../../../engine/index.ts';
import type { Observed, Resource } from '../../../model/index.ts';
import { addressKey } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import { privilegeWords } from '../acl.ts';
import { buildable } from '../compile/buildable.ts';
import type { Draft } from '../compile/draft.ts';
import { partOf } from '../part-name.ts';
import { type Facts, factsOf } from '../kinds/kind.ts';
import { serviceOf } from './service.ts';
import { ident, roles } from '../quote.ts';
import { isKind } from '../spec.ts';

const SHOWN = 5;

/** Names the walls that an admin without superuser rights cannot build, one by one (CT2008). */
export function judgeAdmin(draft: Draft, desired: readonly Resource[], observation: Observation): void {
  const facts = factsOf(observation.server);
  if (facts.superuser) return;
  const found = new Map(observation.resources.map((one) => [addressKey(one.address), one]));
  const observed = (one: Resource): Observed | null => found.get(addressKey(one.address)) ?? null;
  const service = serviceOf(draft.input.config);
  const warn: Warn = (word, message, hint) => {
    if (!service.keeps.includes(word)) draft.warn('CT2008', message, draft.input.path, hint);
  };
  if (!facts.createRole || !facts.createDatabase) {
    draft.error(
      'CT2008',
      `the admin "${facts.user}" of "${draft.input.name}" cannot create roles and databases`,
      draft.input.path,
      `ALTER ROLE "${facts.user}" CREATEROLE CREATEDB, or use another admin`,
    );
  }
  const { operators, known } = draft.input;
  // Whoever the manifest knows comes in as before, its own admin first of all.
  const on = new Set(observation.resources.flatMap((one) => (isKind(one, 'operator') ? [one.address.name] : [])));
  const strangers = new Set(observation.foreign.filter(({ address }) => address.kind === 'role').map(({ address }) => address.name));
  const people = [
    ...operators.map(({ name }) => name).filter((name) => on.has(name)),
    ...known.map(({ user }) => user).filter((name) => strangers.has(name)),
  ];
  perimeters(desired, observed, facts, [...new Set([facts.user, ...people])], warn);
  functions(desired, observed, facts, warn);
  publicSchemas(desired, observed, facts, warn);
  const ours = desired.filter((one) => isKind(one, 'role')).map((one) => one.address.name);
  memberships(observation, new Set([...ours, ...service.roles]), warn);
  limits(desired, observed, facts, warn);
  if (!facts.endsSessions)
    warn(
      'sessions',
      'sessions of logins other than these apps’ cannot be ended: after a revoke, such a session keeps its access until it ends by itself',
      `GRANT pg_signal_backend TO "${facts.user}"`,
    );
  warn(
    'password-verifiers',
    'passwords changed by hand are not detected: only a superuser can read what the server stores',
    'if a login is rejected, check the server and set the password again',
  );
}

/** `word`: what `service.keeps` calls it. */
type Warn = (word: string, message: string, hint: string) => void;
type Look = (one: Resource) => Observed | null;

function perimeters(desired: readonly Resource[], observed: Look, facts: Facts, keep: readonly string[], warn: Warn): void {
  for (const one of desired) {
    if (!isKind(one, 'perimeter')) continue;
    const has = observed(one);
    if (!has || !isKind(has, 'perimeter')) continue;
    const { publicDatabase, publicSchema, beyond } = has.spec;
    const { name } = one.address;
    if (beyond.includes('database') && one.spec.publicDatabase !== null && publicDatabase)
      warn(
        'maintenance-database',
        `every login keeps ${privilegeWords(publicDatabase)} on database "${name}": only its owner or a superuser can revoke it`,
        `have a superuser run: GRANT CONNECT ON DATABASE ${ident(name)} TO ${roles(keep)}; REVOKE ALL ON DATABASE ${ident(name)} FROM PUBLIC; add every other login that needs it, because all others lose it`,
      );
    if (beyond.includes('schema') && one.spec.publicSchema !== null && publicSchema !== null && publicSchema !== '')
      warn(
        facts.version < 150000 ? 'public-schema' : 'maintenance-database',
        `every login keeps ${privilegeWords(publicSchema)} on schema public of database "${name}": only its owner or a superuser can revoke it`,
        `have a superuser run, in ${name}: GRANT USAGE ON SCHEMA public TO ${roles(keep)}; REVOKE ALL ON SCHEMA public FROM PUBLIC; add every other login that needs it, because all others lose it`,
      );
  }
}

const FAMILIES: Readonly<Record<string, string>> = {
  'logical-messages': 'write messages to the replication stream (pg_logical_emit_message)',
  'advisory-locks': 'take advisory locks, although the manifest denies them',
};

function functions(desired: readonly Resource[], observed: Look, facts: Facts, warn: Warn): void {
  for (const [family, what] of Object.entries(FAMILIES)) {
    const open = desired.filter((one) => {
      if (
        !isKind(one, 'builtin') ||
        one.spec.publicExecute ||
        buildable(one, null, facts) === null ||
        partOf(one.address.name)[1] !== family
      )
        return false;
      const has = observed(one);
      return !has || (isKind(has, 'builtin') && has.spec.publicExecute !== one.spec.publicExecute);
    });
    if (open.length > 0)
      warn(
        family,
        `logins can ${what} in ${databases(open)}: only a superuser can revoke server functions from PUBLIC`,
        'have a superuser revoke EXECUTE on them from PUBLIC in each database',
      );
  }
}

function publicSchemas(desired: readonly Resource[], observed: Look, facts: Facts, warn: Warn): void {
  const open = desired.filter((one) => {
    if (buildable(one, null, facts) !== 'public') return false;
    const has = observed(one);
    return !has || (isKind(has, 'schema') && has.spec.acl[''] !== undefined);
  });
  if (open.length > 0)
    warn(
      'public-schema',
      `before PostgreSQL 15 the schema public belongs to the superuser: whoever may connect to ${databases(open)} can create objects in it`,
      'have a superuser run, in each: ALTER SCHEMA public OWNER TO the role that owns the database; or use PostgreSQL 15 or later',
    );
}

/** Memberships of and in the apps' roles that somebody else gave; from 16 on only they or a superuser can take them back. */
function memberships(observation: Observation, ours: ReadonlySet<string>, warn: Warn): void {
  for (const one of observation.resources) {
    if (!isKind(one, 'role')) continue;
    for (const [peer, giver] of Object.entries(one.spec.beyond)) {
      if (ours.has(peer)) continue;
      warn(
        '',
        `"${one.address.name}" and "${peer}" are linked by a membership granted by "${giver}": only that role or a superuser can revoke it`,
        `have a superuser review the members and memberships of "${one.address.name}"`,
      );
    }
  }
}

function limits(desired: readonly Resource[], observed: Look, facts: Facts, warn: Warn): void {
  for (const name of [...facts.denied].sort()) {
    const open = desired.filter((one) => {
      if (!isKind(one, 'role') || lookUp(one.spec.settings, name) === undefined) return false;
      const has = observed(one);
      return !has || (isKind(has, 'role') && lookUp(has.spec.settings, name) !== lookUp(one.spec.settings, name));
    });
    if (open.length > 0)
      warn(
        name,
        `the setting ${name} cannot be given to ${listed(open.map((one) => one.address.name))}: only a superuser may set it`,
        facts.version >= 150000 ? `have a superuser run: GRANT SET ON PARAMETER ${name} TO "${facts.user}"` : 'have a superuser set it',
      );
  }
}

function databases(parts: readonly Resource[]): string {
  const names = [...new Set(parts.map((one) => partOf(one.address.name)[0]))];
  return `${names.length > 1 ? 'databases' : 'database'} ${listed(names)}`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).map((name) => `"${name}"`);
  return names.length > SHOWN ? `${shown.join(', ')} and ${names.length - SHOWN} more` : shown.join(', ');
}
