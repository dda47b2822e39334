import { carriers } from './carriers.ts';
import { held, orphans } from './held.ts';
import { doors } from './doors.ts';
import { type Mutation, one } from './mutation.ts';
import { pairs, sessions } from './pairs.ts';

const ON_DATABASE = [
  'ALTER',
  'ALTER ROUTINE',
  'CREATE',
  'CREATE ROUTINE',
  'CREATE TEMPORARY TABLES',
  'CREATE VIEW',
  'DELETE',
  'DROP',
  'EVENT',
  'EXECUTE',
  'INDEX',
  'INSERT',
  'LOCK TABLES',
  'REFERENCES',
  'SELECT',
  'SHOW VIEW',
  'TRIGGER',
  'UPDATE',
  'ALL',
];
const ON_TABLE = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'DROP', 'ALTER', 'INDEX', 'REFERENCES', 'TRIGGER', 'SHOW VIEW', 'CREATE', 'ALL'];
const ON_SERVER = [
  'CREATE USER',
  'FILE',
  'PROCESS',
  'RELOAD',
  'REPLICATION CLIENT',
  'REPLICATION SLAVE',
  'SHOW DATABASES',
  'SHUTDOWN',
  'SUPER',
];
const DYNAMIC = {
  mysql: [
    'APPLICATION_PASSWORD_ADMIN',
    'AUDIT_ADMIN',
    'BACKUP_ADMIN',
    'BINLOG_ADMIN',
    'CLONE_ADMIN',
    'CONNECTION_ADMIN',
    'ENCRYPTION_KEY_ADMIN',
    'FLUSH_OPTIMIZER_COSTS',
    'FLUSH_STATUS',
    'FLUSH_TABLES',
    'FLUSH_USER_RESOURCES',
    'GROUP_REPLICATION_ADMIN',
    'INNODB_REDO_LOG_ENABLE',
    'PASSWORDLESS_USER_ADMIN',
    'PERSIST_RO_VARIABLES_ADMIN',
    'REPLICATION_APPLIER',
    'REPLICATION_SLAVE_ADMIN',
    'RESOURCE_GROUP_ADMIN',
    'RESOURCE_GROUP_USER',
    'ROLE_ADMIN',
    'SENSITIVE_VARIABLES_OBSERVER',
    'SERVICE_CONNECTION_ADMIN',
    'SESSION_VARIABLES_ADMIN',
    'SET_ANY_DEFINER',
    'ALLOW_NONEXISTENT_DEFINER',
    'SHOW_ROUTINE',
    'SYSTEM_USER',
    'SYSTEM_VARIABLES_ADMIN',
    'TABLE_ENCRYPTION_ADMIN',
    'TELEMETRY_LOG_ADMIN',
    'XA_RECOVER_ADMIN',
    'CREATE ROLE',
    'DROP ROLE',
    'CREATE TABLESPACE',
  ],
  mariadb: [
    'BINLOG ADMIN',
    'BINLOG MONITOR',
    'BINLOG REPLAY',
    'CONNECTION ADMIN',
    'DELETE HISTORY',
    'FEDERATED ADMIN',
    'READ_ONLY ADMIN',
    'REPLICA MONITOR',
    'REPLICATION MASTER ADMIN',
    'REPLICATION SLAVE ADMIN',
    'SET USER',
    'SHOW CREATE ROUTINE',
    'CREATE TABLESPACE',
  ],
} as const;

/** Each on what it reaches; a name that GRANT reads as a pattern among them. */
const THINGS: readonly (readonly [on: string, privileges: readonly string[]])[] = [
  ['`wall\\_b`.*', [...ON_DATABASE, 'GRANT OPTION']],
  ['`wall_b`.*', ['SELECT', 'INSERT']],
  ['`wall\\_%`.*', ['SELECT', 'ALL']],
  ['`%`.*', ['SELECT', 'DROP', 'EXECUTE']],
  ['`wall__`.*', ['SELECT', 'SHOW VIEW']],
  ['`wall\\_gone`.*', ['SELECT', 'DELETE', 'ALL']],
  ['wall_b.orders', [...ON_TABLE, 'SELECT (note)', 'UPDATE (note)', 'INSERT (id)', 'REFERENCES (id)']],
  ['wall_b.notes', ['SELECT', 'SHOW VIEW', 'DROP']],
  ['wall_b.flat', ['SELECT', 'SELECT, UPDATE, DELETE']],
  ['FUNCTION wall_b.answer', ['EXECUTE', 'ALTER ROUTINE']],
  ['`wall\\_a`.*', ['EVENT', 'SELECT', 'ALL']],
  ['mysql.*', ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'EXECUTE']],
  ['mysql.user', ['SELECT', 'UPDATE', 'INSERT']],
  ['mysql.db', ['SELECT', 'INSERT', 'UPDATE', 'DELETE']],
  ['mysql.general_log', ['SELECT']],
  ['mysql.servers', ['SELECT', 'UPDATE', 'INSERT']],
  ['sys.*', ['SELECT', 'EXECUTE', 'CREATE']],
  ['performance_schema.*', ['SELECT', 'UPDATE']],
  ['cotenant.*', ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'DROP', 'CREATE', 'ALL']],
  ['cotenant.ledger', ['SELECT', 'DELETE', 'UPDATE']],
  ['ops.*', ['SELECT', 'CREATE VIEW', 'CREATE ROUTINE']],
  ['*.*', [...ON_DATABASE.filter((name) => name !== 'ALL'), ...ON_SERVER, 'ALL', 'GRANT OPTION']],
];

