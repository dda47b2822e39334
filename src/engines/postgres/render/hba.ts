import { fail } from '../../../model/index.ts';
import { DRILL } from '../backup/throwaway.ts';
import { compile } from '../compile/compile.ts';
import type { Input } from '../compile/draft.ts';
import { lookUp } from '../../../util/record.ts';
import { isKind } from '../spec.ts';
import { POOLER } from './pooler.ts';
import { majorOf } from './server.ts';

export interface Line {
  readonly databases: readonly string[];
  readonly users: readonly string[];
}

/**
 * One line for each app, reader and operator, with the databases that they are let into anyway: a login with a stolen or guessed
 * password gets no further than its own. `samenet`: the networks of the container, and its loopback address.
 */
export function hba(input: Input): string {
  const lines = [
    '# What the server does to itself, and cotenant.',
    'local all postgres scram-sha-256',
    row('all', 'postgres'),
    'local replication postgres scram-sha-256',
    ...section('Apps and readers: each with both slots of its logins.', tenants(input)),
    ...section('Operators.', operators(input)),
    ...section('The pooler.', input.config.pooler ? [{ databases: ['postgres'], users: [POOLER] }] : []),
    ...section('Known.', known(input)),
    '',
    '# Drills: a database and a login of the same name, for as long as one takes.',
    row('sameuser', Number(majorOf(input)) >= 16 ? `"/^${DRILL}[0-9a-f]+$"` : 'all'),
  ];
  return `${lines.join('\n')}\n`;
}

function section(title: string, lines: readonly Line[]): readonly string[] {
  if (lines.length === 0) return [];
  return ['', `# ${title}`, ...lines.map(({ databases, users }) => row(databases.map(quoted).join(','), users.map(quoted).join(',')))];
}

function row(databases: string, users: string): string {
  return `host ${databases} ${users} samenet scram-sha-256`;
}

/** Logins that may connect to the same databases stand in one line, where they are of one app. */
/** Every login of apps and readers, with the databases that it is let into. */
export function tenants(input: Input): readonly Line[] {
  const { resources } = compile(input);
  const databases = resources.filter((one) => isKind(one, 'database'));
  const memberOf = new Map(
    resources.flatMap((one) => (isKind(one, 'role') ? [[one.address.name, Object.keys(one.spec.memberOf)] as const] : [])),
  );
  const lines = new Map<string, { databases: readonly string[]; users: string[] }>();
  for (const role of resources) {
    if (!isKind(role, 'role') || role.spec.purpose !== 'login') continue;
    const groups = groupsOf(role.address.name, memberOf);
    const open = databases.filter(({ spec }) => groups.some((group) => lookUp(spec.acl, group)?.includes('c') === true));
    if (open.length === 0) continue;
    const names = open.map(({ address }) => address.name);
    const key = JSON.stringify([role.app, names]);
    const line = lines.get(key) ?? { databases: names, users: [] };
    line.users.push(role.address.name);
    lines.set(key, line);
  }
  return [...lines.values()];
}

/** The role itself, and every group that it is in, through others too. */
function groupsOf(role: string, memberOf: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const found = new Set([role]);
  for (const one of found) for (const group of memberOf.get(one) ?? []) found.add(group);
  return [...found];
}

function operators(input: Input): readonly Line[] {
  return compile(input).resources.flatMap((one) =>
    isKind(one, 'operator')
      ? [
          {
            databases: one.spec.attributes.includes('replication') ? [...one.spec.connect, REPLICATION] : one.spec.connect,
            users: [one.address.name],
          },
        ]
      : [],
  );
}

function known(input: Input): readonly Line[] {
  const databases = compile(input).resources.flatMap((one) => (isKind(one, 'database') ? [one.address.name] : []));
  return databases.length === 0 ? [] : input.known.map(({ user }) => ({ databases, users: [user] }));
}

/** The word of the file, which no database is: quoted it would be the name of one. */
const REPLICATION = '\0replication';

/** Quoted, a name is never a word of the file; but one that begins with a slash is an expression even so. */
function quoted(name: string): string {
  if (name === REPLICATION) return 'replication';
  if (/^\/|[\r\n]/.test(name))
    throw fail('CT4705', `${JSON.stringify(name)} cannot stand in pg_hba.conf`, { hint: 'give the database or the login another name' });
  return `"${name.replaceAll('"', '""')}"`;
}
