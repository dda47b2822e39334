import pg from 'pg';
import type { HandCase } from '../../../support/field/by-hand.ts';
import { at, query } from '../../../support/query.ts';
import type { PostgresServer } from '../runtime.ts';

/** What the server answers to each act, undone at once: '' where it works. */
export async function refusals(server: PostgresServer, { acts }: HandCase): Promise<readonly string[]> {
  const out: string[] = [];
  for (const [login, database, sql] of acts) {
    const client = new pg.Client(at(server.url, { user: login, password: `old-${login}`, database }));
    out.push(
      await client
        .connect()
        .then(async () => await client.query(`BEGIN; ${sql}; ROLLBACK`))
        .then(
          () => '',
          (error: unknown) => String(error),
        ),
    );
    await client.end().catch(() => undefined);
  }
  return out;
}

export async function build(server: PostgresServer, { lines }: HandCase): Promise<void> {
  for (const [database, sql, login] of lines)
    await query(at(server.url, { database, ...(login ? { user: login, password: `old-${login}` } : {}) }), sql);
}
