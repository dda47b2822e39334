import { setTimeout as delay } from 'node:timers/promises';
import type { ServerSession, SlowStatement, TableSize } from '../model/index.ts';

/** What a session's end came to, before core says on which instance. */
export interface Gone {
  readonly id: string;
  readonly gone: boolean;
  readonly why?: string;
}

export interface SlowAsked {
  /** Only what this app or reader sent; null: all of them. */
  readonly app: string | null;
  readonly most: number;
}

export interface Slow {
  readonly statements: readonly SlowStatement[];
  /** What the server does not tell, and what would have it tell. */
  readonly untold: readonly string[];
}

export interface Tables {
  readonly tables: readonly TableSize[];
  readonly untold: readonly string[];
}

/** Of a server that cotenant does not start. */
export interface ServerLog {
  /** The file, on the machine of the server; null: the server does not tell. */
  readonly where: string | null;
  /** The last of them; null: they cannot be had by way of the server. */
  readonly lines: readonly string[] | null;
  /** Why there are none, in words. */
  readonly why?: string;
}

/** Looks at who is connected and at what takes time and room, and ends sessions. */
export interface Tending {
  sessions(): Promise<readonly ServerSession[]>;
  /** Ends these and no others, and proves that they are gone. */
  end(sessions: readonly ServerSession[]): Promise<readonly Gone[]>;
  /** The statements that took most, without what people wrote into them. Absent: the engine has no list of them. */
  slow?(asked: SlowAsked): Promise<Slow>;
  /** Tables of one app, or of all. No row is read. Absent: the engine has none. */
  tables?(app: string | null): Promise<Tables>;
  /** The last lines of the server's log; with an app, only what is known to be of its logins. Absent: the server tells nothing of it. */
  log?(app: string | null, lines: number): Promise<ServerLog>;
}

/** Milliseconds for a session to go: a long rollback can keep it. */
const PATIENCE = 5000;
const POLL = 50;

/** Ends one after the other, and looks until they are gone or time is up. `end` throws what the server says against it. */
export async function endAll(
  sessions: readonly ServerSession[],
  end: (session: ServerSession) => Promise<void>,
  isRefusal: (error: unknown) => boolean,
  list: () => Promise<readonly ServerSession[]>,
): Promise<readonly Gone[]> {
  const refused = new Map<string, string>();
  for (const session of sessions) {
    try {
      await end(session);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refused.set(keyOf(session), error instanceof Error ? error.message : String(error));
    }
  }
  const until = performance.now() + PATIENCE;
  for (;;) {
    const there = new Set((await list()).map(keyOf));
    const left = sessions.filter((one) => there.has(keyOf(one)));
    if (performance.now() >= until || left.every((one) => refused.has(keyOf(one)))) {
      return sessions.map((one) => {
        if (!there.has(keyOf(one))) return { id: one.id, gone: true };
        return {
          id: one.id,
          gone: false,
          why: refused.get(keyOf(one)) ?? 'it was told to end and has not yet: a long rollback can keep it',
        };
      });
    }
    await delay(POLL);
  }
}

const keyOf = ({ id, started }: ServerSession): string => `${id} ${started}`;
