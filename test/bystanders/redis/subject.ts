import { redisWays } from '../../engines/redis/harness.ts';
import type { Version } from '../../../src/engines/redis/local/find.ts';
import { localMachine } from '../../../src/runtime/index.ts';
import { cache } from '../../support/places.ts';
import type { Subject } from '../frame.ts';
import { draw } from './draw.ts';
import { RedisScene } from './scene.ts';
import type { Piece } from './world.ts';

export function redisSubject(version: Version): Subject<Piece> {
  const walled = version === 'valkey91';
  return {
    name: version,
    draw: (random) => draw(random, walled),
    build: async (pieces) => {
      const way = redisWays(localMachine(), { cache, env: {} }, { version })[0];
      if (!way) throw new Error(`this machine has no ${version}`);
      const settings = Object.assign({}, ...pieces.map((piece) => piece.settings ?? {})) as Record<string, string>;
      const server = await way.start({ settings });
      try {
        return await RedisScene.build(server, pieces);
      } catch (error) {
        await server.stop();
        throw error;
      }
    },
  };
}
