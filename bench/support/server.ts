import { join } from 'node:path';
import { embeddedInstallations } from '../../src/engines/postgres/local/find.ts';
import { type PostgresServer, type Settings, startPostgres } from '../../test/engines/postgres/runtime.ts';
import { localMachine } from '../../src/runtime/index.ts';
import { checkout } from './cli.ts';

/**
 * A PostgreSQL of its own, the newest from npm, on loopback TCP with SCRAM. Nothing in it has to outlive a power cut, and
 * nothing but the measured work runs in it.
 */
export async function benchServer(settings: Settings = {}): Promise<PostgresServer> {
  const installation = embeddedInstallations().at(-1);
  if (!installation) throw new Error('no PostgreSQL was installed by npm');
  return await startPostgres(localMachine(), {
    installation,
    auth: 'scram',
    templates: join(process.env['COTENANT_CACHE'] ?? join(checkout, '.cache'), 'templates'),
    settings: { fsync: false, full_page_writes: false, shared_buffers: '128MB', autovacuum: false, max_connections: 300, ...settings },
  });
}
