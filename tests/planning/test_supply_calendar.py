"""Days on which orders go out and come, beside a walk from day to day over the public holidays' own list."""

import itertools

import holidays
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from mixplan.config.planning import OpenDays, PlanConfig, SuppliersConfig
from mixplan.planning.calendar import public_holidays
from mixplan.planning.errors import PlanningError
from mixplan.planning.supply_calendar import next_open, supply_calendar

many = settings(max_examples=60, deadline=None)
MONDAY = pd.Timestamp("2024-01-29")  # two weeks before the lunar new year, which closes China for eight days

open_days = st.builds(
    OpenDays,
    country=st.sampled_from(["KR", "CN", "DE"]),
    weekdays=st.lists(st.booleans(), min_size=5, max_size=5).map(lambda others: (True, *others, True)),
)


def works(day: int, *parties: OpenDays) -> bool:
    date = (MONDAY + pd.Timedelta(days=day)).date()
    return all(own.weekdays[date.weekday()] and date not in holidays.country_holidays(own.country) for own in parties)


def walk(day: int, step: int, *parties: OpenDays) -> int:
    return next(each for each in itertools.count(day, step) if works(each, *parties))


@many
@given(open_days, open_days, st.integers(0, 30), st.integers(0, 40), st.integers(0, 6))
def test_equals_a_walk_from_day_to_day(plant: OpenDays, supplier: OpenDays, day: int, lead: int, weekday: int) -> None:
    suppliers = SuppliersConfig(usual=plant, others={"S": supplier})
    calendar = supply_calendar(["S", "T"], MONDAY, plant, suppliers)
    arrives = calendar.arrives(np.array(day), np.array([lead, lead]))
    assert arrives[0] == walk(walk(day, 1, plant, supplier) + lead, 1, supplier)
    assert arrives[1] == walk(walk(day, 1, plant) + lead, 1, plant), "a supplier that is nowhere named is the usual one"
    last = calendar.last_call(np.array([day, day]), np.array([lead, lead]))[0]
    calls = (each for each in itertools.count(day, -1) if works(each, plant, supplier))
    assert last == next(each for each in calls if walk(each + lead, 1, supplier) <= day)
    planned = [each for each in range(60) if (each - weekday) % 7 == 0]
    days = sorted({walk(each, 1, plant) for each in planned})
    assert calendar.reviews(weekday, 35) == [pair for pair in itertools.pairwise(days) if pair[0] < 35]
    for today, later in calendar.reviews(weekday, 35):
        window = calendar.window(today, later, np.array([lead, lead]))
        assert today + window.sent[0] == walk(today, 1, plant, supplier)
        assert today + window.arrives[0] == calendar.arrives(np.array(today), np.array([lead, lead]))[0]
        assert today + window.next_arrives[0] == calendar.arrives(np.array(later), np.array([lead, lead]))[0]
    moved = next_open(pd.Series([MONDAY + pd.Timedelta(days=day)] * 2), pd.Series(["S", "T"]), suppliers)
    assert ((moved - MONDAY).dt.days == [walk(day, 1, supplier), walk(day, 1, plant)]).all()


def test_many_futures_are_moved_as_one_is() -> None:
    """(F, D, M) at once, and one by one."""
    weekdays = (True,) * 5 + (False,) * 2
    suppliers = SuppliersConfig(
        usual=OpenDays(country="KR", weekdays=weekdays), others={"C": OpenDays(country="CN", weekdays=weekdays)}
    )
    calendar = supply_calendar(["K", "C"], MONDAY, OpenDays(country="KR", weekdays=(True,) * 7), suppliers)
    lead = np.random.default_rng(1).integers(0, 30, (5, 20, 2))
    together = calendar.arrives(np.arange(20)[:, None], lead)
    for future, day in itertools.product(range(5), range(20)):
        assert together[future, day].tolist() == calendar.arrives(np.array(day), lead[future, day]).tolist()


def test_an_unknown_country_is_a_sentence() -> None:
    with pytest.raises(PlanningError, match=r"no public holidays are known of country 'XX'; give an ISO code"):
        public_holidays("XX", 2024, 2024)


def test_a_supplier_that_is_never_open_when_the_plant_works_is_refused(config: PlanConfig) -> None:
    values = config.model_dump(by_alias=True)
    values["ordering"]["suppliers"]["others"] = {
        "S9": {"country": "KR", "weekdays": [False] * 5 + [True] * 2}  # the plant works from Monday to Friday
    }
    with pytest.raises(ValidationError, match="suppliers: S9 is open on no weekday on which the plant works"):
        PlanConfig.model_validate(values, strict=False)
