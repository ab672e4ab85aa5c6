import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixplan.planning.calendar import day_shares, public_holidays
from mixplan.planning.errors import PlanningError

few = settings(max_examples=40, deadline=None)
MONDAYS = pd.date_range("2024-01-01", periods=6, freq="7D")
DATES = pd.date_range(MONDAYS[0], periods=42)


@few
@given(st.lists(st.sampled_from(MONDAYS.tolist()), min_size=1, unique=True))
def test_the_days_of_the_asked_weeks_in_the_order_of_the_weeks(weeks: list[pd.Timestamp]) -> None:
    known = pd.DataFrame({"week": MONDAYS.repeat(7), "date": DATES, "share": np.arange(42.0)})
    found = day_shares(known.assign(origin=MONDAYS[0]), pd.DatetimeIndex(weeks))
    expected = [
        (week, week + pd.Timedelta(days=day), float((week - MONDAYS[0]).days + day))
        for week in weeks
        for day in range(7)
    ]
    assert list(found.itertuples(index=False, name=None)) == expected


def test_a_week_without_shares_is_named() -> None:
    known = pd.DataFrame({"week": MONDAYS.repeat(7), "date": DATES, "share": 1 / 7})
    with pytest.raises(PlanningError, match="the week of 2024-02-12 divides over its days; run `dvc repro demand_sel"):
        day_shares(known, pd.DatetimeIndex(["2024-02-05", "2024-02-12"]))


def test_substitute_holidays_count() -> None:
    """The fifth of May 2024 is a Sunday."""
    free = public_holidays("KR", 2024, 2024)
    assert pd.Timestamp("2024-05-06") in free
    assert pd.Timestamp("2024-05-01") not in free
