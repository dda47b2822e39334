import type { ConfigFile, RenderAbility, RenderContext, RenderedServer, RenderSize } from '../../../engine/index.ts';
import { demands } from '../compile/budget.ts';
import type { Config, Placement } from '../config.ts';
import { IMAGES } from './images.ts';

type Input = Parameters<RenderAbility<Config, Placement>['server']>[0];

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const MEMORY: Readonly<Record<RenderSize, number>> = { minimum: GIB, recommended: 2 * GIB, high: 8 * GIB };
const PROCESSORS: Readonly<Record<RenderSize, number>> = { minimum: 1, recommended: 2, high: 4 };
/** What a server has as it comes. */
const USUAL_MAX = 151;

export const render: RenderAbility<Config, Placement> = {
  addressFields: ['version', 'product', 'publicUrl', 'tls', 'sslmode', 'requireSsl'],
  adminUrl: (host) => `mysql://root@${host}:3306`,
  server,
  config,
  connections: (input) => demands(input).reduce((sum, one) => sum + one.connections, 0),
};

const productOf = ({ config: { product = 'mariadb' } }: Input): 'mariadb' | 'mysql' => product;

function server(input: Input, { size, admin }: RenderContext): RenderedServer {
  const product = productOf(input);
  const front = product === 'mariadb' ? 'MARIADB' : 'MYSQL';
  const { version } = input.config;
  return {
    image: version === undefined ? IMAGES[product] : `${product}:${version}`,
    command: [product === 'mariadb' ? 'mariadbd' : 'mysqld'],
    environment: { [`${front}_ROOT_PASSWORD_FILE`]: admin, [`${front}_ROOT_HOST`]: '%' },
    port: 3306,
    data: '/var/lib/mysql',
    configFolder: '/etc/mysql/conf.d',
    secrets: [],
    // Over TCP, because the server of a first start listens on the socket only. A refused ping ends with 0, a refused query does not.
    health: `printf '[client]\\npassword="%s"\\n' "$(cat ${admin})" | ${product} --defaults-extra-file=/dev/stdin --connect-timeout=3 -h 127.0.0.1 -P 3306 -u root -Nse 'SELECT 1' | grep -qx 1`,
    startPeriod: 180,
    stopPeriod: 60,
    memory: MEMORY[size],
    processors: PROCESSORS[size],
    notes: [],
  };
}

function config(input: Input, { size }: RenderContext): readonly ConfigFile[] {
  const { max, reserve } = input.config.connections;
  const connections = max ?? Math.max(USUAL_MAX, demands(input).reduce((sum, one) => sum + one.connections, 0) + reserve);
  const isMaria = productOf(input) === 'mariadb';
  const lines = [
    '[mysqld]',
    '# Accounts are matched by address, which nobody who owns a name server can change.',
    'skip-name-resolve',
    'character-set-server = utf8mb4',
    'local-infile = 0',
    '# With a binary log no app could make a trigger or a function.',
    'log-bin-trust-function-creators = 1',
    '# The sum of what the manifest lets everybody open.',
    `max-connections = ${connections}`,
    `innodb-buffer-pool-size = ${Math.floor(MEMORY[size] / 2 / MIB)}M`,
    ...(isMaria
      ? ['symbolic-links = 0', '# Off as it comes: which app took how much of the server.', 'performance-schema = ON']
      : ['mysqlx = OFF']),
    '# What is added by hand: a file of its own beside this one, which sorts behind it, as own.cnf.',
  ];
  return [{ name: 'cotenant.cnf', text: `${lines.join('\n')}\n` }];
}
