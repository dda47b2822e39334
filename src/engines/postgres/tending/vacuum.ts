import { placementOf, type TableDone, type VacuumAbility } from '../../../engine/index.ts';
import type { Config, Placement } from '../config.ts';
import { loginOf, openAs } from '../backup/session.ts';
import { isTrouble } from '../connect/trouble.ts';
import { errorCode } from '../../../util/system.ts';
import { text } from '../doctor/rows.ts';
import { qualified } from '../quote.ts';

/** schema, table: those that the login owns, or is a member of their owner. */
const TABLES = `SELECT n.nspname::text, c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND pg_catalog.pg_has_role(c.relowner, 'USAGE') ORDER BY 1, 2`;

/** No lock within the second that it may wait, in which whoever comes waits behind it. */
const NO_LOCK = '55P03';
const PATIENCE = `SET lock_timeout = '1s'`;

/**
 * VACUUM and ANALYZE run functions of indexes and types. The server runs them as the owner of the table and lets them change no
 * role; but on a connection of the operator that alone would stand between an app and the server. So it is the app's own login.
 */
export const vacuum: VacuumAbility<Config, Placement> = {
  vacuum(input, app, context) {
    // Rows of shared tables are nobody's own.
    if (placementOf(input, app)?.placement.isolation === 'rows') return null;
    return (async function* (): AsyncGenerator<TableDone> {
      await using connection = await openAs(await loginOf(input, app, context), context);
      await connection.rows(PATIENCE);
      const [tables] = await connection.rows(TABLES);
      for (const [schema, name] of tables ?? []) {
        context.session.signal.throwIfAborted();
        const began = performance.now();
        const table = `${text(schema)}.${text(name)}`;
        const seconds = (): number => (performance.now() - began) / 1000;
        try {
          await connection.rows(`VACUUM (ANALYZE) ${qualified(text(schema), text(name))}`);
          yield { table, state: 'done', seconds: seconds() };
        } catch (error) {
          if (!connection.alive || !isTrouble(error)) throw error;
          const state = errorCode(error) === NO_LOCK ? 'skipped' : 'failed';
          yield { table, state, why: error instanceof Error ? error.message : String(error), seconds: seconds() };
        }
      }
    })();
  },
};
