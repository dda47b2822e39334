import { setTimeout as delay } from 'node:timers/promises';
import type { ServerSession } from '../model/index.ts';

/** What a session's end came to, before core says on which instance. */
export interface Gone {
  readonly id: string;
  readonly gone: boolean;
  readonly why?: string;
}

/** Looks at who is connected, and ends sessions. No text of a statement is read. */
export interface Tending {
  sessions(): Promise<readonly ServerSession[]>;
  /** Ends these and no others, and proves that they are gone. */
  end(sessions: readonly ServerSession[]): Promise<readonly Gone[]>;
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
