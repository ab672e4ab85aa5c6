"""Driver series from mart tables, and what is known when."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixplan.config.drivers import DriversConfig, SeriesConfig
from mixplan.drivers.history import driver_series, known_steps
from mixplan.drivers.interface import DriverError


def weather(temperatures: dict[str, tuple[float | None, ...]]) -> pd.DataFrame:
    """Rows by date with one temperature a region."""
    return pd.DataFrame(
        [
            {"date": pd.Timestamp(date), "region": f"r{number}", "temperature_c": value}
            for date, values in temperatures.items()
            for number, value in enumerate(values)
        ]
    ).astype({"temperature_c": "float64"})


NO_CONSTRUCTION = pd.DataFrame({"month": pd.to_datetime([]), "construction_index": pd.Series(dtype="float64")})


def test_daily_value_is_the_mean_of_the_regions_that_have_one(config: DriversConfig) -> None:
    table = weather({"2024-01-02": (5.0, None), "2024-01-01": (1.0, 3.0)})
    found = driver_series(table, NO_CONSTRUCTION, config.series)
    assert found.series["temperature_c"].to_dict() == {pd.Timestamp("2024-01-01"): 2.0, pd.Timestamp("2024-01-02"): 5.0}
    assert (found.lacking, found.bridged) == (["construction_index"], {"temperature_c": 0})


def test_column_without_a_value_is_lacking(config: DriversConfig) -> None:
    construction = pd.DataFrame({"month": pd.to_datetime(["2024-01-01"]), "construction_index": [1.0]})
    found = driver_series(weather({"2024-01-01": (None,)}), construction, config.series)
    assert found.lacking == ["temperature_c"]
    assert list(found.series) == ["construction_index"]


def test_short_gaps_are_bridged_with_what_was_known_and_counted(config: DriversConfig) -> None:
    table = weather({"2024-01-01": (1.0,), "2024-01-04": (9.0,), "2024-01-05": (None,), "2024-01-06": (7.0,)})
    found = driver_series(table, NO_CONSTRUCTION, config.series)
    assert found.series["temperature_c"].tolist() == [1.0, 1.0, 1.0, 9.0, 9.0, 7.0]
    assert found.bridged == {"temperature_c": 3}


def test_long_gap_is_named(config: DriversConfig) -> None:
    table = weather({"2024-01-01": (1.0,), "2024-01-02": (2.0,), "2024-01-07": (9.0,)})
    with pytest.raises(DriverError, match="temperature_c: 4 steps are missing after 2024-01-02, more than the 3"):
        driver_series(table, NO_CONSTRUCTION, config.series)


def test_driver_that_no_table_has_is_named(config: DriversConfig) -> None:
    with pytest.raises(DriverError, match=r"drivers\.series\.wind: the mart has no such column by date"):
        driver_series(weather({"2024-01-01": (1.0,)}), NO_CONSTRUCTION, {"wind": config.series["temperature_c"]})


@given(
    first=st.dates(pd.Timestamp("2000-01-01").date(), pd.Timestamp("2030-01-01").date()),
    ahead=st.integers(0, 400),
    lag=st.integers(0, 70),
    monthly=st.booleans(),
)
def test_known_steps_ended_a_lag_before_the_origin(first: object, ahead: int, lag: int, monthly: bool) -> None:
    start = pd.Timestamp(str(first)).replace(day=1)
    origin = start + pd.Timedelta(days=ahead)
    frequency = "MS" if monthly else "D"
    facts = SeriesConfig(frequency=frequency, minimum=None, maximum=None, publication_lag_days=lag, longest_gap=0)
    steps = pd.Series(1.0, index=pd.date_range(start, periods=20, freq=frequency))
    expected = 0
    for step in steps.index:
        last_day = step + pd.offsets.MonthEnd(0) if monthly else step
        expected += last_day + pd.Timedelta(days=1 + lag) <= origin
    assert known_steps(steps, pd.DatetimeIndex([origin]), facts).tolist() == [expected]
