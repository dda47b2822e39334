import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from '../support/children.ts';
import { cache } from '../support/places.ts';
import { type Client, clients } from './catalog.ts';

const NODE = [
  'pg',
  'postgres',
  'knex',
  'kysely',
  'drizzle-orm',
  'sequelize',
  'typeorm',
  'reflect-metadata',
  'mysql2',
  'mariadb',
  'ioredis',
  'redis',
  'bullmq',
  'socket.io',
  'socket.io-client',
  '@socket.io/redis-adapter',
  'rate-limiter-flexible',
  'connect-redis',
  'express-session',
  'drizzle-kit',
  'node-pg-migrate',
  'dbmate',
];
const PYTHON = ['psycopg[binary]', 'asyncpg', 'SQLAlchemy', 'alembic', 'Django', 'pymysql', 'redis', 'celery', 'packaging', 'django-redis'];

export interface Installed {
  /** Programs are copied here: Node.js looks for packages from where a program lies. */
  readonly folder: string;
  pythonOf(client: Client): string;
  /** A version, or null where it cannot be had. */
  version(name: string, client: Client): string | null;
  /** Why something is not there; '' where all is. */
  readonly trouble: string;
}

/** Clients are nothing that the package depends on: they lie in the cache, put there once by the registries' own programs. */
export function installed(asked: readonly Client[] = clients.filter(({ own }) => own === undefined)): Installed {
  const node = join(cache, 'clients/node');
  mkdirSync(join(node, 'programs'), { recursive: true });
  const shared = asked.some(({ own }) => own === undefined) ? [withNode(node), withPython(venvOf(null), PYTHON)] : [];
  const apart = asked.flatMap((client) => (client.own === undefined ? [] : [withPython(venvOf(client), client.own)]));
  return {
    folder: node,
    trouble: [...shared, ...apart].filter((one) => one !== '').join('\n'),
    pythonOf: (client) => pythonIn(venvOf(client)),
    version: (name, client) => {
      const file = join(node, 'node_modules', name.replace(' (npm)', ''), 'package.json');
      if (!client.program.endsWith('.py'))
        return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : null;
      return inVenv(venvOf(client)).get(name) ?? null;
    },
  };
}

function venvOf(client: Client | null): string {
  return join(cache, 'clients', client?.own === undefined ? 'python' : client.id);
}

function pythonIn(venv: string): string {
  return join(venv, 'bin/python');
}

/** Versions by the names of packages in small letters. */
function inVenv(venv: string): ReadonlyMap<string, string> {
  if (!existsSync(pythonIn(venv))) return new Map();
  const { stdout } = spawnSync(pythonIn(venv), ['-m', 'pip', 'list', '--format=json'], { encoding: 'utf8' });
  const list = JSON.parse(stdout === '' ? '[]' : stdout) as { name: string; version: string }[];
  return new Map(list.map((one) => [one.name.toLowerCase(), one.version]));
}

function withNode(folder: string): string {
  const missing = NODE.filter((name) => !existsSync(join(folder, 'node_modules', name)));
  if (missing.length === 0) return '';
  if (!existsSync(join(folder, 'package.json'))) writeFileSync(join(folder, 'package.json'), '{"private": true}');
  return done('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...missing], folder);
}

function withPython(venv: string, wanted: readonly string[]): string {
  const made = existsSync(pythonIn(venv)) ? '' : done('python3', ['-m', 'venv', venv], cache);
  if (made !== '') return made;
  const there = inVenv(venv);
  const missing = wanted.filter((name) => !there.has(name.toLowerCase().replace(/\[.*|==.*/, '')));
  return missing.length === 0 ? '' : done(pythonIn(venv), ['-m', 'pip', 'install', '--disable-pip-version-check', '-q', ...missing], cache);
}

function done(program: string, args: readonly string[], cwd: string): string {
  const { status, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 900_000 });
  return status === 0 ? '' : `${program} ${args.slice(0, 2).join(' ')}: ${error?.message ?? stderr.trim().split('\n').slice(-3).join(' ')}`;
}
