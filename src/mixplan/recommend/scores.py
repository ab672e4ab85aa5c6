"""Scores of a recommender on ratings that came later than all it has seen."""

import pandas as pd

from mixplan.evaluation.metrics import POINT_METRICS
from mixplan.recommend.model import Recommender
from mixplan.recommend.ranking import ranked

RECALL_COUNT = 10


def predict(model: Recommender, test: pd.DataFrame) -> pd.DataFrame:
    """The model's estimate of every rating of a later window.

    Args:
        model: fitted on earlier ratings.
        test: customer_code, product and rating.

    Returns:
        customer_code, product, actual, prediction and is_known (both customer and product had ratings to learn from),
        sorted by the first two.
    """
    rows = test.sort_values(["customer_code", "product"], ignore_index=True).rename(columns={"rating": "actual"})
    parts = [
        part.assign(
            prediction=model.score(str(customer), list(part["product"])),
            is_known=[model.known(str(customer), product) for product in part["product"]],
        )
        for customer, part in rows.groupby("customer_code")
    ]
    return pd.concat(parts, ignore_index=True)


def score(predictions: pd.DataFrame) -> dict[str, float]:
    """Every point metric over all rows, ``n`` and ``n_impossible``: rows where averages had to stand in.

    Args:
        predictions: from ``predict``.
    """
    actual, prediction = predictions["actual"], predictions["prediction"]
    return {
        **{name: metric(actual, prediction) for name, metric in POINT_METRICS.items()},
        "n": float(len(predictions)),
        "n_impossible": float((~predictions["is_known"]).sum()),
    }


def recall_at_10(model: Recommender, test: pd.DataFrame) -> float:
    """Share of what a customer bought later that was among the model's first ten products, as the mean over customers.

    Args:
        model: fitted on earlier ratings.
        test: customer_code and product of what was bought later.
    """
    recalls = []
    for customer, part in test.groupby("customer_code"):
        first = set(ranked(model, str(customer), list(model.products))["product"].head(RECALL_COUNT))
        recalls.append(part["product"].isin(first).mean())
    return float(pd.Series(recalls).mean())
