"""The code of every model that MLflow keeps: it reads mixplan's own files, so that nothing is pickled."""

from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

from mixplan.tracking.predictors import predictor


class SavedModel(PythonModel):  # type: ignore[misc]
    """A candidate's model folder behind MLflow's interface."""

    def load_context(self, context: Any) -> None:
        """Read the model folder that was logged as an artefact with the name of its task."""
        ((task, folder),) = context.artifacts.items()
        self.predictor = predictor(task, Path(folder))

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:  # noqa: ARG002
        """Answer for a frame like the input example."""
        return self.predictor(model_input)


set_model(SavedModel())
