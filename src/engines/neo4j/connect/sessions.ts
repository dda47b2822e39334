import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from './connection.ts';

/** How often is looked whether they are gone, and milliseconds between. */
const LOOKS = 20;
const PAUSE = 100;

/** Ends what a user has open, and looks that it is gone. A pool may have opened another one meanwhile: that one has the new password. */
export async function endSessionsOf(connection: Connection, user: string): Promise<void> {
  const known = (await sessionsOf(connection, user)).map(({ id }) => id);
  if (known.length === 0) return;
  await connection.run({ text: 'CALL dbms.killConnections($ids)', params: { ids: known } });
  for (let look = 0; look < LOOKS; look++) {
    const left = (await sessionsOf(connection, user)).filter(({ id }) => known.includes(id));
    if (left.length === 0) return;
    await sleep(PAUSE);
  }
}

export interface OpenSession {
  readonly id: string;
  readonly user: string;
}

export async function sessionsOf(connection: Connection, user?: string): Promise<readonly OpenSession[]> {
  const rows = await connection.run({ text: 'CALL dbms.listConnections() YIELD connectionId, username RETURN connectionId, username' });
  const all = rows.map(({ connectionId, username }) => ({ id: String(connectionId), user: typeof username === 'string' ? username : '' }));
  return user === undefined ? all : all.filter((one) => one.user === user);
}
