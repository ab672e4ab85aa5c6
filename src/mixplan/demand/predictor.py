"""A saved demand model as a function of frames."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from mixplan.demand.model import DemandModel


def predictor(folder: Path) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """From rows of features, see ``FeatureBuilder.rows``, to kilograms with an interval."""
    return DemandModel.load(folder).predict
