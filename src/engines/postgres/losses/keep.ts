import type { Input } from '../compile/draft.ts';
import type { People } from '../effective/people.ts';

/**
 * The entry of the manifest that would keep what a stranger loses: an operator's where the words say what it has on the server
 * today. What a login is called gives it nothing: whoever pastes the entry would.
 */
export function keepingEntry(login: string, people: People, { name: instance }: Input): string {
  const groups = people.closure.inherited(login);
  const role = people.roles.get(login);
  const words: readonly string[] = [
    ...(groups.has('pg_monitor') ? ['monitor'] : []),
    ...(groups.has('pg_read_all_data') ? ['read-all'] : []),
    ...(role?.[6] ? ['replication'] : []),
  ];
  if (words.length === 0) return knownEntry(login, instance);
  const all = [...words, ...(role?.[7] ? ['bypass-rls'] : [])];
  return `operators: { ${yaml(login)}: { may: [${all.join(', ')}] } }`;
}

export function knownEntry(login: string, instance: string): string {
  return knownEntries([login], instance);
}

export function knownEntries(logins: readonly string[], instance: string): string {
  return `known: [${logins.map((login) => `{ user: ${yaml(login)}, on: ${yaml(instance)}, why: … }`).join(', ')}]`;
}

function yaml(text: string): string {
  return /^[A-Za-z_][\w-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text) ? text : JSON.stringify(text);
}
