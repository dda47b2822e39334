import type { MigrationTool } from '../../src/model/index.ts';
import { fileOnPage } from './page.ts';

/** Text by path, in the app's folder. */
type Texts = Readonly<Record<string, string>>;

/** A revision that makes one table, and what it is called. */
export interface KitRevision {
  readonly id: string;
  readonly files: Texts;
}

/** A project of a real tool: three revisions that make the tables t1, t2 and t3. */
export interface Kit {
  readonly tool: MigrationTool;
  /** What the app is called. */
  readonly app: string;
  /** Below the app's folder. Default: that folder. */
  readonly directory?: string;
  /** More of its placement. */
  readonly placement?: string;
  /** More of its `migrations`. */
  readonly more?: string;
  /** `env` of its `migrations`. */
  readonly env?: Texts;
  readonly files: Texts;
  /** What a file is called on the page of its tool, where that is another name. */
  readonly page?: Texts;
  readonly revisions: readonly [KitRevision, KitRevision, KitRevision];
  /** Whether the tool can go to one revision, and back. */
  readonly ways: readonly ('to' | 'back')[];
  /** The ledger keeps a checksum of each file. */
  readonly checksums?: boolean;
}

const up = (n: number): string => `CREATE TABLE t${n} (id int PRIMARY KEY)`;
const down = (n: number): string => `DROP TABLE t${n}`;

function revisions(make: (n: 1 | 2 | 3) => KitRevision): Kit['revisions'] {
  return [make(1), make(2), make(3)];
}

const both = ['to', 'back'] as const;

/** What stands on the page for a tool is what is run here. */
export function kits(): readonly Kit[] {
  return [...kitsWithConfiguration(), ...kitsOfFiles(), ...kitsOfOthers()];
}

function kitsWithConfiguration(): readonly Kit[] {
  return [
    {
      tool: 'alembic',
      app: 'al',
      files: {
        'alembic.ini': fileOnPage('alembic', 'alembic.ini'),
        'migrations/env.py': fileOnPage('alembic', 'migrations/env.py'),
      },
      ways: both,
      revisions: revisions((n) => ({ id: `000${n}`, files: { [`migrations/versions/000${n}_t.py`]: alembicMigration(n) } })),
    },
    {
      tool: 'django',
      app: 'dj',
      files: {
        'manage.py': fileOnPage('django', 'manage.py'),
        'web/settings.py': fileOnPage('django', 'web/settings.py'),
        'web/__init__.py': '',
        'shop/__init__.py': '',
        'shop/models.py': '',
        'shop/migrations/__init__.py': '',
      },
      ways: both,
      revisions: revisions((n) => ({ id: `shop.000${n}_t`, files: { [`shop/migrations/000${n}_t.py`]: djangoMigration(n) } })),
    },
    {
      tool: 'drizzle',
      app: 'dz',
      placement: 'relax: { createOnDatabase: true }',
      files: { 'drizzle.config.ts': fileOnPage('drizzle', 'drizzle.config.ts') },
      ways: [],
      checksums: true,
      revisions: revisions((n) => ({
        id: `000${n}_t`,
        files: { [`drizzle/000${n}_t.sql`]: `${up(n)};\n`, 'drizzle/meta/_journal.json': journal([1, 2, 3].slice(0, n)) },
      })),
    },
    {
      tool: 'knex',
      app: 'kx',
      files: { 'knexfile.mjs': fileOnPage('knex', 'knexfile.mjs') },
      ways: both,
      revisions: revisions((n) => ({
        id: `000${n}_t.cjs`,
        files: {
          [`migrations/000${n}_t.cjs`]: `exports.up = (knex) => knex.raw('${up(n)}');\nexports.down = (knex) => knex.raw('${down(n)}');\n`,
        },
      })),
    },
  ];
}

function kitsOfFiles(): readonly Kit[] {
  return [
    {
      tool: 'node-pg-migrate',
      app: 'np',
      files: { 'package.json': '{ "private": true }' },
      ways: both,
      revisions: revisions((n) => ({
        id: `170000000000${n}_t`,
        files: { [`migrations/170000000000${n}_t.sql`]: `-- Up Migration\n${up(n)};\n-- Down Migration\n${down(n)};\n` },
      })),
    },
    {
      tool: 'dbmate',
      app: 'dm',
      files: {},
      ways: ['back'],
      revisions: revisions((n) => ({
        id: `2024010100000${n}_t`,
        files: { [`db/migrations/2024010100000${n}_t.sql`]: `-- migrate:up\n${up(n)};\n-- migrate:down\n${down(n)};\n` },
      })),
    },
    {
      tool: 'golang-migrate',
      app: 'gm',
      files: {},
      ways: both,
      revisions: revisions((n) => ({
        id: `00000${n}_t`,
        files: { [`00000${n}_t.up.sql`]: `${up(n)};\n`, [`00000${n}_t.down.sql`]: `${down(n)};\n` },
      })),
    },
    {
      tool: 'goose',
      app: 'gs',
      files: {},
      ways: both,
      revisions: revisions((n) => ({
        id: `0000${n}_t`,
        files: { [`0000${n}_t.sql`]: `-- +goose Up\n${up(n)};\n-- +goose Down\n${down(n)};\n` },
      })),
    },
  ];
}

