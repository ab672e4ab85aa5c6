"""Where runs are kept, and that the place exists before anything writes to it."""

import logging
import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT = "mixplan"
OPENS_AT_RUNS = {"mlflow.experimentKind": "custom_model_development"}
"""Without this tag MLflow's pages open with an overview of language-model traces."""


def workspace() -> Path:
    """The project's folder, also for an experiment that DVC runs in a copy of it."""
    return Path(os.environ.get("DVC_ROOT", ".")).resolve()


def tracking_uri() -> str:
    """``MLFLOW_TRACKING_URI``, or else one SQLite file in the project's folder."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{workspace() / 'tracking' / 'mlflow.db'}"


def open_store() -> "MlflowClient":
    """A client of the store, which is set up now if it is new.

    MLflow cannot be set up by several processes at once, so they wait for each other here.
    """
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    import mlflow

    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with store_lock():
        mlflow.set_tracking_uri(tracking_uri())
        client = mlflow.MlflowClient()
        if client.get_experiment_by_name(EXPERIMENT) is None:
            local = (workspace() / "tracking" / "artifacts").as_uri()
            location = local if tracking_uri().startswith("sqlite:") else None
            client.create_experiment(EXPERIMENT, location, tags=OPENS_AT_RUNS)
        mlflow.set_experiment(EXPERIMENT)
    return client


def store_lock() -> AbstractContextManager[object]:
    """One process of this project's folder at a time."""
    from filelock import FileLock

    folder = workspace() / "tracking"
    folder.mkdir(exist_ok=True)
    return FileLock(folder / "store.lock")
