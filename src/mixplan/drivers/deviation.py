"""How far driver forecasts err, beside the forecasts: root mean squared errors of the days that chose the winners."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from mixplan.drivers.bands import Band
from mixplan.drivers.scores import scored_rows
from mixplan.evaluation.leaderboard import Entry
from mixplan.evaluation.origins import Origins


def with_deviation(forecasts: pd.DataFrame, boards: Mapping[str, Mapping[Band, Sequence[Entry]]]) -> pd.DataFrame:
    """Forecasts of days with a column ``deviation``: the RMSE of the winner of their driver and band, in its unit.

    Args:
        forecasts: the winners', from ``of_winners``.
        boards: from ``leaderboards``, winners first.
    """
    deviation = pd.Series(np.nan, index=forecasts.index)
    for driver, of_driver in boards.items():
        for band, entries in of_driver.items():
            rows = (forecasts["driver"] == driver) & forecasts["horizon_days"].between(*band)
            deviation[rows] = entries[0].metrics["rmse"]
    return forecasts.assign(deviation=deviation)


def weekly_deviation(forecasts: pd.DataFrame, origins: Origins, bands: Mapping[str, Sequence[Band]]) -> pd.DataFrame:
    """How far the mean of a week errs, which is less than its days do, as their errors partly cancel out.

    Weeks are blocks of seven days from any origin that chooses; those whose last day is of one band share a value.

    Args:
        forecasts: the winners', from ``of_winners``.
        origins: see ``mixplan.drivers.scores.scored_rows``.
        bands: by driver.

    Returns:
        Rows of driver, weeks_ahead (1 is the origin's own week) and deviation, in the driver's unit.
    """
    rows = scored_rows(forecasts, origins)
    errors = rows.assign(error=rows["mean"] - rows["actual"], weeks_ahead=(rows["horizon_days"] + 6) // 7)
    weeks = errors.groupby(["driver", "origin", "weeks_ahead"], sort=False)["error"].agg(["mean", "size"]).reset_index()
    weeks = weeks[weeks["size"] == 7]
    ends = {driver: [band.last for band in own] for driver, own in bands.items()}
    lasts = zip(weeks["driver"], 7 * weeks["weeks_ahead"], strict=True)
    weeks["band"] = [int(np.searchsorted(ends[driver], last)) for driver, last in lasts]
    squares = (weeks["mean"] ** 2).groupby([weeks["driver"], weeks["band"]]).transform("mean")
    return (
        weeks.assign(deviation=np.sqrt(squares))
        .drop_duplicates(["driver", "weeks_ahead"])[["driver", "weeks_ahead", "deviation"]]
        .reset_index(drop=True)
    )
