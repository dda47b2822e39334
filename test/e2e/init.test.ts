import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runCli } from '../support/cli.ts';
import { init } from '../support/init.ts';
import { tempDir } from '../support/temp-dir.ts';

describe('init with nothing there', () => {
  it('writes a local server, one app, and a schema for editors', async () => {
    await using folder = await tempDir();
    expect((await runCli(['init'], { cwd: folder.path })).code).toBe(0);
    const text = await readFile(join(folder.path, 'cotenant.yaml'), 'utf8');
    const schema = /^# yaml-language-server: \$schema=(.+)$/m.exec(text)?.[1] ?? '';
    expect(JSON.parse(await readFile(join(folder.path, schema), 'utf8'))).toMatchObject({ type: 'object' });
    expect(parse(text)).toMatchObject({ instances: { main: { engine: 'postgres' } } });
  });

  it('takes everything from options', async () => {
    const { yaml, stderr } = await init(
      {},
      {},
      '--project',
      'digi',
      '--engine',
      'postgres',
      '--engine',
      'redis',
      '--app',
      'a',
      '--app',
      'b',
    );
    expect(yaml).toEqual({
      cotenant: 1,
      project: 'digi',
      instances: { main: { engine: 'postgres' }, cache: { engine: 'redis' } },
      apps: { a: { uses: { main: {}, cache: {} } }, b: { uses: { main: {}, cache: {} } } },
    });
    expect(stderr).toContain('Next: edit it, then cotenant up\n');
  });

  it('takes the address of a server, and the variable of its password', async () => {
    const url = 'postgres://boss@db.example.com/postgres?sslmode=require';
    const { yaml, stderr } = await init({}, {}, '--url', url, '--password-env', 'BOSS');
    expect(yaml.instances).toEqual({ main: { engine: 'postgres', url, password: { env: 'BOSS' } } });
    expect(stderr).toContain('Set BOSS before the next command');
  });

  it.each([
    [['--engine', 'postgress'], 'Did you mean "postgres"?'],
    [['--url', 'http://x'], 'It begins with one of postgres://'],
    [['--url', 'postgres://boss:pa55word@h/postgres'], 'CT1301'],
    [['--app', '7up'], 'CT1'],
    [['--project', 'a b'], 'CT1'],
  ])('writes nothing for %j', async (args, message) => {
    const { code, text, stderr } = await init({}, {}, ...args);
    expect(code).not.toBe(0);
    expect(text).toBe('');
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('pa55word');
  });
});

