import type { TableDone, VacuumAbility } from '../../../engine/index.ts';
import type { Config, Placement } from '../config.ts';
import { loginOf, openAs } from '../backup/login.ts';
import { errorNumber } from '../connect/trouble.ts';
import { text } from '../observe/read-rows.ts';
import { ident } from '../quote.ts';

/** ANALYZE, which counts anew. Tables are not rebuilt: that would hold them for as long as it takes. */
export const vacuum: VacuumAbility<Config, Placement> = {
  vacuum(input, app, context) {
    return (async function* (): AsyncGenerator<TableDone> {
      await using connection = await openAs(await loginOf(input, app, context), context);
      await connection.run('SET SESSION lock_wait_timeout = 1');
      const tables = await connection.rows(
        "SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE' ORDER BY 1",
      );
      for (const row of tables) {
        context.session.signal.throwIfAborted();
        const began = performance.now();
        const table = text(row['name']);
        const end = (state: TableDone['state'], why?: string): TableDone => ({
          table,
          state,
          ...(why === undefined ? {} : { why }),
          seconds: (performance.now() - began) / 1000,
        });
        try {
          const said = await connection.rows(`ANALYZE TABLE ${ident(table)}`);
          const bad = said.find((one) => /^error$/i.test(text(one['Msg_type'])));
          yield bad === undefined
            ? end('done')
            : end(/lock wait/i.test(text(bad['Msg_text'])) ? 'skipped' : 'failed', text(bad['Msg_text']));
        } catch (error) {
          if (!connection.alive || errorNumber(error) === 0) throw error;
          yield end(errorNumber(error) === 1205 ? 'skipped' : 'failed', error instanceof Error ? error.message : String(error));
        }
      }
    })();
  },
};
