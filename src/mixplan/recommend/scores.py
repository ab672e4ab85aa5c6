"""Scores of a recommender on ratings that came later than all it has seen."""

import numpy as np
import pandas as pd

from mixplan.evaluation.metrics import POINT_METRICS
from mixplan.recommend.model import Recommender
from mixplan.recommend.ranking import ranked

FIRST = 10
"""Products that a salesperson has time to talk about."""


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


def rank_scores(model: Recommender, train: pd.DataFrame, test: pd.DataFrame) -> dict[str, float]:
    """How good the model's first ten products are, as the mean over the customers of ``test``.

    Args:
        model: fitted on ``train``.
        train: ratings that the model knows.
        test: customer_code, product and rating of what was bought later.

    Returns:
        - recall_at_10: share of what the customer bought later that was among the ten
        - ndcg_at_10: gain of the ten, rating / log2(1 + place), over that of the best ten (Jarvelin 2002)
        - coverage: share of all known products that were among the ten of any customer
        - novelty: mean of -log2 of the share of customers who had bought the product; 0 is what everybody buys
        - n_new_customers, n_new_products: of ``test``, without ratings in ``train``; they count in all of the above
    """
    shares = train.groupby("product")["customer_code"].nunique() / train["customer_code"].nunique()
    recalls, gains, surprises, shown = [], [], [], set()
    for customer, part in test.groupby("customer_code"):
        first = list(ranked(model, str(customer), list(model.products))["product"].head(FIRST))
        recalls.append(part["product"].isin(first).mean())
        gains.append(_ndcg(first, dict(zip(part["product"], part["rating"], strict=True))))
        surprises.append(-np.log2(shares[first]).mean())
        shown |= set(first)
    new = {
        f"n_new_{name}s": float((~test[column].drop_duplicates().isin(train[column])).sum())
        for name, column in (("customer", "customer_code"), ("product", "product"))
    }
    means = {"recall_at_10": recalls, "ndcg_at_10": gains, "novelty": surprises}
    return {
        **{name: float(np.mean(values)) for name, values in means.items()},
        "coverage": len(shown) / len(model.products),
        **new,
    }


def _ndcg(first: list[str], wanted: dict[str, float]) -> float:
    """Discounted gain of products in their order over the best that there is."""
    discounts = 1.0 / np.log2(np.arange(2, FIRST + 2))
    reached = np.array([wanted.get(product, 0.0) for product in first]) @ discounts[: len(first)]
    best = np.array(sorted(wanted.values(), reverse=True)[:FIRST])
    return float(reached / (best @ discounts[: len(best)]))