/** Who gets it, and what makes them somebody who can come in. */
interface Holder {
  readonly name: string;
  readonly to: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly flavor?: 'mysql' | 'mariadb';
}

const through = (name: string, member: string, before: readonly string[], after: readonly string[], flavor?: Holder['flavor']): Holder => ({
  name: `${name} of ${member}`,
  to: "'wall_role'",
  before: ["CREATE ROLE 'wall_role'", ...before],
  after,
  ...(flavor === undefined ? {} : { flavor }),
});

const account = (name: string, before: readonly string[] = []): Holder => ({ name, to: `'${name}'@'%'`, before, after: [] });
const members = ["'wall_a_user'@'%'", "'web'@'%'"];

const holders: readonly Holder[] = [
  account('wall_a_user'),
  account('wall_lens_user'),
  account('web'),
  account('watch'),
  account('wall_gone_user', ["ALTER USER 'wall_gone_user'@'%' IDENTIFIED BY 'judge' ACCOUNT UNLOCK"]),
  account('wall_a_user_2', ["ALTER USER 'wall_a_user_2'@'%' IDENTIFIED BY 'judge' ACCOUNT UNLOCK"]),
  account('fresh', ["CREATE USER 'fresh'@'%' IDENTIFIED BY 'judge'"]),
  {
    ...account('fresh', ["CREATE USER 'fresh'@'127.0.0.1' IDENTIFIED BY ''"]),
    name: 'fresh without a password',
    to: "'fresh'@'127.0.0.1'",
  },
  { ...account('', ["CREATE USER ''@'%'"]), name: 'an anonymous account' },
  account('mysql.backdoor', ["CREATE USER 'mysql.backdoor'@'%' IDENTIFIED BY 'judge'"]),
  { ...account('PUBLIC'), to: 'PUBLIC', flavor: 'mariadb' },
  ...members.flatMap((member): Holder[] => [
    through('a role', member, [`GRANT 'wall_role' TO ${member}`], []),
    through('a role by default', member, [`GRANT 'wall_role' TO ${member}`], [`SET DEFAULT ROLE 'wall_role' TO ${member}`], 'mysql'),
    through('a role by default', member, [`GRANT 'wall_role' TO ${member}`], [`SET DEFAULT ROLE 'wall_role' FOR ${member}`], 'mariadb'),
    through(
      'a role of a role',
      member,
      ["CREATE ROLE 'wall_outer'", "GRANT 'wall_role' TO 'wall_outer'", `GRANT 'wall_outer' TO ${member}`],
      [],
    ),
  ]),
  through('a mandatory role', 'all', ["SET GLOBAL mandatory_roles = 'wall_role'"], [], 'mysql'),
];

const grants: readonly Mutation[] = holders.flatMap((holder) => {
  const grant = (on: string, privilege: string, flavor?: Mutation['flavor']): readonly Mutation[] => {
    const here = flavor ?? holder.flavor;
    if (flavor !== undefined && holder.flavor !== undefined && flavor !== holder.flavor) return [];
    const what =
      privilege === 'GRANT OPTION' ? `USAGE ON ${on} TO ${holder.to} WITH GRANT OPTION` : `${privilege} ON ${on} TO ${holder.to}`;
    return [one(`${holder.name}: ${privilege} on ${on}`, [...holder.before, `GRANT ${what}`, ...holder.after], here)];
  };
  return [
    ...THINGS.flatMap(([on, privileges]) => privileges.flatMap((privilege) => grant(on, privilege))),
    ...(['mysql', 'mariadb'] as const).flatMap((flavor) => DYNAMIC[flavor].flatMap((privilege) => grant('*.*', privilege, flavor))),
  ];
});

export const mutations: readonly Mutation[] = [...grants, ...doors, ...carriers, ...held, ...orphans, ...pairs, ...sessions];
