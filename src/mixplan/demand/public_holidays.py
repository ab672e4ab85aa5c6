"""Public holidays that are known long before they come."""

import holidays
import pandas as pd


def lawful_holidays(country: str, first: pd.Timestamp, last: pd.Timestamp) -> pd.DatetimeIndex:
    """Days that the law makes free every year; what a government decrees for once is known only weeks before it.

    Args:
        country: ISO code.
        first: first day.
        last: last day.

    >>> lawful_holidays("KR", pd.Timestamp("2023-10-01"), pd.Timestamp("2023-10-04")).strftime("%d").tolist()
    ['03']
    """
    calendar = holidays.country_holidays(country)
    calendar.has_special_holidays = False
    days = pd.date_range(first, last)
    return days[[day in calendar for day in days]]
