import type { PostgresServer } from '../../test/engines/postgres/runtime.ts';
import { plainScript } from './bare.ts';
import type { Place } from './cli.ts';
import type { Command } from './process.ts';

/** `bench/bare-reader.ts` against a server. */
export async function bareReader(server: PostgresServer, place: Place): Promise<Command> {
  return { program: process.execPath, args: [await plainScript('bare-reader'), server.host, String(server.port)], ...place };
}
