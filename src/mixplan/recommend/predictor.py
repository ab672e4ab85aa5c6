"""A saved recommender as a function of frames."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from mixplan.recommend.model import load_recommender


def predictor(folder: Path) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """From rows of customer_code and product to the estimated rating of each."""
    model = load_recommender(folder)

    def predict(pairs: pd.DataFrame) -> pd.DataFrame:
        scores = [
            model.score(customer, [product])[0]
            for customer, product in zip(pairs["customer_code"], pairs["product"], strict=True)
        ]
        return pd.DataFrame({"rating": scores}, index=pairs.index)

    return predict
