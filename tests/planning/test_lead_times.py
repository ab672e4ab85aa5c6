import numpy as np
import pandas as pd
import pytest

from mixplan.config.planning import PlanConfig
from mixplan.planning.lead_times import drawn_lead_times, lead_times, planned_days

ORIGIN = pd.Timestamp("2024-03-04")
MATERIALS = pd.Index(["M1", "M2", "M3"])


def test_mean_and_longest_by_hand(purchases: pd.DataFrame, config: PlanConfig) -> None:
    """M1: 4 days are too long ago, 8 and 6 count, 5 comes later. M2: its receipt is on the origin. M3: none."""
    found = lead_times(purchases, MATERIALS, ORIGIN, config.lead_times).set_index("material_code")
    assert found.loc["M1", ["mean_lead_time_days", "longest_lead_time_days", "receipts"]].tolist() == [7.0, 8.0, 2]
    for material in ("M2", "M3"):
        assert found.loc[material, ["mean_lead_time_days", "longest_lead_time_days"]].tolist() == [2.0, 4.0]
        assert found.loc[material, "lead_time_source"] == "default, as only 0 receipts"
    assert found.loc["M1", "lead_time_source"] == "2 receipts"


def test_equals_a_loop_at_every_origin(purchases: pd.DataFrame, config: PlanConfig) -> None:
    for origin in pd.date_range("2024-01-01", "2024-05-20", freq="9D"):
        found = lead_times(purchases, MATERIALS, origin, config.lead_times)
        for row in found.itertuples():
            days = [
                (line.received_on - line.ordered_on).days
                for line in purchases.itertuples()
                if line.material_code == row.material_code
                and origin - pd.Timedelta(days=45) <= line.received_on < origin
            ]
            mean, longest = (sum(days) / len(days), max(days)) if len(days) >= 2 else (2.0, 4.0)
            assert (row.mean_lead_time_days, row.longest_lead_time_days, row.receipts) == (mean, longest, len(days))


def test_draws_come_from_the_material_s_own_receipts(purchases: pd.DataFrame) -> None:
    draws = drawn_lead_times(purchases, MATERIALS, 2000, default_days=6.5, seed=1)
    values, counts = np.unique(draws[:, 0], return_counts=True)
    assert values.tolist() == [4.0, 5.0, 6.0, 8.0]
    assert counts / 2000 == pytest.approx([0.25] * 4, abs=0.04)
    assert set(draws[:, 1]) == {14.0}
    assert set(draws[:, 2]) == {7.0}


def test_draws_depend_on_the_seed_alone(purchases: pd.DataFrame) -> None:
    first, again, other = (drawn_lead_times(purchases, MATERIALS, 50, 6.5, seed) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()
    shuffled = purchases.sample(frac=1, random_state=5)
    assert (drawn_lead_times(shuffled, MATERIALS, 50, 6.5, seed=1) == first).all()


def test_planned_days_do_not_trip_over_rounding() -> None:
    assert planned_days(pd.Series([3 * 0.1 * 10, 0.0, 6.01])).tolist() == [3, 0, 7]
