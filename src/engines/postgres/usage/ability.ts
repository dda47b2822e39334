import { LOCK_SECONDS, MONITOR, STATEMENT_SECONDS, type UsageAbility, Watch } from '../../../engine/index.ts';
import { DiagnosticError } from '../../../model/index.ts';
import type { Input } from '../compile/draft.ts';
import type { Config, Placement } from '../config.ts';
import { Connection, openDirect, type Target, targetOf } from '../connect/connection.ts';
import { errorCode } from '../../../util/system.ts';
import { type Here, read } from './read.ts';

/** Nothing waits for long, and nothing is written. Seen by others of the same login only as what it is. */
const CAREFUL = `SET statement_timeout = '${STATEMENT_SECONDS}s'; SET lock_timeout = '${LOCK_SECONDS}s'; SET default_transaction_read_only = on`;

class Elsewhere extends Error {}

class Monitor implements Here {
  readonly shared: Connection;
  readonly #open: (database: string) => Promise<Connection>;

  constructor(shared: Connection, open: (database: string) => Promise<Connection>) {
    this.shared = shared;
    this.#open = open;
  }

  get alive(): boolean {
    return this.shared.alive;
  }

  async inside(database: string, sql: string): Promise<readonly (readonly unknown[])[]> {
    if (database === '') return (await this.shared.rows(sql))[0] ?? [];
    try {
      await using connection = await this.#open(database);
      await connection.rows(CAREFUL);
      return (await connection.rows(sql))[0] ?? [];
    } catch (error) {
      // Another connection that is not to be had says nothing of this one.
      throw error instanceof DiagnosticError ? new Elsewhere(error.message, { cause: error }) : error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shared[Symbol.asyncDispose]();
  }
}

/** What a server refuses; a connection that is lost, or that it ends, is the end of the round. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Elsewhere || (/^[0-9A-Z]{5}$/.test(errorCode(error)) && !errorCode(error).startsWith('57P'));

export const usage: UsageAbility<Config, Placement> = {
  watch(input: Input, context) {
    const opening = (database: string): Parameters<typeof openDirect>[1] => ({ database, name: MONITOR, reading: true });
    return new Watch<Monitor>({
      instance: input.name,
      engine: 'postgres',
      isRefusal,
      read: async (monitor, round) => await read(input, monitor, round),
      async connect() {
        const session = await context();
        const target: Target = await targetOf(input.config, session);
        const shared = await openDirect(target, opening(target.database), session);
        await shared.rows(CAREFUL);
        return new Monitor(shared, async (database) => await Connection.open(target, opening(database), session));
      },
    });
  },
};
