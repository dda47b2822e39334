import type { RenderAbility, RenderContext, RenderedServer, RenderSize } from '../../../engine/index.ts';
import type { Config, Placement } from '../config.ts';
import { FIRST_USER } from '../names.ts';
import { IMAGE } from './images.ts';

type Input = Parameters<RenderAbility<Config, Placement>['server']>[0];

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const MEMORY: Readonly<Record<RenderSize, number>> = { minimum: 1.5 * GIB, recommended: 4 * GIB, high: 12 * GIB };
const PROCESSORS: Readonly<Record<RenderSize, number>> = { minimum: 1, recommended: 2, high: 4 };

export const render: RenderAbility<Config, Placement> = {
  addressFields: ['version', 'publicUrl', 'tls'],
  adminUrl: (host) => `bolt://${FIRST_USER}@${host}:7687`,
  server,
  oneApp: true,
  // All of its settings fit into the environment, where an unknown one stops the server.
  config: () => [],
};

function server({ config }: Input, { size, secret }: RenderContext): RenderedServer {
  const memory = MEMORY[size];
  const megabytes = (bytes: number): string => `${Math.floor(bytes / MIB)}m`;
  return {
    image: config.version === undefined ? IMAGE : `neo4j:${config.version}-community`,
    command: ['neo4j'],
    environment: {
      // It sets the first password only: what cotenant has changed since stays.
      NEO4J_AUTH_FILE: secret('auth'),
      NEO4J_server_memory_heap_initial__size: megabytes(memory / 3),
      NEO4J_server_memory_heap_max__size: megabytes(memory / 3),
      NEO4J_server_memory_pagecache_size: megabytes(memory / 4),
      NEO4J_server_default__listen__address: '0.0.0.0',
      NEO4J_db_tx__log_rotation_retention__policy: '2 days 2G',
      NEO4J_dbms_usage__report_enabled: 'false',
      ...(config.database === 'neo4j' ? {} : { NEO4J_initial_dbms_default__database: config.database }),
    },
    port: 7687,
    data: '/data',
    configFolder: null,
    secrets: [{ name: 'auth', text: (password) => `${FIRST_USER}/${password}` }],
    // The image has no curl, and its shell starts a Java machine each time.
    health: 'wget -q --timeout=5 --tries=1 --spider http://127.0.0.1:7474/',
    startPeriod: 120,
    stopPeriod: 120,
    memory,
    processors: PROCESSORS[size],
    notes: [],
  };
}
