import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from './connection.ts';
import { type BlockerRow, blockersQuery } from '../queries/blockers.ts';
import { literal } from '../quote.ts';

const SHOWN = 3;

/** A prepared transaction (`gid`) or a session (`pid`) that holds a lock. */
export interface Blocker {
  readonly gid: string | null;
  readonly pid: number | null;
  readonly login: string;
  /** What it is, where that is no client. */
  readonly type: string;
  readonly database: string;
  /** What it holds, of what was asked for. */
  readonly relations: readonly string[];
}

export function blockerOf([gid, pid, login, type, database, relations]: BlockerRow): Blocker {
  return { gid, pid, login: login ?? '', type: type === 'client backend' ? '' : (type ?? ''), database: database ?? '', relations };
}

/** As the subject of a sentence. */
export function blockerInWords({ gid, pid, login, type }: Blocker): string {
  const who = login === '' ? '' : ` of "${login}"`;
  if (gid !== null) return `the prepared transaction ${literal(gid)}${who}`;
  return `${type === '' ? 'the session' : `the ${type}`} ${pid ?? ''}${who}`;
}

/** What it holds, of many the first. */
export function relationsOf({ relations }: Blocker): string {
  return relations.slice(0, SHOWN).join(', ') + (relations.length > SHOWN ? ` and ${relations.length - SHOWN} more` : '');
}

/** The statement that ends it. */
export function remedyFor({ gid, pid, login, database }: Blocker): string {
  if (gid !== null) return `ROLLBACK PREPARED ${literal(gid)} (or COMMIT PREPARED), connected to "${database}", ends it`;
  return `let it end its transaction, or end it: SELECT pg_terminate_backend(${pid ?? 0})${login === '' ? '' : ` (of "${login}")`}`;
}

/** Milliseconds after which a statement that is still under way is looked at from beside, and between two looks. */
const AFTER = 5000;
const POLL = 100;

/** Looks at what a session waits for, while it does, from a connection of its own that is opened only where that lasts. */
export class LockWatch implements AsyncDisposable {
  readonly #open: () => Promise<Connection>;
  readonly #pid: number;
  readonly #ended = new AbortController();
  readonly #done: Promise<void>;
  #seen: readonly Blocker[] = [];

  constructor(pid: number, open: () => Promise<Connection>) {
    this.#pid = pid;
    this.#open = open;
    // Who it was is told beside the error; where it cannot be seen, there is the error.
    this.#done = this.#look().catch(() => undefined);
  }

  /** Whom it waited for when it was last seen to wait. */
  get seen(): readonly Blocker[] {
    return this.#seen;
  }

  async #look(): Promise<void> {
    const { signal } = this.#ended;
    await sleep(AFTER, undefined, { signal, ref: false });
    await using beside = await this.#open();
    while (!signal.aborted) {
      const [rows = []] = await beside.rows(blockersQuery(this.#pid));
      // The shape stands beside the statement.
      if (rows.length > 0) this.#seen = (rows as unknown as readonly BlockerRow[]).map(blockerOf);
      await sleep(POLL, undefined, { signal });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#done;
  }
}
