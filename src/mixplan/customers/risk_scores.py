"""How good predictions of risk were: their order, their calibration, and the money among the first ten."""

import numpy as np
import pandas as pd

FIRST = 10
"""Customers whom sales can call in a week."""
BINS = 5
"""Points of the reliability curve."""


def score_risk(predictions: pd.DataFrame) -> dict[str, float]:
    """Scores over all rows; where every outcome is alike, no order is better than another, and they are the base rate.

    Args:
        predictions: from ``RiskBacktest.backtest``.

    Returns:
        average_precision, roc_auc, brier, base_rate (share at risk), stake_top_10 (what the ten with the highest
        chance were due to buy and were at risk of not buying, mean over days), stake_all (the same of all),
        stake_share_top_10 (one over the other, 0 where nothing was at stake) and n.
    """
    from sklearn.metrics import average_precision_score, roc_auc_score

    outcomes, chances = predictions["was_at_risk"].to_numpy(bool), predictions["chance"].to_numpy(np.float64)
    is_mixed = bool(outcomes.any() and not outcomes.all())
    stakes = predictions.assign(stake=predictions["value_promised"] * predictions["was_at_risk"])
    # Of equal chances the larger customer is called first; of equal customers, the one that needed no call.
    first_called = ["as_of", "chance", "value_promised", "stake"]
    ordered = stakes.sort_values(first_called, ascending=[True, False, False, True])
    days = stakes["as_of"].nunique()
    first, total = ordered.groupby("as_of").head(FIRST)["stake"].sum(), stakes["stake"].sum()
    return {
        "average_precision": float(average_precision_score(outcomes, chances)) if is_mixed else float(outcomes.mean()),
        "roc_auc": float(roc_auc_score(outcomes, chances)) if is_mixed else 0.5,
        "brier": float(np.mean((chances - outcomes) ** 2)),
        "base_rate": float(outcomes.mean()),
        "stake_top_10": float(first / days),
        "stake_all": float(total / days),
        "stake_share_top_10": float(first / total) if total else 0.0,
        "n": float(len(stakes)),
    }


def reliability(predictions: pd.DataFrame) -> list[dict[str, float]]:
    """The reliability curve: rows by chance in bins of about equal number; chance, share at risk and n of each.

    >>> rows = pd.DataFrame({"chance": [0.1, 0.1, 0.9, 0.9], "was_at_risk": [False, False, True, False]})
    >>> [(point["chance"], point["share"]) for point in reliability(rows)]
    [(0.1, 0.0), (0.9, 0.5)]
    """
    bins = pd.qcut(predictions["chance"], BINS, labels=False, duplicates="drop").fillna(0)
    points = predictions.groupby(bins).agg(
        chance=("chance", "mean"), share=("was_at_risk", "mean"), n=("chance", "size")
    )
    return [{str(name): float(value) for name, value in point.items()} for point in points.to_dict("records")]
