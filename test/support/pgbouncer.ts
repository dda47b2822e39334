import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { findPgbouncer } from '../engines/postgres/harness.ts';
import type { PostgresServer } from '../engines/postgres/runtime.ts';
import { localMachine } from '../../src/runtime/index.ts';
import { cache } from './places.ts';

/** The program; null: this machine has none, which the end of a run says. */
export const pgbouncer: string | null = findPgbouncer(cache)?.program ?? null;

export interface Pooler extends AsyncDisposable {
  readonly port: number;
}

export interface PoolerOptions {
  readonly mode: 'session' | 'transaction' | 'statement';
  /** Logins and their passwords. */
  readonly users: Readonly<Record<string, string>>;
  /** More lines of the `[pgbouncer]` section. */
  readonly more?: string;
}

/** A PgBouncer in front of the server, for every database and these users. */
export async function startPgbouncer(server: PostgresServer, { mode, users, more = '' }: PoolerOptions): Promise<Pooler> {
  if (pgbouncer === null) throw new Error('this machine has no pgbouncer');
  const machine = localMachine();
  const folder = await machine.tempFolder('cotenant-pgbouncer-', '/dev/shm');
  const port = await machine.freePort();
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const list = Object.entries(users).map((pair) => pair.map(quoted).join(' '));
  await writeFile(join(folder.path, 'users.txt'), `${list.join('\n')}\n`, { mode: 0o600 });
  await writeFile(
    join(folder.path, 'pgbouncer.ini'),
    `[databases]
* = host=127.0.0.1 port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${join(folder.path, 'users.txt')}
pool_mode = ${mode}
default_pool_size = 3
${more}
`,
  );
  await machine.chownToServer(folder.path);
  const process = await machine.start(pgbouncer, [join(folder.path, 'pgbouncer.ini')], {
    logFile: join(folder.path, 'pgbouncer.log'),
    stopSignals: ['SIGQUIT', 'SIGKILL'],
    watchParent: { remove: [folder.path] },
  });
  await machine.untilReady(process, async () => await listens(port), 30_000);
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      await process.stop();
      await folder.remove();
    },
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (there: boolean): void => {
      socket.destroy();
      resolve(there);
    };
    socket.on('connect', () => end(true));
    socket.on('error', () => end(false));
  });
}
