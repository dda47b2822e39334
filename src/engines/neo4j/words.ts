import type { Command } from '../../model/index.ts';
import { lookUp } from '../../util/record.ts';

type Params = Readonly<Record<string, string>>;

/** Where a statement has a password that nobody is to know, which is made when it is sent. */
export const RANDOM = 'random';

/** A statement on `system`. What is sent has parameters; people read it with them filled in, and a secret as `:password`. */
export function statement(text: string, params: Params, secrets?: Command['secrets']): Command {
  const shown = text.replaceAll(/\$(\w+)/g, (_, name: string) => {
    if (name === RANDOM) return "'<random, and kept nowhere>'";
    const value = lookUp(params, name);
    return value === undefined ? `:${name}` : quoteName(value);
  });
  return { op: 'cypher', text: shown, args: { text, params }, ...(secrets ? { secrets } : {}) };
}

/** As a name in Cypher. */
function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** Ends what a user has open: a connection outlives the password, and even the user. */
export function endSessions(user: string): Command {
  return {
    op: 'sessions/end',
    text: `CALL dbms.listConnections() YIELD connectionId, username WHERE username = '${user.replaceAll(/['\\]/g, '\\$&')}' CALL dbms.killConnection(connectionId) YIELD message RETURN message`,
    args: { user },
  };
}

/**
 * Deletes what is in the standard database: constraints, indexes, and everything that they are about. `users`: whom the plan names;
 * whoever comes meanwhile may have put something there.
 */
export function emptyGraph(users: readonly string[]): Command {
  return { op: 'graph/empty', text: 'MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 1000 ROWS', args: { users } };
}
