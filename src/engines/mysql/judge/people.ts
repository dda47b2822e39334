import type { Input } from '../compile/draft.ts';
import { isOfAdmin } from '../operators.ts';
import { GLOBAL, keyOf, listOf, textOf } from '../grants.ts';
import { lookUp } from '../../../util/record.ts';
import type { Grants } from '../spec.ts';

/** What `operators.<login>.may` can say. */
export const operatorRights: Readonly<Record<string, string>> = {
  connect: 'logs in, and no more',
  'read-all':
    'what mysqldump and mariadb-dump need with --single-transaction, --routines, --triggers and --events: SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES, PROCESS, RELOAD and REPLICATION CLIENT on everything; MySQL: SHOW_ROUTINE and FLUSH_TABLES, MariaDB: SHOW CREATE ROUTINE (11.3), as well',
  monitor:
    'what exporters ask for: PROCESS, REPLICATION CLIENT (MariaDB: BINLOG MONITOR and SLAVE MONITOR as well), SELECT on performance_schema',
  replication: 'REPLICATION SLAVE and REPLICATION CLIENT: the whole stream of changes of all apps',
  cdc: 'what Debezium asks for: SELECT, RELOAD, SHOW DATABASES, LOCK TABLES, REPLICATION SLAVE and REPLICATION CLIENT on everything',
};

interface Server {
  readonly flavor: 'mysql' | 'mariadb';
  readonly version: number;
}

function globalOf(word: string, { flavor, version }: Server): readonly string[] {
  const mariadb = flavor === 'mariadb';
  const client = mariadb ? 'BINLOG MONITOR' : 'REPLICATION CLIENT';
  switch (word) {
    case 'read-all': {
      const routines = mariadb ? (version >= 110301 ? ['SHOW CREATE ROUTINE'] : []) : ['SHOW_ROUTINE', 'FLUSH_TABLES'];
      return ['SELECT', 'SHOW VIEW', 'TRIGGER', 'EVENT', 'LOCK TABLES', 'PROCESS', 'RELOAD', client, ...routines];
    }
    case 'monitor':
      return ['PROCESS', client, ...(mariadb ? ['SLAVE MONITOR'] : [])];
    case 'replication':
      return ['REPLICATION SLAVE', client];
    case 'cdc':
      return ['SELECT', 'RELOAD', 'SHOW DATABASES', 'LOCK TABLES', 'REPLICATION SLAVE', client];
    default:
      return [];
  }
}

/** All that the words stand for on this server. */
export function grantsOfWords(may: readonly string[], server: Server): Grants {
  const global = textOf(may.flatMap((word) => globalOf(word, server)));
  return {
    ...(global === '' ? {} : { [GLOBAL]: global }),
    ...(may.includes('monitor') ? { [keyOf(['database', 'performance_schema'])]: 'SELECT' } : {}),
  };
}

/** Of what is wanted, what the account has not: neither there nor on everything. */
export function lacking(wanted: Grants, have: Grants): Grants {
  const all = listOf(lookUp(have, GLOBAL));
  return Object.fromEntries(
    Object.entries(wanted).flatMap(([target, privileges]) => {
      const there = listOf(lookUp(have, target));
      const missing = listOf(privileges).filter((one) => !there.includes(one) && !all.includes(one));
      return missing.length === 0 ? [] : [[target, textOf(missing)]];
    }),
  );
}

interface Login {
  readonly user: string;
  readonly host: string;
}

/** A name in the manifest stands for all accounts of the user, or for one where it says `user@host`. */
export function isCalled(name: string, { user, host }: Login): boolean {
  return name === user || accountNamed(name) === accountNamed(`${user}@${host}`);
}

/** The server compares hosts without regard to case, and users with it. */
function accountNamed(name: string): string {
  const at = name.lastIndexOf('@') + 1;
  return name.slice(0, at) + name.slice(at).toLowerCase();
}

/**
 * Whose login loses something. What an operator or a known stranger loses all the same, because of what others lose, wants its
 * name as much as the loss of one that stands nowhere.
 */
export function whoseLoss(
  { operators, known }: Pick<Input, 'operators' | 'known'>,
  { key, of, ...login }: Login & { readonly key: string; readonly of: string | null },
  admin: string,
): { readonly of: string | null; readonly confirm?: string } {
  if (of !== null) return { of };
  const operator = operators.find(({ name }) => isCalled(name, login));
  if (operator) return { of: operator.name, confirm: key };
  const accepted = known.find(({ user }) => isCalled(user, login));
  if (accepted) return { of: accepted.user, confirm: key };
  // Whoever runs the plan, at another host.
  return { of: isOfAdmin(admin, login) ? login.user : null };
}

export function isOfOperators({ operators }: Pick<Input, 'operators'>, login: Login): boolean {
  return operators.some(({ name }) => isCalled(name, login));
}

/** A login of the operator, or a stranger that is accepted: what it has is not taken. */
export function isNamed(input: Pick<Input, 'operators' | 'known'>, login: Login): boolean {
  return isOfOperators(input, login) || input.known.some(({ user }) => isCalled(user, login));
}
