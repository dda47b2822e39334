import type { ConfigFile, RenderAbility, RenderContext, RenderedServer, RenderSize } from '../../../engine/index.ts';
import type { Config, Placement } from '../config.ts';
import { ADMIN, firstUsers } from '../local/first-users.ts';
import { IMAGES } from './images.ts';

type Input = Parameters<RenderAbility<Config, Placement>['server']>[0];

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const MEMORY: Readonly<Record<RenderSize, number>> = { minimum: GIB / 2, recommended: GIB, high: 4 * GIB };
const PROCESSORS: Readonly<Record<RenderSize, number>> = { minimum: 1, recommended: 1, high: 2 };
/** What a server has as it comes. */
const USUAL_DATABASES = 16;

/** Inside the container. */
const FOLDER = '/etc/cotenant';
const USERS = '/data/users.acl';

export const render: RenderAbility<Config, Placement> = {
  addressFields: ['version', 'product', 'publicUrl', 'tls', 'tlsVerify'],
  adminUrl: (host) => `redis://${ADMIN}@${host}:6379`,
  server,
  config,
  alerts: [
    {
      name: 'KeysEvicted',
      expr: 'increase(cotenant_redis_evicted_keys[5m]) > 0',
      for: '0m',
      severity: 'page',
      says: 'throws keys away, and asks nobody whose they are',
      run: 'cotenant doctor',
    },
    {
      name: 'ConnectionsRejected',
      expr: 'increase(cotenant_redis_rejected_connections[5m]) > 0',
      for: '0m',
      severity: 'page',
      says: 'turns connections away',
      run: 'cotenant doctor',
    },
  ],
};

const productOf = ({ config: { product = 'valkey' } }: Input): 'valkey' | 'redis' => product;

function server(input: Input, { size, admin, secret }: RenderContext): RenderedServer {
  const product = productOf(input);
  const { version } = input.config;
  // Users change while the server runs, so the list lies with its data, and only the first one comes from here.
  const start = `test -e ${USERS} || cp ${secret('users')} ${USERS}; exec docker-entrypoint.sh "$@"`;
  return {
    image: version === undefined ? IMAGES[product] : `${product === 'valkey' ? 'valkey/valkey' : 'redis'}:${version}`,
    entrypoint: ['sh', '-c', start, 'start'],
    command: [`${product}-server`, `${FOLDER}/server.conf`],
    environment: {},
    port: 6379,
    data: '/data',
    configFolder: FOLDER,
    secrets: [{ name: 'users', text: firstUsers }],
    // A refused ping ends with 0: what counts is the answer.
    health: `REDISCLI_AUTH="$(cat ${admin})" ${product === 'valkey' ? 'valkey-cli' : 'redis-cli'} -h 127.0.0.1 -p 6379 --user ${ADMIN} ping | grep -qx PONG`,
    startPeriod: 60,
    stopPeriod: 60,
    memory: MEMORY[size],
    processors: PROCESSORS[size],
    notes: [],
  };
}

function config(input: Input, { size }: RenderContext): readonly ConfigFile[] {
  const lines = [
    'bind * -::*',
    'port 6379',
    'dir /data',
    `aclfile ${USERS}`,
    'daemonize no',
    '',
    `databases ${databasesOf(input)}`,
    'appendonly yes',
    '# Half of what the container may have: a rewrite of the file takes up to as much again.',
    `maxmemory ${Math.floor(MEMORY[size] / 2 / MIB)}mb`,
    '# The server asks nobody whose keys it throws away.',
    `maxmemory-policy ${input.config.eviction === 'allow' ? 'allkeys-lru' : 'noeviction'}`,
    'sanitize-dump-payload clients',
    '',
    '# What is added by hand: own.conf, beside this file.',
    `include ${FOLDER}/own*.conf`,
  ];
  return [{ name: 'server.conf', text: `${lines.join('\n')}\n` }];
}

/** One for each app that gets a number, and those that the manifest names. */
function databasesOf({ placements }: Input): number {
  const own = placements.filter(({ placement }) => placement.isolation === 'database');
  const highest = Math.max(0, ...placements.map(({ placement }) => placement.database ?? 0));
  return Math.max(USUAL_DATABASES, highest + 1, own.length + 1);
}
