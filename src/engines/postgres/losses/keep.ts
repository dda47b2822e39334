import type { Input } from '../compile/draft.ts';
import type { People } from '../effective/people.ts';

const NAMES: readonly (readonly [RegExp, string])[] = [
  [/back_?up|dump|barman|pgbackrest|wal-?g|snapshot/i, 'read-all'],
  [/monitor|exporter|datadog|zabbix|prometheus|telegraf|newrelic|grafana|metrics|pganalyze|pmm/i, 'monitor'],
  [/bouncer|pooler|pgcat|odyssey|pgpool|supavisor/i, 'auth-query'],
  [/debezium|replic|cdc|airbyte|fivetran|standby|streaming/i, 'replication'],
];

/** The entry of the manifest that would keep what a stranger loses: an operator's, where it looks like one. */
export function keepingEntry(login: string, people: People, { name: instance }: Input): string {
  const groups = people.closure.usable(login);
  const words = new Set<string>();
  if (groups.has('pg_monitor')) words.add('monitor');
  if (groups.has('pg_read_all_data')) words.add('read-all');
  if (people.roles.get(login)?.[6]) words.add('replication');
  for (const [pattern, word] of NAMES) if (words.size === 0 && pattern.test(login)) words.add(word);
  if (words.size > 0) return `operators: { ${yaml(login)}: { may: [${[...words].join(', ')}] } }`;
  return knownEntry(login, instance);
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
