"""Scores of driver forecasts on the origins that choose the winners."""

import pandas as pd

from mixplan.drivers.interface import DriverError
from mixplan.evaluation.metrics import POINT_METRICS, coverage
from mixplan.evaluation.origins import Origins

LEADS = (1, 30, 90, 180)
"""Days ahead that are scored on their own."""
ALL_LEADS = 0
"""Stands in ``horizon_days`` for the scores of all days ahead together."""
_METRICS = ("r2", "rmse", "mae", "bias")


def score(predictions: pd.DataFrame, origins: Origins) -> pd.DataFrame:
    """Scores by driver on the grid's origins from the first to the last selection origin.

    Days whose actual is not known are left out, for every candidate the same; ``n`` says how many rows are left.

    Args:
        predictions: from ``backtest``.
        origins: the selection's windows end by ``holdout``, of which nothing is looked at.

    Returns:
        Rows of driver, horizon_days (``ALL_LEADS`` for all), metric, value and n: R2, RMSE and MAE in the driver's
        unit, bias as a share (absent where every actual is zero), and the interval's coverage.

    Raises:
        DriverError: a driver has no actual in the selection's windows.
    """
    chosen = predictions["origin"].between(origins.selection[0], origins.selection[-1])
    rows = predictions[chosen & (predictions["date"] < origins.holdout)]
    parts = []
    for driver, of_driver in rows.groupby("driver", sort=False):
        known = of_driver.dropna(subset=["actual"])
        if known.empty:
            raise DriverError(
                f"driver {driver}: nothing is observed from {origins.selection[0].date()} to {origins.holdout.date()}, "
                "so no candidate can be scored; add the missing values or remove the driver from drivers.series"
            )
        leads = {ALL_LEADS: known} | {lead: known[known["horizon_days"] == lead] for lead in LEADS}
        parts += [
            {"driver": driver, "horizon_days": lead, "metric": metric, "value": value, "n": len(part)}
            for lead, part in leads.items()
            if not part.empty
            for metric, value in _scores(part).items()
        ]
    return pd.DataFrame(parts)


def _scores(rows: pd.DataFrame) -> dict[str, float]:
    names = [name for name in _METRICS if name != "bias" or rows["actual"].any()]
    scores = {name: POINT_METRICS[name](rows["actual"], rows["mean"]) for name in names}
    return scores | {"coverage": coverage(rows["actual"], rows["lower"], rows["upper"])}
