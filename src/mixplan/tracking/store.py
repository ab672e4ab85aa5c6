"""Where runs are kept, and that the place exists before anything writes to it."""

import logging
import os
import re
import textwrap
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from mixplan.config.base import MixplanError

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT = "mixplan"
OPENS_AT_RUNS = {"mlflow.experimentKind": "custom_model_development"}
"""Without this tag MLflow's pages open with an overview of language-model traces."""


class StoreError(MixplanError):
    """The store does not answer, or cannot be used."""


def workspace() -> Path:
    """The project's folder, also for an experiment that DVC runs in a copy of it."""
    return Path(os.environ.get("DVC_ROOT", ".")).resolve()


def tracking_uri() -> str:
    """``MLFLOW_TRACKING_URI``, or else one SQLite file in the project's folder."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{workspace() / 'tracking' / 'mlflow.db'}"


def open_store() -> "MlflowClient":
    """A client of the store, which is set up now if it is new; the same one for as long as the store is the same.

    Raises:
        StoreError: the store does not answer.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    # MLflow itself would ask a server that is down for four minutes.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "4")
    import mlflow

    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    uri = tracking_uri()
    with said_in_a_sentence():
        mlflow.set_tracking_uri(uri)
        return _opened(uri)


@lru_cache(maxsize=1)
def _opened(uri: str) -> "MlflowClient":
    """MLflow cannot be set up by several processes at once, so they wait for each other here."""
    import mlflow

    with store_lock():
        client = mlflow.MlflowClient()
        if client.get_experiment_by_name(EXPERIMENT) is None:
            local = (workspace() / "tracking" / "artifacts").as_uri()
            location = local if uri.startswith("sqlite:") else None
            client.create_experiment(EXPERIMENT, location, tags=OPENS_AT_RUNS)
        mlflow.set_experiment(EXPERIMENT)
    return client


@contextmanager
def said_in_a_sentence() -> Iterator[None]:
    """What MLflow and its database raise becomes one sentence; also for functions, as their decorator.

    Raises:
        StoreError: in place of what was raised.
    """
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError) as error:
        uri = tracking_uri()
        # A name and password may stand before the host, or behind the question mark.
        shown = re.sub("//[^/]*@", "//", uri).partition("?")[0]
        cause = textwrap.shorten(str(error).replace(uri, shown), 240)
        raise StoreError(
            f"MLflow's store {shown} fails: {cause}; start it, or name another as MLFLOW_TRACKING_URI, and run this "
            "again: what was trained is kept and will be logged then"
        ) from error


def store_lock() -> AbstractContextManager[object]:
    """One process of this project's folder at a time."""
    from filelock import FileLock

    folder = workspace() / "tracking"
    folder.mkdir(exist_ok=True)
    return FileLock(folder / "store.lock")
