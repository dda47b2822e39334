import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import type { PostgresServer } from '../../src/engines/postgres/runtime.ts';
import { checkout, type Place } from './cli.ts';
import type { Command } from './process.ts';

/** `bench/bare-reader.ts` as plain JavaScript, so that no time goes into stripping its types. */
export async function bareReader(server: PostgresServer, place: Place): Promise<Command> {
  const folder = join(checkout, '.cache/bench');
  const file = join(folder, 'bare-reader.mjs');
  await mkdir(folder, { recursive: true });
  await writeFile(file, stripTypeScriptTypes(await readFile(join(checkout, 'bench/bare-reader.ts'), 'utf8')));
  return { program: process.execPath, args: [file, server.host, String(server.port)], ...place };
}
