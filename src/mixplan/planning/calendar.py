"""Public holidays, and how a week divides over its days."""

from functools import lru_cache

import pandas as pd

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


def day_shares(shares_by_day: pd.DataFrame, weeks: pd.DatetimeIndex) -> pd.DataFrame:
    """How these weeks' demand divides over their days.

    Args:
        shares_by_day: week, date and share, seven rows a week; what was known on one origin.
        weeks: Mondays.

    Returns:
        week, date and share of these weeks, in their order.

    Raises:
        PlanningError: a week has no shares.

    >>> week = pd.DataFrame({"week": pd.Timestamp("2024-05-06"), "date": pd.date_range("2024-05-06", periods=7),
    ...                      "share": [0.0, 0.25, 0.25, 0.25, 0.25, 0.0, 0.0]})
    >>> day_shares(week, pd.DatetimeIndex(["2024-05-06"]))["share"].tolist()
    [0.0, 0.25, 0.25, 0.25, 0.25, 0.0, 0.0]
    """
    missing = weeks.difference(pd.DatetimeIndex(shares_by_day["week"]))
    if len(missing):
        raise PlanningError(
            f"shares_by_day: nothing says how the week of {missing[0].date()} divides over its days; run "
            "`dvc repro demand_select`"
        )
    return shares_by_day.set_index("week").loc[weeks].rename_axis("week").reset_index()[["week", "date", "share"]]
