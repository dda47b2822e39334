import os
import shutil
import tempfile

folder = tempfile.mkdtemp()
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.chdir(folder)

import mlflow

uri = os.environ["MLFLOW_BACKEND_STORE_URI"]
mlflow.set_tracking_uri(uri)
mlflow.create_experiment("walls", artifact_location=folder)
mlflow.set_experiment("walls")
with mlflow.start_run() as run:
    mlflow.log_param("depth", 3)
    mlflow.log_metric("loss", 0.5)
    mlflow.set_tag("who", "cotenant")
found = mlflow.get_run(run.info.run_id).data
assert (found.params, found.metrics["loss"]) == ({"depth": "3"}, 0.5), found
assert len(mlflow.search_runs(experiment_names=["walls"])) == 1
shutil.rmtree(folder)
