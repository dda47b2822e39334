import os
import subprocess
import sys
from celery import Celery

prefix = os.environ.get("REDIS_KEY_PREFIX", "")
url = os.environ["REDIS_URL"]
app = Celery("work", broker=url, backend=url)
options = {"global_keyprefix": prefix} if prefix else {}
app.conf.update(broker_transport_options=options, result_backend_transport_options=options)


@app.task(name="add")
def add(a, b):
    return a + b


if __name__ == "__main__":
    words = ["-m", "celery", "-A", "celery_client", "worker", "--pool", "solo", "--without-gossip", "--without-mingle"]
    worker = subprocess.Popen([sys.executable, *words], cwd=os.path.dirname(os.path.abspath(__file__)))
    try:
        assert add.delay(1, 2).get(timeout=60) == 3
        # A worker that may not listen for remote control dies, and has perhaps done its work before.
        assert app.control.ping(timeout=20, limit=1)
    finally:
        worker.kill()
