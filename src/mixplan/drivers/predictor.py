"""A candidate's saved models of all drivers as one function of frames."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import get_args

import pandas as pd

from mixplan.artifacts.files import read_json
from mixplan.config.drivers import DriverCandidate
from mixplan.drivers.interface import DriverError, DriverModel
from mixplan.tracking.predictors import Predictor

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


def predictor(folder: Path) -> Predictor:
    """The saved models of a folder as ``answers`` has them."""
    return answers({path.parent.name: load_driver_model(path.parent) for path in sorted(folder.glob("*/model.json"))})


def answers(models: Mapping[str, DriverModel]) -> Predictor:
    """From rows of driver and horizon (steps ahead) to driver, date, mean, lower and upper of each."""

    def predict(questions: pd.DataFrame) -> pd.DataFrame:
        farthest = questions.groupby("driver")["horizon"].max()
        forecasts = {driver: models[str(driver)].predict(int(horizon)) for driver, horizon in farthest.items()}
        asked = zip(questions["driver"], questions["horizon"], strict=True)
        rows = [forecasts[driver].iloc[[horizon - 1]].assign(driver=driver) for driver, horizon in asked]
        return pd.concat(rows, ignore_index=True)

    return predict
