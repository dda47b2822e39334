import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const ENV = `import os
from alembic import context
from sqlalchemy import create_engine, pool

url = os.environ["SQLALCHEMY_DATABASE_URL"].replace("+psycopg2", "+psycopg")
options = {"version_table_schema": os.environ.get("VERSION_SCHEMA")}
if context.is_offline_mode():
    context.configure(url=url, literal_binds=True, **options)
    with context.begin_transaction():
        context.run_migrations()
else:
    with create_engine(url, poolclass=pool.NullPool).connect() as connection:
        context.configure(connection=connection, **options)
        with context.begin_transaction():
            context.run_migrations()
`;

export interface AlembicRevision {
  readonly id: string;
  readonly up: string;
  readonly down?: string;
  /** Default: the one before. */
  readonly after?: string | null;
}

/** An Alembic project, as `alembic init` makes it, with these revisions. */
export async function alembicProject(folder: string, revisions: readonly AlembicRevision[]): Promise<void> {
  await mkdir(join(folder, 'migrations', 'versions'), { recursive: true });
  await writeFile(join(folder, 'alembic.ini'), '[alembic]\nscript_location = %(here)s/migrations\n');
  await writeFile(join(folder, 'migrations', 'env.py'), ENV);
  for (const [at, { id, up, down = '', after }] of revisions.entries()) {
    const before = after === undefined ? (revisions[at - 1]?.id ?? null) : after;
    const text = `"""${id}"""
from alembic import op

revision = "${id}"
down_revision = ${before === null ? 'None' : `"${before}"`}
branch_labels = None
depends_on = None


def upgrade():
    ${statement(up)}


def downgrade():
    ${statement(down)}
`;
    await writeFile(join(folder, 'migrations', 'versions', `${id}_x.py`), text);
  }
}

const statement = (sql: string): string => (sql === '' ? 'pass' : sql.startsWith('py:') ? sql.slice(3) : `op.execute("""${sql}""")`);
