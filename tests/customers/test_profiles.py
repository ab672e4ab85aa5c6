import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixplan.customers.profiles import Level, action_of, level, profile_of

MEDIANS = np.array([10.0, 20.0, 1000.0])
positive = st.integers(1, 10**6).map(float)


@pytest.mark.parametrize(
    ("value", "expected"), [(89.9, Level.LOW), (90.0, Level.TYPICAL), (110.0, Level.TYPICAL), (110.1, Level.HIGH)]
)
def test_level_at_its_bounds(value, expected):
    assert level(value, 100.0, 0.1) is expected


@given(value=positive, median=positive, power=st.integers(-3, 3))
def test_level_does_not_depend_on_the_unit(value, median, power):
    factor = 2.0**power
    assert level(value * factor, median * factor, 0.25) is level(value, median, 0.25)


@given(smaller=positive, more=positive, median=positive)
def test_level_rises_with_the_value(smaller, more, median):
    assert level(smaller, median, 0.1) <= level(smaller + more, median, 0.1)


@pytest.mark.parametrize(
    ("centre", "expected"),
    [
        ([3.0, 40.0, 5000.0], "high value, frequent, recent"),
        ([10.0, 20.0, 1000.0], "typical value, typical frequency, typical recency"),
        ([40.0, 5.0, 100.0], "low value, infrequent, not recent"),
    ],
)
def test_profile_words(centre, expected):
    assert profile_of(np.array(centre), MEDIANS, 0.1) == expected


@pytest.mark.parametrize(("value", "name"), [(5000.0, "high_value"), (1050.0, "typical_value"), (1.0, "low_value")])
def test_action_follows_the_value(config, value, name):
    assert action_of(np.array([10.0, 20.0, value]), MEDIANS, config) == getattr(config.actions, name)
