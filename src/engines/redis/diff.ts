import { field, listField, movedField, type Observation } from '../../engine/index.ts';
import type { FieldChange, Observed, Resource } from '../../model/index.ts';
import { missingWords } from './operators.ts';
import { type Rules, rulesOf } from './compile/rules.ts';
import { factsOf } from './observe/server.ts';
import { isSeen, isWanted, type UserSeen, type UserSpec } from './spec.ts';

/** Where a user, or the user `default`, is not as the manifest asks for. */
export function diff(desired: Resource, observed: Observed, observation: Observation): readonly FieldChange[] {
  if (isWanted(desired, 'user') && isSeen(observed, 'user')) {
    return userFields(desired, observed.spec, rulesOf(desired, observation), observed.owned);
  }
  if (isWanted(desired, 'operator') && isSeen(observed, 'operator')) {
    const missing = missingWords(desired.spec.may, observed.spec.grants, observation);
    return missing.length === 0 ? [] : [{ field: 'rights', from: null, to: missing.join(', ') }];
  }
  if (isSeen(observed, 'default-user')) {
    const { user, defaultReplicas } = factsOf(observation.server);
    const stays = user === observed.address.name || defaultReplicas > 0;
    return stays || !observed.spec.enabled ? [] : [{ field: 'enabled', from: true, to: false }];
  }
  return [];
}

function userFields(desired: Resource<UserSpec>, seen: UserSeen, rules: Rules, owned: boolean): readonly FieldChange[] {
  const { spec } = desired;
  const out: FieldChange[] = [];
  const compare = (field: string, from: FieldChange['from'], to: FieldChange['to']): void => {
    if (from !== to) out.push({ field, from, to });
  };
  const compareLists = (field: string, from: readonly string[], to: readonly string[]): void => {
    if (from.join(' ') !== to.join(' ')) out.push(listField(field, from, to));
  };
  compare('mark', owned, true);
  compare('enabled', seen.enabled, true);
  compare('no password needed', seen.noPassword, false);
  if (!spec.adopt && !seen.noPassword) compare('password', seen.password, 'ours');
  compareLists('keys', seen.keys, rules.keys);
  compareLists('channels', seen.channels, rules.channels);
  if (seen.commands !== rules.commands) out.push(commandField(seen.commands, rules.commands));
  if (rules.databaseRules) compare('databases', seen.databases, rules.databases);
  compareLists('selectors', seen.selectors, []);
  compare('unchecked RESTORE', seen.skipsSanitizing, false);
  if (spec.access === 'database' || spec.access === 'database-reader') {
    compare('database', seen.mark?.database ?? null, rules.database);
    if (!spec.adopt && seen.password === 'ours') compare('database noted here', seen.noted, rules.database);
  }
  return out;
}

/** What is too much, and what is too little. */
function commandField(seen: string, wanted: string): FieldChange {
  const has = words(seen);
  const needs = words(wanted);
  const more = [...has].filter((word) => !needs.has(word));
  const less = [...needs].filter((word) => !has.has(word));
  return movedField(field('commands', shown('with', more) || null, shown('without', more) || shown('with', less)), less, more);
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' ').filter((word) => word !== ''));
}

function shown(how: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const some = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${how} ${some} and ${names.length - 5} more` : `${how} ${some}`;
}

/** True where something is taken away from who is logged in: sessions are ended then, for what they have begun goes on. */
export function takes(desired: Resource<UserSpec>, seen: UserSeen, rules: Rules): boolean {
  if (!seen.enabled) return false;
  const wanted = words(rules.commands);
  return (
    seen.noPassword ||
    (!desired.spec.adopt && seen.password !== 'ours' && seen.password !== 'none') ||
    seen.keys.some((pattern) => !rules.keys.includes(pattern)) ||
    seen.channels.some((pattern) => !rules.channels.includes(pattern)) ||
    [...words(seen.commands)].some((word) => !wanted.has(word)) ||
    (rules.databaseRules && seen.databases !== rules.databases) ||
    seen.selectors.length > 0 ||
    seen.skipsSanitizing
  );
}
