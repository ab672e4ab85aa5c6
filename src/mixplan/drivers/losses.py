"""What each candidate loses at each origin: the evidence for its lead, or against it."""

from collections.abc import Mapping, Sequence

import pandas as pd

from mixplan.config.drivers import SeriesConfig
from mixplan.drivers.bands import Band
from mixplan.drivers.scores import scored_rows
from mixplan.evaluation.metrics import SQUARED
from mixplan.evaluation.origins import Origins
from mixplan.evaluation.significance import OriginTest

STEP_DAYS = {"D": 1, "MS": 30}
"""Days of a step, by frequency."""
BandLosses = Mapping[str, Mapping[Band, pd.DataFrame]]
"""By driver and band: one row an origin, oldest first, one column a candidate."""


def losses_by_origin(
    predictions: Mapping[str, pd.DataFrame],
    origins: Origins,
    bands: Mapping[str, Sequence[Band]],
    series: Mapping[str, SeriesConfig],
    metric: str,
) -> dict[str, dict[Band, pd.DataFrame]]:
    """Mean losses at the origins that choose, by the errors that a metric is made of: squared or absolute ones.

    All origins of one step know the same of a driver, so they are one piece of evidence: a monthly driver has a row a
    month, a daily one a row a day.

    Args:
        predictions: by candidate, from ``backtest``, all of the same rows.
        origins: of which the selection's count.
        bands: by driver; drivers without a forecast are left out.
        series: facts by driver.
        metric: the metric that decides.
    """
    rows = {name: scored_rows(of_candidate, origins).set_index(_KEYS) for name, of_candidate in predictions.items()}
    errors = pd.DataFrame({name: of["mean"] - of["actual"] for name, of in rows.items()})
    losses = (errors**2 if metric in SQUARED else errors.abs()).reset_index()
    return {
        str(driver): {band: _of_band(of_driver, band, series[str(driver)]) for band in bands[str(driver)]}
        for driver, of_driver in losses.groupby("driver", sort=False)
    }


_KEYS = ["driver", "origin", "horizon_days"]


def _of_band(losses: pd.DataFrame, band: Band, facts: SeriesConfig) -> pd.DataFrame:
    within = losses[losses["horizon_days"].between(*band)].set_index("origin").drop(columns=["driver", "horizon_days"])
    return within.resample(facts.frequency).mean().dropna()


def origin_test(band: Band, facts: SeriesConfig, level: float) -> OriginTest:
    """The test for losses of one band: windows overlap until everything that the first one asks for is published.

    >>> monthly = SeriesConfig(frequency="MS", minimum=None, maximum=None, publication_lag_days=30, longest_gap=0)
    >>> origin_test(Band(1, 30), monthly, 0.1).overlap
    3
    """
    step = STEP_DAYS[facts.frequency]
    days = band.last + step - 1 + facts.publication_lag_days
    return OriginTest(overlap=-(-days // step), level=level)