describe('init reads what is there', () => {
  it.each<[what: string, files: Record<string, string>, env: Record<string, string>, instances: unknown, apps: unknown]>([
    [
      'DATABASE_URL of an app, in .env',
      { '.env': 'DATABASE_URL="postgresql://shop:pa55word@db.example.com:5433/shop?schema=public&sslmode=require"\n' },
      {},
      {
        main: {
          engine: 'postgres',
          url: 'postgresql://shop@db.example.com:5433/postgres?sslmode=require',
          password: { env: 'DATABASE_URL', part: 'password', dotenv: '.env' },
        },
      },
      { shop: { uses: { main: { adopt: true } } } },
    ],
    [
      'DATABASE_URL of SQLAlchemy, in the environment',
      {},
      { DATABASE_URL: 'postgresql+asyncpg://postgres:pa55word@127.0.0.1/postgres' },
      {
        main: { engine: 'postgres', url: 'postgresql://postgres@127.0.0.1/postgres', password: { env: 'DATABASE_URL', part: 'password' } },
      },
      { my_shop: { uses: { main: {} } } },
    ],
    [
      'libpq’s variables',
      {},
      { PGHOST: 'localhost', PGUSER: 'boss', PGPASSWORD: 'pa55word' },
      {
        main: {
          engine: 'postgres',
          url: 'postgres://${PGUSER:-postgres}@${PGHOST:-127.0.0.1}:5432/postgres',
          password: { env: 'PGPASSWORD' },
        },
      },
      { my_shop: { uses: { main: {} } } },
    ],
    [
      'three engines at once, in .env',
      {
        '.env': [
          'POSTGRES_PASSWORD=pa55word',
          'POSTGRES_MULTIPLE_DATABASES=shop,blog:writer',
          'MYSQL_URL=mysql://root:pa55word@127.0.0.1:3307/crm',
          'REDIS_URL=rediss://:pa55word@cache.example.com:6380/2',
        ].join('\n'),
      },
      {},
      {
        main: {
          engine: 'postgres',
          url: 'postgres://postgres@127.0.0.1:5432/postgres',
          password: { env: 'POSTGRES_PASSWORD', dotenv: '.env' },
        },
        mysql: { engine: 'mysql', url: 'mysql://root@127.0.0.1:3307', password: { env: 'MYSQL_URL', part: 'password', dotenv: '.env' } },
        cache: {
          engine: 'redis',
          url: 'rediss://cache.example.com:6380',
          password: { env: 'REDIS_URL', part: 'password', dotenv: '.env' },
        },
      },
      {
        shop: { uses: { main: { adopt: true } } },
        blog: { uses: { main: { names: { login: 'writer' }, adopt: true } } },
        crm: { uses: { mysql: { adopt: true } } },
      },
    ],
    [
      'a compose file with three services, and the .env that it is filled from',
      {
        '.env': 'DB_PASSWORD=pa55word\nPG_PORT=15432\nDATABASE_URL=postgres://shop:pa55word@db:5432/shop\n',
        'compose.yaml': `
services:
  db:
    image: pgvector/pgvector:pg17
    environment:
      POSTGRES_PASSWORD: \${DB_PASSWORD:?needed}
      POSTGRES_USER: boss
      POSTGRES_DB: shop
    ports: ["\${PG_PORT:-5432}:5432"]
  wordpress:
    image: wordpress:6
    environment: { WORDPRESS_DB_PASSWORD: x }
  sql:
    image: docker.io/library/mariadb:11
    env_file: [.sql.env]
    ports: [{ target: 3306, published: 13306 }]
  cache:
    image: valkey/valkey:9.1-alpine
    command: valkey-server --requirepass \${CACHE_PASSWORD}
    ports: ["127.0.0.1:16379:6379/tcp"]
`,
        '.sql.env': 'MARIADB_ROOT_PASSWORD=pa55word\nMARIADB_DATABASE=blog\n',
      },
      { CACHE_PASSWORD: 'pa55word' },
      {
        main: { engine: 'postgres', url: 'postgres://boss@127.0.0.1:15432/postgres', password: { env: 'DB_PASSWORD', dotenv: '.env' } },
        mysql: { engine: 'mysql', url: 'mysql://root@127.0.0.1:13306', password: { env: 'MARIADB_ROOT_PASSWORD', dotenv: '.sql.env' } },
        cache: { engine: 'redis', url: 'redis://127.0.0.1:16379', password: { env: 'CACHE_PASSWORD' } },
      },
      { shop: { uses: { main: { adopt: true } } }, blog: { uses: { mysql: { adopt: true } } } },
    ],
    [
      'two services of one engine, variables in a list, a secret’s file, YAML’s own merging',
      {
        'docker-compose.yml': `
x-pg: &pg
  image: postgres:18
services:
  one:
    <<: *pg
    environment:
      - POSTGRES_PASSWORD_FILE=/run/secrets/pg
      - POSTGRES_MULTIPLE_DATABASES=a,b
    ports: ["5501:5432"]
  two:
    <<: *pg
    environment: { POSTGRES_PASSWORD_FILE: /run/secrets/pg }
    ports: ["5502:5432"]
secrets: { pg: { file: ./pg.txt } }
`,
      },
      {},
      {
        main: { engine: 'postgres', url: 'postgres://postgres@127.0.0.1:5501/postgres', password: { file: './pg.txt' } },
        postgres: { engine: 'postgres', url: 'postgres://postgres@127.0.0.1:5502/postgres', password: { file: './pg.txt' } },
      },
      { a: { uses: { main: { adopt: true } } }, b: { uses: { main: { adopt: true } } } },
    ],
  ])('%s', async (_, files, env, instances, apps) => {
    const { code, text, yaml, stderr, stdout } = await init(files, env);
    expect(stderr).toContain('Next: edit it, then cotenant plan\n');
    expect(code).toBe(0);
    expect({ instances: yaml.instances, apps: yaml.apps }).toEqual({ instances, apps });
    expect(text + stdout + stderr).not.toContain('pa55word');
  });

  it('says what has to be set where a compose file holds the password itself, and copies it nowhere', async () => {
    const compose = 'services: { db: { image: postgres, environment: { POSTGRES_PASSWORD: pa55word }, ports: ["5432:5432"] } }\n';
    const { text, stderr, yaml } = await init({ 'compose.yml': compose });
    expect(yaml.instances).toMatchObject({ main: { password: { env: 'POSTGRES_PASSWORD' } } });
    expect(stderr).toContain('Set POSTGRES_PASSWORD before the next command: compose.yml (service db) has it, or asks for it.');
    expect(text + stderr).not.toContain('pa55word');
  });

  it('says where a service cannot be reached from here, and which file is none', async () => {
    const unpublished = await init({ 'compose.yaml': 'services: { db: { image: postgres:18, environment: { POSTGRES_PASSWORD: x } } }' });
    expect(unpublished.stderr).toContain('service db publishes no port');
    // Only its author knows whether that network is trusted.
    expect(unpublished).toMatchObject({ code: 0, stderr: expect.stringContaining('add `sslmode: require`') as unknown });
    const broken = await init({ 'compose.yaml': 'services: [: {' });
    expect(broken).toMatchObject({ code: 0 });
    expect(broken.stderr).toContain('compose.yaml could not be read');
  });

  it('keeps a cache without a password without one', async () => {
    const { yaml } = await init({ 'compose.yaml': 'services: { c: { image: "redis:8", ports: ["6379:6379"] } }' });
    expect(yaml.instances).toEqual({ cache: { engine: 'redis', url: 'redis://127.0.0.1:6379' } });
  });

  it('overwrites nothing, and leaves nothing where it is refused', async () => {
    await using folder = await tempDir();
    await writeFile(join(folder.path, 'cotenant.yaml'), 'mine');
    const refused = await runCli(['init'], { cwd: folder.path });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('CT4008') as unknown });
    await expect(stat(join(folder.path, '.cotenant'))).rejects.toThrow('ENOENT');
  });
});
