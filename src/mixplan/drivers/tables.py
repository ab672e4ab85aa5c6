"""The tables of forecasts that later stages and people read."""

from collections.abc import Mapping, Sequence

import pandas as pd

from mixplan.drivers.bands import Band
from mixplan.drivers.deviation import weekly_deviation
from mixplan.drivers.events import expected_days
from mixplan.drivers.weekly import weekly_drivers, weekly_observed
from mixplan.evaluation.origins import Origins


def forecast_tables(
    forecasts: pd.DataFrame,
    events: pd.DataFrame,
    series: Mapping[str, pd.Series],
    origins: Origins,
    bands: Mapping[str, Sequence[Band]],
) -> dict[str, pd.DataFrame]:
    """Each table by its name.

    Args:
        forecasts: the winners', from ``with_deviation``.
        events: from ``event_forecasts``.
        series: observed values by driver.
        origins: whose grid the forecasts of days and weeks are of; the expected days are of the final one.
        bands: by driver.
    """
    daily = forecasts[forecasts["origin"].isin(origins.grid)].reset_index(drop=True)
    return {
        "daily": daily,
        "weekly": weekly_drivers(daily),
        "observed": weekly_observed(series),
        "weekly_deviation": weekly_deviation(forecasts, origins, bands),
        "events": events[events["origin"].isin(origins.grid)].reset_index(drop=True),
        "event_days": expected_days(events[events["origin"] == origins.final]),
    }
