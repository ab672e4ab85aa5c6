"""A fitted model in MLflow: files of its own formats, and the little code that reads them."""

import warnings
from functools import cache
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd

from mixplan.tracking.record import Record

if TYPE_CHECKING:
    from mlflow import MlflowClient

SAVED_MODEL = Path(__file__).with_name("saved_model.py")


def log_model(client: "MlflowClient", experiment: str, run_id: str, record: Record, answer: pd.DataFrame) -> str:
    """Log the model of a run with its signature, an input example and its requirements, as code and data, no pickle.

    ``mlflow.pyfunc.log_model`` would load the model to ask it for the example again, TensorFlow and all.

    Args:
        client: of the store.
        experiment: id of the run's experiment.
        run_id: the run that the model belongs to.
        record: the result that the model is part of.
        answer: what the model answers to its input example.

    Returns:
        The id of the model.
    """
    import mlflow
    from mlflow.entities import LoggedModelOutput
    from mlflow.models import Model, infer_signature

    example = pd.read_parquet(record.model / "input_example.parquet")
    params = {name: str(value) for name, value in record.parameters.items()}
    model = client.create_logged_model(experiment, "model", source_run_id=run_id, params=params)
    client.log_outputs(run_id, [LoggedModelOutput(model.model_id, step=0)])
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        # Whole numbers are counts here and never missing.
        warnings.filterwarnings("ignore", "Hint: Inferred schema contains integer column")
        mlflow.pyfunc.save_model(
            Path(folder) / "model",
            mlflow_model=Model(model.artifact_location, run_id, model_uuid=model.model_id, model_id=model.model_id),
            python_model=str(SAVED_MODEL),
            # Named after the task; MLflow would log a model_config among the parameters that were trained.
            artifacts={record.task: str(record.model)},
            signature=infer_signature(example, answer),
            input_example=example,
            pip_requirements=_requirements(record.parameters["_target_"].partition(".")[0]),
        )
        client.log_model_artifacts(model.model_id, str(Path(folder) / "model"))
    client.finalize_logged_model(model.model_id, "READY")
    return str(model.model_id)


@cache
def _requirements(library: str) -> list[str]:
    """Pinned requirements of the library that the model needs to predict, and of mixplan's own."""
    libraries = {"lightgbm": "lightgbm", "xgboost": "xgboost-cpu", "sklearn": "scikit-learn"}
    own = libraries.get(library, "scikit-learn")
    return [f"{name}=={version(name)}" for name in sorted({own, "mixplan", "numpy", "pandas", "pyarrow", "skops"})]
