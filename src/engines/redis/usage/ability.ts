import { MONITOR, type UsageAbility, Watch } from '../../../engine/index.ts';
import type { Input } from '../compile/draft.ts';
import type { Config, Placement } from '../config.ts';
import { type Connection, openServer, targetOf } from '../connect/connection.ts';
import { errorCode } from '../connect/trouble.ts';
import { read } from './read.ts';

export const usage: UsageAbility<Config, Placement> = {
  watch(input: Input, context) {
    return new Watch<Connection>({
      instance: input.name,
      engine: 'redis',
      isRefusal: (error) => errorCode(error) !== '',
      read: async (connection, round) => await read(input, connection, round),
      async connect() {
        const session = await context();
        return await openServer(await targetOf(input.config, session), MONITOR, session);
      },
    });
  },
};
