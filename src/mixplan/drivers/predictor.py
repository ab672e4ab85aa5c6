"""A candidate's saved models of all drivers as one function of frames."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import get_args

import pandas as pd

from mixplan.artifacts.files import read_json
from mixplan.config.drivers import DriverCandidate
from mixplan.drivers.interface import DriverError, DriverModel

TARGETS = {get_args(kind.model_fields["target"].annotation)[0] for kind in get_args(get_args(DriverCandidate)[0])}


def load_driver_model(folder: Path) -> DriverModel:
    """Read a model of any kind that mixplan's configuration names; no other class is ever imported.

    Raises:
        DriverError: the folder holds a model of another kind.
    """
    target = read_json(folder / "model.json")["target"]
    if target not in TARGETS:
        raise DriverError(
            f"{folder}: no driver model is called {target!r}; expected one of {', '.join(sorted(TARGETS))}"
        )
    module, _, name = target.rpartition(".")
    model: DriverModel = getattr(import_module(module), name).load(folder)
    return model


def predictor(folder: Path) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """From rows of driver and horizon (steps ahead) to driver, date, mean, lower and upper of each."""

    def predict(questions: pd.DataFrame) -> pd.DataFrame:
        answers = []
        for driver, horizon in zip(questions["driver"], questions["horizon"], strict=True):
            forecast = load_driver_model(folder / str(driver)).predict(int(horizon)).tail(1)
            answers.append(forecast.assign(driver=driver))
        return pd.concat(answers, ignore_index=True)

    return predict
