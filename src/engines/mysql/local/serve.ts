import { join } from 'node:path';
import { ask, isNotServing } from './client.ts';
import type { Installation } from './find.ts';
import { commonArgs } from './init.ts';

/** What the server is started with to serve on a port of the loopback address, and nowhere else. */
export function serveArgs(installation: Installation, data: string, port: number): readonly string[] {
  return [
    ...commonArgs(installation, data),
    // A server that starts clears its temporary tables out of there, and with them those of any other that uses the place.
    `--tmpdir=${data}`,
    '--socket=',
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    `--pid-file=${join(data, 'server.pid')}`,
    '--skip-name-resolve',
    '--local-infile=0',
    // With a binary log no app could make a trigger or a function.
    '--log-bin-trust-function-creators=1',
    ...(installation.flavor === 'mysql' ? ['--mysqlx=0'] : ['--symbolic-links=0']),
  ];
}

/** True where a login has got its answer from this very server: another one may have taken the port. */
export async function answers(point: { host: string; port: number; password: string }, data: string): Promise<boolean> {
  try {
    const [row] = await ask(point, 'SELECT @@GLOBAL.datadir AS data');
    return String(row?.['data']).replace(/\/$/, '') === data;
  } catch (error) {
    if (isNotServing(error)) return false;
    throw error;
  }
}