function kitsOfOthers(): readonly Kit[] {
  return [
    {
      tool: 'prisma',
      app: 'pr',
      env: WITHOUT_DOWNLOADS,
      files: {
        'prisma.config.ts': fileOnPage('prisma', 'prisma.config.ts'),
        'schema.prisma': fileOnPage('prisma', 'schema.prisma'),
        'prisma/migrations/migration_lock.toml': 'provider = "postgresql"\n',
      },
      ways: [],
      checksums: true,
      revisions: revisions((n) => ({ id: `2024010${n}_t`, files: { [`prisma/migrations/2024010${n}_t/migration.sql`]: `${up(n)};\n` } })),
    },
    {
      tool: 'flyway',
      app: 'fw',
      files: {},
      ways: ['to'],
      checksums: true,
      revisions: revisions((n) => ({ id: `V${n}__t`, files: { [`sql/V${n}__t.sql`]: `${up(n)};\n-- line\n` } })),
    },
    {
      tool: 'liquibase',
      app: 'lb',
      files: { 'db.changelog-master.xml': fileOnPage('liquibase', 'db.changelog-master.xml') },
      ways: both,
      revisions: revisions((n) => ({
        id: `changes/000${n}.sql::${n}::ann`,
        files: { [`changes/000${n}.sql`]: `--liquibase formatted sql\n--changeset ann:${n}\n${up(n)};\n--rollback ${down(n)};\n` },
      })),
    },
    {
      tool: 'command',
      app: 'cm',
      directory: 'files',
      more: 'command: [node, ../migrate.mjs], ledger: { table: migrations, column: version }',
      files: { 'migrate.mjs': OWN_TOOL },
      ways: [],
      revisions: revisions((n) => ({ id: `00${n}_t`, files: { [`files/00${n}_t.sql`]: up(n) } })),
    },
  ];
}

/** Prisma looks for engines that it does not use here, and would fetch them. */
const WITHOUT_DOWNLOADS: Texts = {
  PRISMA_QUERY_ENGINE_LIBRARY: '/dev/null',
  PRISMA_SCHEMA_ENGINE_BINARY: '/dev/null',
  CHECKPOINT_DISABLE: '1',
};

/** A tool of the kind that keeps one number. */
const OWN_TOOL = `import { readdirSync, readFileSync } from 'node:fs';
import pg from '${import.meta.resolve('pg')}';

const client = new pg.Client(process.env.DATABASE_URL);
await client.connect();
await client.query('CREATE TABLE IF NOT EXISTS migrations (version int NOT NULL)');
const { rows } = await client.query('SELECT version FROM migrations');
if (rows.length === 0) await client.query('INSERT INTO migrations VALUES (0)');
for (const file of readdirSync('.').sort()) {
  const version = Number.parseInt(file, 10);
  if (version <= (rows[0]?.version ?? 0)) continue;
  await client.query(readFileSync(file, 'utf8'));
  await client.query('UPDATE migrations SET version = $1', [version]);
}
await client.end();
`;

function alembicMigration(n: number): string {
  return `from alembic import op

revision = "000${n}"
down_revision = ${n === 1 ? 'None' : `"000${n - 1}"`}


def upgrade():
    op.execute("${up(n)}")


def downgrade():
    op.execute("${down(n)}")
`;
}

function djangoMigration(n: number): string {
  const before = n === 1 ? '' : `("shop", "000${n - 1}_t")`;
  return `from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [${before}]
    operations = [migrations.RunSQL("${up(n)}", "${down(n)}")]
`;
}

export function journal(entries: readonly number[], when = (n: number): number => 1_700_000_000_000 + n): string {
  return JSON.stringify({
    version: '7',
    dialect: 'postgresql',
    entries: entries.map((n) => ({ idx: n, version: '7', when: when(n), tag: `000${n}_t`, breakpoints: true })),
  });
}
