import type { ConfigFile, RenderContext } from '../../../engine/index.ts';
import { demands } from '../compile/budget.ts';
import type { Input } from '../compile/draft.ts';
import { hba } from './hba.ts';
import { FOLDER, majorOf, MEMORY } from './server.ts';

const MIB = 1024 ** 2;

/** As many connections as all may open, with those that are kept free, and never fewer than a server has as it comes. */
function connectionsOf(input: Input): number {
  const { max, reserve } = input.config.connections;
  return max ?? Math.max(100, demands(input).reduce((sum, { connections }) => sum + connections, 0) + reserve);
}

export function config(input: Input, { size }: RenderContext): readonly ConfigFile[] {
  return [
    { name: 'postgresql.conf', text: settings(input, MEMORY[size]) },
    { name: 'pg_hba.conf', text: hba(input) },
  ];
}

function settings(input: Input, memory: number): string {
  const megabytes = (bytes: number): string => `'${Math.floor(bytes / MIB)}MB'`;
  const reserved = Number(majorOf(input)) >= 16 ? ['reserved_connections = 3'] : [];
  const lines = [
    "listen_addresses = '*'",
    `hba_file = '${FOLDER}/pg_hba.conf'`,
    "password_encryption = 'scram-sha-256'",
    '# Who connects and does not log in holds a place for so long.',
    "authentication_timeout = '15s'",
    '',
    '# The sum of what the manifest lets everybody open.',
    `max_connections = ${connectionsOf(input)}`,
    'superuser_reserved_connections = 3',
    ...reserved,
    '',
    `shared_buffers = ${megabytes(memory / 4)}`,
    `effective_cache_size = ${megabytes((memory * 3) / 4)}`,
    `maintenance_work_mem = ${megabytes(Math.max(64 * MIB, memory / 16))}`,
    '',
    '# Which app took how much of the server.',
    "shared_preload_libraries = 'pg_stat_statements'",
    'track_io_timing = on',
    '',
    "log_line_prefix = '%m [%p] %q%u@%d '",
    'log_lock_waits = on',
    "log_temp_files = '64MB'",
    '',
    '# What is added by hand: own.conf, beside this file.',
    "include_if_exists = 'own.conf'",
  ];
  return `${lines.join('\n')}\n`;
}
