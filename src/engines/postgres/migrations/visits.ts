import type { Connection } from '../connect/connection.ts';

interface Visit {
  readonly connection: Promise<Connection>;
  /** The last that was asked: one after the other, so that none meets a transaction that another one has left. */
  last: Promise<unknown>;
  guests: number;
}

/** One connection to a database for all that is asked of it at the same time: a new one costs the server more than most questions. */
export class Visits {
  readonly #open: (database: string) => Promise<Connection>;
  readonly #visits = new Map<string, Visit>();

  constructor(open: (database: string) => Promise<Connection>) {
    this.#open = open;
  }

  /** It is closed when nobody is left who asks: no tool meets it. */
  async in<T>(database: string, work: (connection: Connection) => Promise<T>): Promise<T> {
    const visit = this.#visits.get(database) ?? { connection: this.#open(database), last: Promise.resolve(), guests: 0 };
    this.#visits.set(database, visit);
    visit.guests += 1;
    const answer = visit.last.then(async () => await work(await visit.connection));
    visit.last = answer.catch(() => undefined);
    try {
      return await answer;
    } finally {
      visit.guests -= 1;
      if (visit.guests === 0) {
        this.#visits.delete(database);
        const connection = await visit.connection.catch(() => null);
        await connection?.[Symbol.asyncDispose]();
      }
    }
  }
}
