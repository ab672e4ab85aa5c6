"""Weekly means against plain loops."""

import numpy as np
import pandas as pd

from mixplan.drivers.weekly import weekly_drivers, weekly_observed


def forecasts(driver: str, offset: float) -> pd.DataFrame:
    """Two origins, three weeks ahead, every day its own value."""
    parts = []
    for number, origin in enumerate(pd.to_datetime(["2024-01-01", "2024-01-15"])):
        horizon = np.arange(1, 22)
        part = {"driver": driver, "origin": origin, "horizon_days": horizon, "mean": offset + 100 * number + horizon}
        parts.append(pd.DataFrame(part))
    return pd.concat(parts)


def test_weeks_are_means_of_the_winners_days() -> None:
    weeks = weekly_drivers(
        pd.concat([forecasts("rain_mm", 9000.0), forecasts("temperature_c", 0.0)], ignore_index=True)
    )
    assert list(weeks.columns) == ["origin", "week", "rain_mm", "temperature_c"]
    # Days 1 to 7 average 4, days 8 to 14 average 11, days 15 to 21 average 18.
    assert weeks["temperature_c"].tolist() == [4.0, 11.0, 18.0, 104.0, 111.0, 118.0]
    assert weeks["rain_mm"].tolist() == [9004.0, 9011.0, 9018.0, 9104.0, 9111.0, 9118.0]
    assert [str(day.date()) for day in weeks["week"]][:4] == ["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-15"]


def test_observed_weeks_are_means_of_seven_days(series: dict[str, pd.Series]) -> None:
    weeks = weekly_observed(series)
    assert (weeks["week"].dt.weekday == 0).all()
    for row in weeks.itertuples():
        days = [row.week + pd.Timedelta(days=day) for day in range(7)]
        for driver, steps in {
            "temperature_c": days,
            "construction_index": [day.replace(day=1) for day in days],
        }.items():
            known = [series[driver][step] for step in steps if step in series[driver].index]
            expected = np.mean(known) if len(known) == 7 else np.nan
            np.testing.assert_allclose(getattr(row, driver), expected)


def test_drivers_that_end_apart_share_one_calendar(series: dict[str, pd.Series]) -> None:
    weeks = weekly_observed({**series, "temperature_c": series["temperature_c"].iloc[:-60]})
    late = weeks[weeks["week"].between("2022-11-14", "2022-12-19")]
    assert late["temperature_c"].isna().all()
    assert late["construction_index"].notna().all()
