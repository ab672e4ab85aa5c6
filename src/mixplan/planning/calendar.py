"""The plant's working days."""

from functools import lru_cache

import numpy as np
import pandas as pd

from mixplan.config.planning import CalendarConfig
from mixplan.planning.errors import PlanningError


@lru_cache(maxsize=64)
def public_holidays(country: str, first_year: int, last_year: int) -> pd.DatetimeIndex:
    """The country's public holidays of these years, in order.

    Raises:
        PlanningError: no calendar of the country is known.

    >>> public_holidays("KR", 2024, 2024)[:2].strftime("%m-%d").tolist()
    ['01-01', '02-09']
    """
    import holidays

    try:
        return pd.DatetimeIndex(sorted(holidays.country_holidays(country, years=range(first_year, last_year + 1))))
    except NotImplementedError:
        raise PlanningError(
            f"calendar: no public holidays are known of country {country!r}; give an ISO code, such as KR, in conf/plan"
        ) from None


def day_shares(weeks: pd.DatetimeIndex, config: CalendarConfig) -> pd.DataFrame:
    """How each week's work is spread over its days.

    Public holidays are free and their work is done on the week's other days; a week that holidays leave without a
    working day is worked as if there were none.

    Args:
        weeks: Mondays.
        config: country of the holidays and weight of each weekday.

    Returns:
        week, date and share, seven rows a week; the shares of a week add up to 1.

    The first of May is no public holiday in Korea, the fifth (a Sunday in 2024) and its substitute on the sixth are:

    >>> config = CalendarConfig(country="KR", weekday_weights=(1, 1, 1, 1, 1, 0, 0))
    >>> day_shares(pd.DatetimeIndex(["2024-05-06"]), config)["share"].tolist()
    [0.0, 0.25, 0.25, 0.25, 0.25, 0.0, 0.0]
    """
    dates = weeks.to_numpy()[:, None] + np.arange(7).astype("timedelta64[D]")
    free = public_holidays(config.country, int(weeks[0].year), int(weeks[-1].year) + 1).to_numpy()
    always = np.broadcast_to(np.asarray(config.weekday_weights, dtype="float64"), dates.shape)
    weights = np.where(np.isin(dates, free), 0.0, always)
    weights = np.where(weights.sum(axis=1, keepdims=True) > 0, weights, always)
    shares = weights / weights.sum(axis=1, keepdims=True)
    return pd.DataFrame({"week": np.repeat(weeks.to_numpy(), 7), "date": dates.ravel(), "share": shares.ravel()})
