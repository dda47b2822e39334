import { type Work, type WorkKind, workKinds } from '../model/index.ts';
import type { Counted } from './usage.ts';

interface Last {
  readonly epoch: string | null;
  readonly values: ReadonlyMap<string, Counted['work']>;
}

/**
 * Counters of apps that only rise. Servers forget: entries are thrown out, statistics are reset, a server starts anew. What a
 * counter has lost is no work undone, and what it shows after a new beginning was all done since.
 */
export class Rising {
  readonly #last = new Map<string, Last>();
  readonly #sums = new Map<string, Map<WorkKind, number>>();

  feed(statement: string, all: readonly Counted[], epoch: string | null): void {
    const last = this.#last.get(statement);
    const values = new Map(all.map(({ app, by, work }) => [key(app, by), work]));
    for (const { app, by, work } of all) {
      const sums = this.#sums.get(app) ?? new Map<WorkKind, number>();
      this.#sums.set(app, sums);
      const before = last?.epoch === epoch ? last.values.get(key(app, by)) : {};
      for (const kind of workKinds) {
        const value = work[kind];
        if (value === undefined) continue;
        // The first look only says where to count from.
        const since = last === undefined ? 0 : rise(value, before?.[kind] ?? 0, epoch);
        sums.set(kind, (sums.get(kind) ?? 0) + since);
      }
    }
    this.#last.set(statement, { epoch, values });
  }

  of(app: string): Work {
    return Object.fromEntries(this.#sums.get(app) ?? []);
  }
}

/** Of a server that says when it begins anew, what falls was thrown out. */
function rise(now: number, before: number, epoch: string | null): number {
  return now >= before ? now - before : epoch === null ? now : 0;
}

const key = (app: string, by: string): string => `${app}\n${by}`;
