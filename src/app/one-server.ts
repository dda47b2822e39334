import type { Session } from '../engine/index.ts';
import { type Diagnostic, DiagnosticError } from '../model/index.ts';
import type { Reached } from './sessions.ts';

/** A server with the entries that lead to it. */
interface Met {
  readonly identity: string;
  readonly entries: Reached[];
}

/**
 * CT2074 for each entry of the manifest that leads to a server which another entry leads to as well. Each would be planned
 * without knowledge of the other: what one gives its apps, the other takes for a stranger's.
 */
export async function sharedServers(reached: readonly Reached[]): Promise<readonly Diagnostic[]> {
  const engines = Map.groupBy(reached, ({ instance }) => instance.engine.id);
  const alike = await Promise.all([...engines.values()].filter((some) => some.length > 1).map(serversOf));
  return alike.flat().flatMap(({ entries }) => (entries.length < 2 ? [] : entries.map((one) => shared(one, entries))));
}

async function serversOf(some: readonly Reached[]): Promise<readonly Met[]> {
  // Whatever cannot say this much cannot be read either, and says why when it is.
  const named = await Promise.all(some.map(async (one) => ({ one, identity: await unlessTrouble(one.session.identity?.(), null) })));
  const servers: Met[] = [];
  for (const { one, identity = null } of named) {
    if (identity === null) continue;
    const known = await metBefore(servers, identity, one.session);
    if (known) known.entries.push(one);
    else servers.push({ identity, entries: [one] });
  }
  return servers;
}

async function metBefore(servers: readonly Met[], identity: string, session: Session): Promise<Met | undefined> {
  for (const server of servers) {
    const [first] = server.entries;
    if (server.identity === identity && first && ((await unlessTrouble(session.isSameAs?.(first.session), true)) ?? true)) return server;
  }
  return undefined;
}

async function unlessTrouble<T, Else>(answer: Promise<T> | undefined, otherwise: Else): Promise<T | Else | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DiagnosticError) return otherwise;
    throw error;
  }
}

function shared({ instance }: Reached, entries: readonly Reached[]): Diagnostic {
  const names = entries.map((one) => one.instance.name);
  const others = names.filter((name) => name !== instance.name).map((name) => `"${name}"`);
  return {
    code: 'CT2074',
    severity: 'error',
    message: `"${instance.name}" is the same server as ${others.join(' and ')}, whatever its address`,
    hint: `keep one of the entries ${names.join(', ')}, and let \`uses\` of every app name that one`,
    instance: instance.name,
    path: [...instance.input.path],
  };
}
