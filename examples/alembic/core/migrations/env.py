import os

from alembic import context
from sqlalchemy import create_engine, pool

url = os.environ["SQLALCHEMY_DATABASE_URL"].replace("+psycopg2", "+psycopg")
options = {}

if context.is_offline_mode():
    context.configure(url=url, literal_binds=True, **options)
    with context.begin_transaction():
        context.run_migrations()
else:
    with create_engine(url, poolclass=pool.NullPool).connect() as connection:
        context.configure(connection=connection, **options)
        with context.begin_transaction():
            context.run_migrations()
