"""How MLflow reads a model that it keeps: from mixplan's own files, so that nothing is pickled."""

from pathlib import Path
from typing import Any

import pandas as pd

from mixplan.tracking.predictors import predictor


class SavedModel:
    """A candidate's model folder behind MLflow's interface."""

    def __init__(self, folder: Path) -> None:
        self._answer = predictor(folder.name, folder)

    def predict(self, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:  # noqa: ARG002
        """Answer for a frame like the input example."""
        return self._answer(model_input)


def _load_pyfunc(path: str) -> SavedModel:
    """What MLflow calls, with the folder that is named after the model's task."""
    return SavedModel(Path(path))
