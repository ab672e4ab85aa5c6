"""The code of every model that MLflow keeps: reads mixplan's own files, so that nothing is pickled."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

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


def _register() -> None:
    from mlflow.models import set_model
    from mlflow.pyfunc import PythonModel

    class SavedModel(PythonModel):  # type: ignore[misc]
        """A candidate's model folder behind MLflow's interface."""

        def load_context(self, context: Any) -> None:
            self.predictor = predictor(context.model_config["task"], Path(context.artifacts["model"]))

        def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:  # noqa: ARG002
            return self.predictor(model_input)

    set_model(SavedModel())


# MLflow executes this file under a name of its own when it saves or loads a model.
if not __name__.startswith("mixplan."):
    _register()
