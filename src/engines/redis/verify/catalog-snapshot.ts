import type { Observation, SessionContext } from '../../../engine/index.ts';
import { parseAclLine, type AclUser } from '../acl.ts';
import { type Command, commandTable } from '../commands.ts';
import { type Connection, listOf, type Target } from '../connect/connection.ts';
import type { Input } from '../compile/draft.ts';
import { usersInFile } from '../observe/acl-file.ts';
import { principalsOf } from '../observe/holders.ts';
import { factsOf, type ServerFacts } from '../observe/server.ts';
import { type Site, type Tenant, tenantsOf } from './tenants.ts';

/** What both halves work with. */
export interface VerifyContext {
  readonly input: Input;
  readonly session: SessionContext;
  /** Where the server is, and the admin's own login. Tenants use the address of it. */
  readonly target: Target;
  readonly observe: () => Promise<Observation>;
  /** A connection of the operator. */
  readonly open: () => Promise<Connection>;
}

/** One connection, as CLIENT LIST shows it. */
export interface OpenClient {
  readonly user: string;
  /** As the server writes them: O watches every command, S is a replica, B gets names of keys. */
  readonly flags: string;
}

/** The server as the analysis finds it. */
export interface CatalogSnapshot {
  readonly input: Input;
  readonly observation: Observation;
  readonly facts: ServerFacts;
  readonly table: readonly Command[];
  readonly users: readonly AclUser[];
  readonly tenants: readonly Tenant[];
  /** Where apps that were retired have their keys. */
  readonly gone: readonly Site[];
  readonly clients: readonly OpenClient[];
  /** Of whom entries stand in the log of refusals, the apps and readers left out; null: it may not be read. */
  readonly refused: readonly string[] | null;
  /** As they are after the next start of the server; null: its file cannot be read from here. */
  readonly later: ReadonlyMap<string, AclUser> | null;
}

export async function readSnapshot(context: VerifyContext, connection: Connection): Promise<CatalogSnapshot> {
  const observation = await context.observe();
  const [table, list, clients, log] = await connection.pipeline([['COMMAND'], ['ACL', 'LIST'], ['CLIENT', 'LIST'], ['ACL', 'LOG', '1000']]);
  const { input } = context;
  const facts = factsOf(observation.server);
  // Of a mark that proves nothing the observation knows already.
  const bare = new Set(principalsOf(observation).flatMap(({ name, mark }) => (mark === null ? [name] : [])));
  const read = listOf(list).map((line) => parseAclLine(String(line)));
  const users = read.map((user) => (bare.has(user.name) && user.mark ? { ...user, mark: null } : user));
  const tenants = tenantsOf(input, observation);
  const ours = new Set(tenants.map(({ user }) => user));
  return {
    input,
    observation,
    facts,
    table: commandTable(table),
    users,
    tenants,
    refused:
      log instanceof Error
        ? null
        : listOf(log)
            .flatMap(refusedUser)
            .filter((user) => !ours.has(user)),
    gone: users.flatMap((user) => goneOf(user, input.project)),
    clients: String(clients).split('\n').flatMap(clientOf),
    later: await usersInFile(context.target.host, facts.usersFile, { users, operator: facts.user }),
  };
}

function goneOf({ mark }: AclUser, project: string): readonly Site[] {
  if (mark?.retired === undefined || mark.project !== project || mark.prefix === undefined) return [];
  const { app, prefix, database = 0 } = mark;
  return prefix === '' && database === 0 ? [] : [{ app, prefix, channel: prefix, database }];
}

/** An entry is a list of names and values. What it is about stays unread: it may be a key of somebody. */
function refusedUser(entry: unknown): readonly string[] {
  const words: readonly unknown[] = Array.isArray(entry) ? entry : [];
  const at = words.indexOf('username');
  return at === -1 ? [] : [String(words[at + 1])];
}

function clientOf(line: string): OpenClient[] {
  const user = / user=(\S+)/.exec(line)?.[1];
  return user === undefined ? [] : [{ user, flags: / flags=(\S+)/.exec(line)?.[1] ?? '' }];
}
