"""Tables whose next rows are overdue."""

from collections.abc import Mapping
from math import inf

import pandas as pd

from mixplan.config.base import MixplanError
from mixplan.config.monitor import MonitorConfig
from mixplan.monitoring.checks import Check

DAYS = {
    "sales": "sold_on",
    "orders": "ordered_on",
    "purchases": "ordered_on",
    "stock_counts": "counted_on",
    "weather": "date",
    "construction": "month",
}
"""Tables that new rows are expected of, and the day of a row."""


class UnknownTableError(MixplanError):
    """The configuration names a table that no new rows are expected of."""


def delay_checks(tables: Mapping[str, pd.DataFrame], today: pd.Timestamp, config: MonitorConfig) -> list[Check]:
    """Days since the last row of each table that ``monitor.longest_gap_days`` names; a table without rows is not late.

    Args:
        tables: of the mart, by name.
        today: the day on which rows are missed.
        config: the longest gaps.

    Raises:
        UnknownTableError: see there.

    >>> sales = pd.DataFrame({"sold_on": pd.to_datetime(["2024-06-28", "2024-06-03"])})
    >>> config = MonitorConfig(level=0.05, minimum_weeks=4, recent_weeks=13, longest_gap_days={"sales": 7}, gauges=None)
    >>> [(check.value, check.rings) for check in delay_checks({"sales": sales}, pd.Timestamp("2024-07-08"), config)]
    [(10.0, True)]
    """
    unknown = sorted(set(config.longest_gap_days) - set(DAYS))
    if unknown:
        raise UnknownTableError(f"monitor.longest_gap_days: {unknown[0]} is none of {', '.join(DAYS)}")
    return [
        Check(f"days since the last row of {name}", float((today - tables[name][DAYS[name]].max()).days), -inf, gap)
        for name, gap in config.longest_gap_days.items()
        if not tables[name].empty
    ]
