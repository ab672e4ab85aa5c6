"""Saved models of every task as functions of frames."""

import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from mixplan.artifacts.files import read_parquet
from mixplan.tracking.record import Record

Predictor = Callable[[pd.DataFrame], pd.DataFrame]

PREDICTORS = {
    "drivers": "mixplan.drivers.predictor",
    "demand": "mixplan.demand.predictor",
    "recommend": "mixplan.recommend.predictor",
}
"""By task, the module whose ``predictor(folder)`` reads a saved model and returns a function of frames."""


class Answer(NamedTuple):
    """How a saved model answers its input example."""

    rows: pd.DataFrame
    costs: dict[str, float]
    """``predict_ms``, and ``train_seconds`` where they are known."""


def predictor(task: str, folder: Path) -> Predictor:
    """A saved model as a function from a frame like its input example to a frame of answers."""
    loaded: Predictor = import_module(PREDICTORS[task]).predictor(folder)
    return loaded


def answer_of(record: Record, predict: Predictor | None = None) -> Answer:
    """Ask a model for its input example, and take the time that it needs once it is loaded.

    Args:
        record: the result that the model is part of.
        predict: the model as it is in memory; it is read from its folder where left out.
    """
    predict = predict or predictor(record.task, record.model)
    example = read_parquet(record.model / "input_example.parquet")
    predict(example)  # what is loaded or compiled at the first call is not part of the second
    began = time.perf_counter()
    rows = predict(example)
    return Answer(rows, {"predict_ms": 1000 * (time.perf_counter() - began)})
