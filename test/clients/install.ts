import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from '../support/children.ts';
import { cache } from '../support/places.ts';

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
];
const PYTHON = ['psycopg[binary]', 'asyncpg', 'SQLAlchemy', 'alembic', 'Django', 'pymysql', 'redis', 'celery', 'packaging', 'django-redis'];

export interface Installed {
  /** Programs are copied here: Node.js looks for packages from where a program lies. */
  readonly folder: string;
  readonly python: string;
  /** A version, or null where it cannot be had. */
  version(name: string): string | null;
  /** Why something is not there; '' where all is. */
  readonly trouble: string;
}

/** Clients are nothing that the package depends on: they lie in the cache, put there once by the registries' own programs. */
export function installed(): Installed {
  const [node, venv] = [join(cache, 'clients/node'), join(cache, 'clients/python')];
  const python = join(venv, 'bin/python');
  mkdirSync(join(node, 'programs'), { recursive: true });
  const trouble = [withNode(node), withPython(venv, python)].filter((one) => one !== '').join('\n');
  const listed = existsSync(python) ? spawnSync(python, ['-m', 'pip', 'list', '--format=json'], { encoding: 'utf8' }).stdout : '';
  const list = JSON.parse(listed === '' ? '[]' : listed) as { name: string; version: string }[];
  const ofPython = new Map(list.map((one) => [one.name.toLowerCase(), one.version]));
  return {
    folder: node,
    python,
    trouble,
    version: (name) => {
      const file = join(node, 'node_modules', name.replace(' (npm)', ''), 'package.json');
      const fromNode = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : null;
      return PYTHON.some((one) => one.toLowerCase().replace('[binary]', '') === name) ? (ofPython.get(name) ?? null) : fromNode;
    },
  };
}

function withNode(folder: string): string {
  const missing = NODE.filter((name) => !existsSync(join(folder, 'node_modules', name)));
  if (missing.length === 0) return '';
  if (!existsSync(join(folder, 'package.json'))) writeFileSync(join(folder, 'package.json'), '{"private": true}');
  return done('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...missing], folder);
}

function withPython(folder: string, python: string): string {
  const made = existsSync(python) ? '' : done('python3', ['-m', 'venv', folder], cache);
  if (made !== '') return made;
  const there = spawnSync(python, ['-m', 'pip', 'list', '--format=freeze'], { encoding: 'utf8' }).stdout.toLowerCase();
  const missing = PYTHON.filter((name) => !there.includes(`${name.toLowerCase().replace('[binary]', '')}==`));
  return missing.length === 0 ? '' : done(python, ['-m', 'pip', 'install', '--disable-pip-version-check', '-q', ...missing], cache);
}

function done(program: string, args: readonly string[], cwd: string): string {
  const { status, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 900_000 });
  return status === 0 ? '' : `${program} ${args.slice(0, 2).join(' ')}: ${error?.message ?? stderr.trim().split('\n').slice(-3).join(' ')}`;
}
