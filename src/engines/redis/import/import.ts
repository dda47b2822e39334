import { type Imported, plainText, type SessionContext } from '../../../engine/index.ts';
import type { Diagnostic } from '../../../model/index.ts';
import { parseAclLine } from '../acl.ts';
import { commandTable } from '../commands.ts';
import { parseUrl } from '../address.ts';
import { Connection, listOf } from '../connection.ts';
import { importUsers } from './users.ts';
import { DEFAULT_USER } from '../names.ts';
import { readServer } from '../observe/server.ts';

/** Reads the users of a server: each that has the keys with one prefix, or one database, becomes an app. */
export async function readImport(url: string, password: string | null, context: SessionContext): Promise<Imported> {
  const address = parseUrl(url);
  const target = { ...address, password: password ?? address.password, tlsVerify: true };
  await using connection = await Connection.open(target, 'cotenant', context);
  const server = await readServer(connection, target.user);
  const [list, table] = await connection.pipeline([['ACL', 'LIST'], ['COMMAND']]);
  if (list instanceof Error) throw list;
  const commands = commandTable(table);
  const users = listOf(list).map((line) => parseAclLine(String(line)));
  const read = importUsers(users, commands, target.user);
  const left = [...read.left.map(({ user, why }) => `user ${user}: ${why}`), ...read.changes];
  const diagnostics = read.left.map(({ user, why }): Diagnostic => {
    const message = `the user "${user}" is left out: ${why}`;
    const hint = 'it stays as it is; `operators` or `known` of the manifest names it';
    return { code: 'CT2023', severity: 'warning', message, hint, instance: context.instance };
  });
  const open = users.find(({ name }) => name === DEFAULT_USER);
  if (open?.enabled && target.user !== DEFAULT_USER)
    left.push(
      `user default: it is open${open.noPassword ? ' to everybody' : ''}, and the first apply closes it (defaultUser: keep leaves it)`,
    );
  const named = address.user === DEFAULT_USER ? '' : `${encodeURIComponent(address.user)}@`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return {
    instance: {
      url: plainText(`${address.tls ? 'rediss' : 'redis'}://${named}${host}:${address.port}`),
      ...(target.password === '' ? {} : { password: { env: 'REDIS_ADMIN_PASSWORD' } }),
      ...(server.policy !== '' && server.policy !== 'noeviction' ? { eviction: 'allow' } : {}),
      ...(server.saving === 'none' ? { unsavedAcl: true } : {}),
    },
    apps: read.apps,
    comments: read.comments,
    left,
    diagnostics,
  };
}
