import { lookUp } from '../../../util/record.ts';

/** What a managed service may keep for itself besides settings, and what is open by that. */
const SERVICE_WORDS = {
  'maintenance-database': 'every login can connect to the databases postgres and template1, which belong to the service',
  'public-schema': 'before PostgreSQL 15, every login that may connect to a database can create in its schema public',
  'logical-messages': 'logins can write messages to the replication stream of their database',
  'advisory-locks': 'logins can take advisory locks, also where `advisoryLocks: deny` stands',
  pg_hba: 'pg_hba.conf is not read: a line that lets logins in without a password is not seen',
  'password-verifiers': 'the stored passwords are not read: an MD5 verifier, or a password that was changed by hand, is not seen',
  'server-settings': 'the commands of the server configuration are not read: a secret in them is not seen',
  sessions: 'sessions of logins that are not of these apps go on after a tightening, until they end by themselves',
} as const;

export const SERVICE_WORD_NAMES = [
  'maintenance-database',
  'public-schema',
  'logical-messages',
  'advisory-locks',
  'pg_hba',
  'password-verifiers',
  'server-settings',
  'sessions',
] as const satisfies readonly (keyof typeof SERVICE_WORDS)[];

export function isServiceWord(word: string): boolean {
  return Object.hasOwn(SERVICE_WORDS, word);
}

/** What a word opens, for people. */
export function opensOf(word: string): string {
  return lookUp<string>(SERVICE_WORDS, word) ?? `the setting ${word} of the manifest is not given to logins`;
}
