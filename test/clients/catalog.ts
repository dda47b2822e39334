export type Engine = 'postgres' | 'mysql' | 'redis';

/** One client or library and the ordinary work that it does: the program beside this file. */
export interface Client {
  /** For people, and what its app is called. */
  readonly name: string;
  readonly id: string;
  readonly program: string;
  /** Whose version the table tells. */
  readonly packages: readonly string[];
  readonly engine: Engine;
  /** Its app is given the variables of this recipe, and its placement what that wants. */
  readonly recipe?: string;
  /** Levels at which it is run, with what its app's placement needs there. */
  readonly levels: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Levels at which it cannot work, with a part of what it says then. */
  readonly refused?: Readonly<Record<string, RegExp>>;
  /** Requirements of a whole application, which has an environment of its own beside the clients. */
  readonly own?: readonly string[];
  /** What to write in its configuration. */
  readonly needs?: string;
}

type More = Partial<Pick<Client, 'id' | 'env' | 'refused' | 'needs' | 'levels' | 'own' | 'recipe'>>;

const sql = (engine: 'postgres' | 'mysql', name: string, program: string, packages: readonly string[], more: More = {}): Client => ({
  name,
  id: program.replace(/(?:_client)?\.\w+$/, '').replaceAll(/[-_]/g, ''),
  program,
  packages,
  engine,
  levels: engine === 'postgres' ? { database: {}, schema: { isolation: 'schema', database: 'shared' } } : { database: {} },
  ...more,
});

const redis = (
  name: string,
  id: string,
  program: string,
  packages: readonly string[],
  relax: Readonly<Record<string, boolean>> = {},
  more: More & { readonly channels?: readonly string[] } = {},
): Client => {
  const { channels, ...rest } = more;
  const needed = Object.keys(relax).length > 0 ? { relax } : {};
  return {
    name,
    id,
    program,
    packages,
    engine: 'redis',
    levels: {
      prefix: { ...needed, ...(channels ? { channels } : {}) },
      database: { isolation: 'database', ...needed, ...(channels ? { channels } : {}) },
    },
    ...rest,
  };
};

const SCHEMA = 'at level schema: the schema in its own option';

export const clients: readonly Client[] = [
  sql('postgres', 'node-postgres', 'pg.mjs', ['pg'], { id: 'nodepg' }),
  sql('postgres', 'postgres.js', 'postgres-js.mjs', ['postgres']),
  sql('postgres', 'knex', 'knex.mjs', ['knex', 'pg']),
  sql('postgres', 'kysely', 'kysely.mjs', ['kysely', 'pg']),
  sql('postgres', 'drizzle-orm', 'drizzle.mjs', ['drizzle-orm', 'pg']),
  sql('postgres', 'Sequelize', 'sequelize.mjs', ['sequelize', 'pg'], { needs: SCHEMA }),
  sql('postgres', 'TypeORM', 'typeorm.mjs', ['typeorm', 'pg'], { needs: SCHEMA }),
  sql('postgres', 'psycopg', 'psycopg_client.py', ['psycopg']),
  sql('postgres', 'asyncpg', 'asyncpg_client.py', ['asyncpg']),
  sql('postgres', 'SQLAlchemy', 'sqlalchemy_client.py', ['sqlalchemy', 'psycopg']),
  sql('postgres', 'Alembic', 'alembic_client.py', ['alembic', 'psycopg']),
  sql('postgres', 'Django', 'django_client.py', ['django', 'psycopg']),
  sql('postgres', 'LightRAG', 'lightrag_client.py', ['lightrag-hku', 'asyncpg'], {
    id: 'lightrag',
    recipe: 'lightrag',
    levels: { database: {} },
    own: ['lightrag-hku', 'asyncpg', 'pgvector'],
  }),
  sql('postgres', 'MLflow', 'mlflow_client.py', ['mlflow', 'psycopg'], {
    id: 'mlflow',
    recipe: 'mlflow',
    levels: { database: {} },
    own: ['mlflow', 'psycopg2-binary', 'psycopg[binary]'],
  }),
  sql('postgres', 'Prefect', 'prefect_client.py', ['prefect', 'asyncpg'], {
    id: 'prefect',
    recipe: 'prefect',
    levels: { database: {} },
    own: ['prefect', 'asyncpg'],
  }),
  sql('mysql', 'mysql2', 'mysql2.mjs', ['mysql2']),
  sql('mysql', 'mariadb (Node.js)', 'mariadb.mjs', ['mariadb']),
  sql('mysql', 'knex', 'knex.mjs', ['knex', 'mysql2']),
  sql('mysql', 'kysely', 'kysely.mjs', ['kysely', 'mysql2']),
  sql('mysql', 'drizzle-orm', 'drizzle.mjs', ['drizzle-orm', 'mysql2']),
  sql('mysql', 'Sequelize', 'sequelize.mjs', ['sequelize', 'mysql2']),
  sql('mysql', 'TypeORM', 'typeorm.mjs', ['typeorm', 'mysql2']),
  sql('mysql', 'PyMySQL', 'pymysql_client.py', ['pymysql']),
  sql('mysql', 'SQLAlchemy', 'sqlalchemy_client.py', ['sqlalchemy', 'pymysql']),
  sql('mysql', 'Alembic', 'alembic_client.py', ['alembic', 'pymysql']),
  sql('mysql', 'Django', 'django_client.py', ['django', 'pymysql']),
  redis(
    'ioredis',
    'ioredis',
    'ioredis.mjs',
    ['ioredis'],
    {},
    { needs: 'enableReadyCheck: false; keyPrefix does not reach the key of XGROUP' },
  ),
  redis('node-redis', 'noderedis', 'node-redis.mjs', ['redis (npm)']),
  redis('redis-py', 'redispy', 'redis_py.py', ['redis']),
  redis('redis-py, Lock', 'redislock', 'redis_py_lock.py', ['redis'], { scripting: true }),
  redis('BullMQ', 'bullmq', 'bullmq.mjs', ['bullmq'], { scripting: true, info: true }),
  redis(
    'Celery',
    'celery',
    'celery_client.py',
    ['celery', 'redis'],
    { scripting: true },
    {
      channels: ['/{database}.celery.pidbox'],
      needs: 'global_keyprefix for broker and result backend at both levels, --without-gossip, --without-mingle',
    },
  ),
  redis(
    'Socket.IO, default adapter',
    'socketio',
    'socket-io.mjs',
    ['@socket.io/redis-adapter', 'socket.io'],
    {},
    {
      channels: ['socket.io#/#*'],
      needs: "key: '<prefix>socket.io'",
    },
  ),
  redis('rate-limiter-flexible, and TIME in a script', 'limiter', 'rate-limiter.mjs', ['rate-limiter-flexible'], { scripting: true }),
  redis('connect-redis: get, set, touch, destroy', 'connect', 'connect-redis.mjs', ['connect-redis']),
  redis('connect-redis: length, clear', 'connectclear', 'connect-redis-clear.mjs', ['connect-redis'], { scan: true }),
  redis('Django cache', 'djangocache', 'django_cache.py', ['django', 'redis']),
  redis(
    'Django cache: clear()',
    'djangoclear',
    'django_cache.py',
    ['django', 'redis'],
    {},
    {
      env: { CLEARS: '1' },
      refused: { prefix: /flushdb/i },
    },
  ),
  redis(
    'django-redis',
    'djangoredis',
    'django_cache.py',
    ['django-redis'],
    {},
    { env: { CACHE_BACKEND: 'django_redis.cache.RedisCache' } },
  ),
];
