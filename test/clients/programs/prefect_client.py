import asyncio
import os
import shutil
import tempfile

home = tempfile.mkdtemp()
os.environ.update(PREFECT_HOME=home, PREFECT_SERVER_ANALYTICS_ENABLED="false", DO_NOT_TRACK="1", PREFECT_LOGGING_LEVEL="WARNING", PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS="600")

from prefect import flow, get_client, task
from prefect.server.database import provide_database_interface
from prefect.settings import get_current_settings


@task
def twice(number):
    return number * 2


@flow
def sums(number):
    return twice(number) + 1


async def runs():
    async with get_client() as client:
        return await client.read_flow_runs()


asyncio.run(provide_database_interface().create_db())
assert "asyncpg" in get_current_settings().server.database.connection_url.get_secret_value()
assert sums(20) == 41
found = asyncio.run(runs())
assert [one.state_name for one in found] == ["Completed"], found
shutil.rmtree(home, ignore_errors=True)
