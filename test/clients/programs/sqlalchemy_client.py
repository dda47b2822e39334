import os
import sqlalchemy as sa

mysql = os.environ["CLIENT_ENGINE"] == "mysql"
url = os.environ["MYSQL_URL"].replace("mysql://", "mysql+pymysql://", 1) if mysql else os.environ["SQLALCHEMY_DATABASE_URL" if "SQLALCHEMY_DATABASE_URL" in os.environ else "DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1)
engine = sa.create_engine(url)
metadata = sa.MetaData()
people = sa.Table("people", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(40), unique=True))
orders = sa.Table("orders", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("who", sa.ForeignKey("people.id")))
metadata.create_all(engine)
with engine.begin() as connection:
    connection.execute(people.insert(), [{"name": "a"}, {"name": "b"}])
    assert len(connection.execute(sa.select(people)).all()) == 2
reflected = sa.MetaData()
reflected.reflect(engine)
assert set(reflected.tables) == {"people", "orders"}, reflected.tables
