"""Public holidays as they were known on a day."""

from functools import cache

import holidays
import pandas as pd

NEW_LAWS = {
    "KR": {
        # Public Holidays Act: substitutes for the four national days.
        pd.Timestamp("2021-07-07"): ("2021-08-16", "2021-10-04", "2021-10-11"),
        # Amended decree on holidays of public offices: substitutes for Buddha's Birthday and Christmas.
        pd.Timestamp("2023-05-04"): ("2023-05-29",),
    }
}
"""By country and the day on which it was promulgated, what a new law made free within half a year of it."""


def known_holidays(
    country: str, first: pd.Timestamp, last: pd.Timestamp, origin: pd.Timestamp | None = None
) -> pd.DatetimeIndex:
    """Days that the law makes free; what a government decrees for once is known only weeks before it, and left out.

    Args:
        country: ISO code.
        first: first day.
        last: last day.
        origin: what later laws have made free from this day on is left out too; by all laws of today where left out.

    >>> first, last = pd.Timestamp("2023-05-27"), pd.Timestamp("2023-10-04")
    >>> known_holidays("KR", first, last).strftime("%m-%d").tolist()[:2]
    ['05-27', '05-29']
    >>> known_holidays("KR", first, last, origin=pd.Timestamp("2023-05-01")).strftime("%m-%d").tolist()[:2]
    ['05-27', '06-06']
    """
    years = range(first.year, last.year + 1)
    days = pd.DatetimeIndex([day for year in years for day in _lawful(country, year) if first <= day <= last])
    if origin is None:
        return days
    laws = NEW_LAWS.get(country, {}).items()
    unknown = pd.DatetimeIndex([day for since, made_free in laws if since > origin for day in made_free])
    return days.difference(unknown[unknown >= origin])


@cache
def _lawful(country: str, year: int) -> list[pd.Timestamp]:
    calendar = holidays.country_holidays(country)
    calendar.has_special_holidays = False
    days = pd.date_range(f"{year}-01-01", f"{year}-12-31")
    return [day for day in days if day in calendar]
