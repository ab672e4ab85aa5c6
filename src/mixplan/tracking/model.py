"""A fitted model in MLflow: files of its own formats, and how to read them."""

import platform
import shutil
import warnings
from functools import cache
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd

from mixplan.artifacts.files import read_parquet
from mixplan.tracking.record import Record

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.models import Model

LOADER = "mixplan.tracking.saved_model"
EXAMPLE = {
    "type": "dataframe",
    "pandas_orient": "split",
    "artifact_path": "input_example.json",
    "serving_input_path": "serving_input_example.json",
}


def log_model(client: "MlflowClient", experiment: str, run_id: str, record: Record, answer: pd.DataFrame) -> str:
    """Log the model of a run with its signature, an input example and its requirements, without a pickle.

    Args:
        client: of the store.
        experiment: id of the run's experiment.
        run_id: the run that the model belongs to.
        record: the result that the model is part of.
        answer: what the model answers to its input example.

    Returns:
        The id of the model.
    """
    from mlflow.entities import LoggedModelOutput
    from mlflow.models import Model

    params = {name: str(value) for name, value in record.parameters.items()}
    logged = client.create_logged_model(experiment, "model", source_run_id=run_id, params=params)
    client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=0)])
    model = Model(logged.artifact_location, run_id, model_uuid=logged.model_id, model_id=logged.model_id)
    with TemporaryDirectory() as folder:
        _write(Path(folder), model, record, answer)
        client.log_model_artifacts(logged.model_id, folder)
    client.finalize_logged_model(logged.model_id, "READY")
    return str(logged.model_id)


def _write(folder: Path, model: "Model", record: Record, answer: pd.DataFrame) -> None:
    """Fill a folder in MLflow's format.

    ``mlflow.pyfunc.log_model`` would load the model and ask it for its example again, TensorFlow and all.
    """
    from mlflow.models import infer_signature

    example = read_parquet(record.model / "input_example.parquet")
    table = example.to_json(orient="split", index=False, date_format="iso", double_precision=15)
    (folder / EXAMPLE["artifact_path"]).write_text(table, encoding="utf-8")
    (folder / EXAMPLE["serving_input_path"]).write_text(f'{{"dataframe_split": {table}}}', encoding="utf-8")
    requirements, python = _requirements(record.parameters["_target_"].partition(".")[0]), platform.python_version()
    (folder / "requirements.txt").write_text(requirements, encoding="utf-8")
    (folder / "python_env.yaml").write_text(
        f"python: {python}\ndependencies: [-r requirements.txt]\n", encoding="utf-8"
    )
    shutil.copytree(record.model, folder / record.task)
    with warnings.catch_warnings():
        # Whole numbers are counts here and never missing.
        warnings.filterwarnings("ignore", "Hint: Inferred schema contains integer column")
        model.signature = infer_signature(example, answer)
    model.saved_input_example_info = EXAMPLE
    environment = {"virtualenv": "python_env.yaml"}
    model.add_flavor("python_function", loader_module=LOADER, data=record.task, env=environment, python_version=python)
    model.save(folder / "MLmodel")


@cache
def _requirements(library: str) -> str:
    """Pinned requirements of the library that the model needs to predict, and of mixplan's own."""
    own = {"lightgbm": "lightgbm", "xgboost": "xgboost-cpu"}.get(library, "scikit-learn")
    names = sorted({own, "mixplan", "mlflow", "numpy", "pandas", "pyarrow", "skops"})
    return "".join(f"{name}=={version(name)}\n" for name in names)
