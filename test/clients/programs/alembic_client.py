import os
import pathlib
import tempfile
from alembic import command
from alembic.config import Config
import sqlalchemy as sa

mysql = os.environ["CLIENT_ENGINE"] == "mysql"
url = os.environ["MYSQL_URL"].replace("mysql://", "mysql+pymysql://", 1) if mysql else os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1)
folder = pathlib.Path(tempfile.mkdtemp())
config = Config(str(folder / "alembic.ini"))
command.init(config, str(folder / "migrations"))
config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
env = folder / "migrations" / "env.py"
metadata = 'import sqlalchemy as sa\ntarget_metadata = sa.MetaData()\nsa.Table("people", target_metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(40)))\n'
env.write_text(env.read_text().replace("target_metadata = None", metadata))
command.revision(config, "first", autogenerate=True)
command.upgrade(config, "head")
command.revision(config, "second", autogenerate=True)
[second] = [path.read_text() for path in (folder / "migrations" / "versions").glob("*_second.py")]
assert "drop_table" not in second and "create_table" not in second, second
command.upgrade(config, "head")
command.downgrade(config, "base")
