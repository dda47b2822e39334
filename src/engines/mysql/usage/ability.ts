import { MONITOR, type UsageAbility, Watch } from '../../../engine/index.ts';
import type { Input } from '../compile/draft.ts';
import type { Config, Placement } from '../config.ts';
import { Connection } from '../connect/connection.ts';
import { targetOf } from '../connect/target.ts';
import { errorNumber } from '../connect/trouble.ts';
import { careful } from '../doctor/queries.ts';
import { text } from '../observe/read-rows.ts';
import { read } from './read.ts';

export const usage: UsageAbility<Config, Placement> = {
  watch(input: Input, context) {
    return new Watch<Connection>({
      instance: input.name,
      engine: 'mysql',
      isRefusal: (error) => errorNumber(error) > 0,
      read: async (connection, round) => await read(input, connection, round),
      async connect() {
        const session = await context();
        const connection = await Connection.open(await targetOf(input.config, session), MONITOR, session);
        const [about] = await connection.rows('SELECT VERSION() AS release_');
        for (const statement of careful(/mariadb/i.test(text(about?.['release_'])) ? 'mariadb' : 'mysql')) await connection.run(statement);
        return connection;
      },
    });
  },
};
