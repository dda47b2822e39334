import { freshPostgres } from '../../support/engines.ts';
import type { Major } from '../../../src/engines/postgres/local/find.ts';
import type { Subject } from '../frame.ts';
import { draw } from './draw.ts';
import { guests } from './guests.ts';
import { ownerless } from './ownerless.ts';
import { through } from './through.ts';
import { handApp } from './hand-apps.ts';
import { PostgresScene } from './scene.ts';
import { others } from './others.ts';
import { strangers } from './strangers.ts';
import type { Builder, Piece } from './world.ts';

const builders: Readonly<Record<string, Builder>> = { app: handApp, ...strangers, ...guests, ...through, ...ownerless, ...others };

const settings = { wal_level: 'logical', shared_preload_libraries: 'pg_stat_statements', max_prepared_transactions: 10 };

export function postgresSubject(major: Major): Subject<Piece> {
  return {
    name: `postgres${major}`,
    draw,
    build: async (pieces) => {
      const server = await freshPostgres({ major, settings });
      try {
        return await PostgresScene.build(server, pieces, builders);
      } catch (error) {
        await server.stop();
        throw error;
      }
    },
  };
}
