"""Scores of driver forecasts on the origins that choose the winners."""

from collections.abc import Mapping, Sequence

import pandas as pd

from mixplan.drivers.bands import Band
from mixplan.drivers.interface import DriverError
from mixplan.evaluation.metrics import POINT_METRICS, coverage
from mixplan.evaluation.origins import Origins

_METRICS = ("r2", "rmse", "mae", "bias")


def scored_rows(predictions: pd.DataFrame, origins: Origins) -> pd.DataFrame:
    """The rows that may choose: of origins from the first to the last selection origin, and with a known actual.

    Args:
        predictions: from ``backtest``.
        origins: the selection's windows end by ``holdout``, of which nothing is looked at.

    Raises:
        DriverError: a driver has no actual in the selection's windows.
    """
    chosen = predictions["origin"].between(origins.selection[0], origins.selection[-1])
    known = predictions[chosen & (predictions["date"] < origins.holdout)].dropna(subset=["actual"])
    unknown = sorted(set(predictions["driver"]) - set(known["driver"]))
    if unknown:
        raise DriverError(
            f"driver {unknown[0]}: nothing is observed from {origins.selection[0].date()} to {origins.holdout.date()}, "
            "so no candidate can be scored; add the missing values or remove the driver from drivers.series"
        )
    return known


def score(predictions: pd.DataFrame, origins: Origins, bands: Mapping[str, Sequence[Band]]) -> pd.DataFrame:
    """Scores by driver and band on every origin from the first to the last selection origin.

    Days whose actual is not known are left out, for every candidate the same; ``n`` says how many rows are left.
    A forecast of rain or snow is their expected amount, dry days included, and scored as such.

    Args:
        predictions: from ``backtest``.
        origins: see ``scored_rows``.
        bands: days ahead that are scored together, by driver.

    Returns:
        Rows of driver, first_day and last_day (the whole horizon first, then each band), metric, value and n: R2,
        RMSE and MAE in the driver's unit, bias as a share (absent where every actual is zero), and the interval's
        coverage.

    Raises:
        DriverError: a driver has no actual in the selection's windows.
    """
    parts = []
    for driver, known in scored_rows(predictions, origins).groupby("driver", sort=False):
        own = bands[str(driver)]
        for band in dict.fromkeys([Band(1, own[-1].last), *own]):
            part = known[known["horizon_days"].between(*band)]
            parts += [
                {"driver": driver, "first_day": band.first, "last_day": band.last, "metric": name, "value": value}
                | {"n": len(part)}
                for name, value in _scores(part).items()
            ]
    return pd.DataFrame(parts)


def named(scores: pd.DataFrame) -> dict[str, float]:
    """The rows of ``score`` by name.

    Returns:
        ``<driver>/<metric>`` over the whole horizon and ``<driver>/<metric>_<band>`` for each band.
    """
    whole, names = _over_all(scores), []
    for driver, first, last, metric, over_all in zip(
        *(scores[column] for column in ("driver", "first_day", "last_day", "metric")), whole, strict=True
    ):
        names.append(f"{driver}/{metric}" if over_all else f"{driver}/{metric}_{Band(first, last).label}")
    return dict(zip(names, scores["value"], strict=True))


def by_last_day(scores: pd.DataFrame) -> dict[str, dict[str, float]]:
    """The bands of ``score`` as curves: ``<driver>/<metric>`` by the band's last day ahead."""
    return {
        f"{driver}/{metric}": dict(zip(part["last_day"].astype(str), part["value"], strict=True))
        for (driver, metric), part in scores[~_over_all(scores)].groupby(["driver", "metric"])
    }


def _over_all(scores: pd.DataFrame) -> pd.Series:
    """Which rows score the whole horizon."""
    return (scores["first_day"] == 1) & (scores["last_day"] == scores.groupby("driver")["last_day"].transform("max"))


def _scores(rows: pd.DataFrame) -> dict[str, float]:
    names = [name for name in _METRICS if name != "bias" or rows["actual"].any()]
    scores = {name: POINT_METRICS[name](rows["actual"], rows["mean"]) for name in names}
    return scores | {"coverage": coverage(rows["actual"], rows["lower"], rows["upper"])}
