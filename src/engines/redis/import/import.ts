import {
  givenInClear,
  hostAndPort,
  importAccess,
  type Imported,
  plainText,
  type SessionContext,
  tlsFields,
} from '../../../engine/index.ts';
import type { Diagnostic } from '../../../model/index.ts';
import { parseAclLine } from '../acl.ts';
import { commandTable } from '../commands.ts';
import { listOf, openServer, targetAt } from '../connect/connection.ts';
import { urlForm } from '../connect/url-form.ts';
import { importUsers } from './users.ts';
import { DEFAULT_USER } from '../names.ts';
import { runningIn } from '../observe/clients.ts';
import { readServer } from '../observe/server.ts';

/** Variables that are looked into for the password, where none is given; the manifest points at one of them. */
const VARIABLES = ['REDIS_ADMIN_PASSWORD', 'REDIS_PASSWORD', 'VALKEY_PASSWORD', 'REDISCLI_AUTH', 'VALKEYCLI_AUTH'] as const;

/** Reads the users of a server: each that has the keys with one prefix, or one database, becomes an app. */
export async function readImport(url: string, password: string | null, context: SessionContext): Promise<Imported> {
  const access = await importAccess(url, password, VARIABLES, context, urlForm);
  const { tls } = access;
  const target = await targetAt(access, context);
  await using connection = await openServer(target, 'cotenant', context);
  const server = await readServer(connection, target.user);
  const questions = [['ACL', 'LIST'], ['COMMAND'], ['FUNCTION', 'LIST'], ['INFO', 'commandstats'], ['CLIENT', 'LIST']];
  const [list, table, libraries, stats, clients] = await connection.pipeline(questions);
  if (list instanceof Error) throw list;
  const commands = commandTable(table);
  const users = listOf(list).map((line) => parseAclLine(String(line)));
  // An admin who may not look may not load any either.
  const hasFunctions = Array.isArray(libraries) && libraries.length > 0;
  const ran = new Set([...String(stats).matchAll(/^cmdstat_(\S+?):calls=[1-9]/gm)].map(([, name = '']) => name.toLowerCase()));
  const read = importUsers(users, {
    table: commands,
    operator: target.user,
    project: context.project,
    hasFunctions,
    ran,
    running: runningIn(String(clients)),
  });
  const left = read.left.map(({ user, why }) => `user ${user}: ${why}`);
  const strangers = read.left.map(({ user, why, works }): Diagnostic => {
    const message = `the user "${user}" is left out: ${why}`;
    const hint = works
      ? 'it keeps what it has, and is listed under `known`; to make it an app’s, write its entry by hand: the plan names what it loses'
      : 'it stays as it is';
    return { code: 'CT2023', severity: 'warning', message, hint, instance: context.instance };
  });
  const open = users.find(({ name }) => name === DEFAULT_USER);
  if (open?.enabled && target.user !== DEFAULT_USER)
    left.push(
      `user default: it is open${open.noPassword ? ' to everybody' : ''}, and the first apply closes it (defaultUser: keep leaves it)`,
    );
  const named = target.user === DEFAULT_USER ? '' : `${encodeURIComponent(target.user)}@`;
  return {
    instance: {
      url: plainText(`${target.tls ? 'rediss' : 'redis'}://${named}${hostAndPort(access.url)}`),
      ...(tls?.mode === 'verify-full' && tls.ca === null && tls.cert === null ? {} : tlsFields(tls)),
      ...(target.password === '' ? {} : { password: { env: access.variable } }),
      ...(server.policy !== '' && server.policy !== 'noeviction' ? { eviction: 'allow' } : {}),
      ...(server.saving === 'none' ? { unsavedAcl: true } : {}),
    },
    apps: read.apps,
    comments: read.comments,
    known: read.left.flatMap(({ user, why, works }) =>
      works ? [{ user: plainText(user), why: plainText(`found on the server; ${why}`) }] : [],
    ),
    left,
    diagnostics: [...givenInClear(url, context.instance, urlForm), ...strangers],
  };
}
