"""Saved models of every task as functions of frames."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pandas as pd

Predictor = Callable[[pd.DataFrame], pd.DataFrame]

PREDICTORS = {
    "drivers": "mixplan.drivers.predictor",
    "demand": "mixplan.demand.predictor",
    "recommend": "mixplan.recommend.predictor",
}
"""By task, the module whose ``predictor(folder)`` reads a saved model and returns a function of frames."""


def predictor(task: str, folder: Path) -> Predictor:
    """A saved model as a function from a frame like its input example to a frame of answers."""
    loaded: Predictor = import_module(PREDICTORS[task]).predictor(folder)
    return loaded
