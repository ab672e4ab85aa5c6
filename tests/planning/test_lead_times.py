import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixplan.config.planning import LeadTimeConfig, PlanConfig
from mixplan.planning.lead_times import (
    drawn_lead_times,
    known_lead_days,
    lead_times,
    planned_days,
    usual_suppliers,
)

ORIGIN = pd.Timestamp("2024-03-04")
MATERIALS = pd.Index(["M1", "M2", "M3"])
SUPPLIERS = pd.Series({"M1": "S1", "M2": "S3", "M3": ""})
few = settings(max_examples=40, deadline=None)


def test_mean_and_longest_by_hand(purchases: pd.DataFrame, config: PlanConfig) -> None:
    """Before the origin S1 and S2 brought M1 once each, after 8 and 6 days; nothing else came in its 45 days."""
    found = lead_times(purchases, SUPPLIERS, ORIGIN, config.lead_times).set_index("material_code")
    for material in MATERIALS:
        assert found.loc[material, ["mean_lead_time_days", "longest_lead_time_days"]].tolist() == [7.0, 8.0]
    assert found["receipts"].tolist() == [1, 0, 0]
    assert found["lead_time_source"].tolist() == [
        "2 receipts of it, as only 1 from S1",
        "2 receipts of all materials, as only 0 from S3",
        "2 receipts of all materials, as it was never bought",
    ]


def test_a_supplier_with_enough_receipts_speaks_alone(purchases: pd.DataFrame, config: PlanConfig) -> None:
    """A dealer who comes on the same day, three times, changes nothing."""
    dealer = purchases.iloc[[1]].assign(supplier_code="spot", ordered_on=pd.Timestamp("2024-02-09"))
    more = pd.concat([purchases, purchases.iloc[[1]], dealer, dealer, dealer])
    found = lead_times(more, SUPPLIERS, ORIGIN, config.lead_times).set_index("material_code")
    assert found.loc["M1", ["mean_lead_time_days", "longest_lead_time_days"]].tolist() == [8.0, 8.0]
    assert found.loc["M1", "lead_time_source"] == "2 receipts from S1"


def test_what_stands_in_is_not_quicker_than_the_floor(purchases: pd.DataFrame, config: PlanConfig) -> None:
    """8 and 6 days with a floor of 7 and 14: 8 and 7 days, 14 at most."""
    slow = config.lead_times.model_copy(update={"default_mean_days": 7.0, "default_longest_days": 14.0})
    found = lead_times(purchases, SUPPLIERS, ORIGIN, slow)
    assert found["mean_lead_time_days"].tolist() == [7.5] * 3
    assert found["longest_lead_time_days"].tolist() == [14.0] * 3
    assert [days.tolist() for days in known_lead_days(purchases, SUPPLIERS, ORIGIN, slow)] == [[7.0, 8.0]] * 3


def test_nothing_received_is_the_default(purchases: pd.DataFrame, config: PlanConfig) -> None:
    found = lead_times(purchases, SUPPLIERS, pd.Timestamp("2024-01-05"), config.lead_times)
    assert found["mean_lead_time_days"].tolist() == [2.0] * 3
    assert found["longest_lead_time_days"].tolist() == [4.0] * 3
    assert set(found["lead_time_source"]) == {"default, as only 0 receipts in all"}


Receipt = tuple[str, str, int]
receipts = st.lists(
    st.tuples(st.sampled_from(["M1", "M2"]), st.sampled_from(["S1", "S2"]), st.integers(0, 30)), max_size=12
)


def table_of(rows: list[Receipt]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["material_code", "supplier_code", "days"])
    received_on = ORIGIN - pd.Timedelta(days=1)
    ordered_on = received_on - pd.to_timedelta(table["days"].astype("int64"), unit="D")
    return table.assign(received_on=received_on, ordered_on=ordered_on)


@few
@given(receipts, st.integers(1, 4))
def test_equals_a_loop_over_receipts(rows: list[Receipt], minimum: int) -> None:
    """The first of own receipts, the material's and all that are enough; others than its own are floored."""
    config = LeadTimeConfig(window_days=45, minimum_receipts=minimum, default_mean_days=5.0, default_longest_days=20.0)
    suppliers = pd.Series({"M1": "S1", "M2": "S2", "M3": ""})
    found = lead_times(table_of(rows), suppliers, ORIGIN, config)
    known = known_lead_days(table_of(rows), suppliers, ORIGIN, config)
    for row, days in zip(found.itertuples(), known, strict=True):
        own = [d for m, s, d in rows if (m, s) == (row.material_code, suppliers[row.material_code])]
        of_it, every = [d for m, _, d in rows if m == row.material_code], [d for _, _, d in rows]
        if len(own) >= minimum:
            expected, longest = sorted(own), max(own)
        elif len(of_it) >= minimum or len(every) >= minimum:
            others = of_it if len(of_it) >= minimum else every
            expected, longest = sorted(max(d, 5) for d in others), max(20, *others)
        else:
            assert (row.mean_lead_time_days, row.longest_lead_time_days, days.tolist()) == (5.0, 20.0, [5.0, 20.0])
            continue
        assert days.tolist() == expected
        assert row.mean_lead_time_days == pytest.approx(sum(expected) / len(expected))
        assert row.longest_lead_time_days == longest
        assert row.receipts == len(own)


def test_receipts_of_the_window_alone_count(purchases: pd.DataFrame, config: PlanConfig) -> None:
    """Seen from every origin: M1's receipts of the 45 days before it, when they are two or more."""
    for origin in pd.date_range("2024-01-01", "2024-05-20", freq="9D"):
        lines = [line for line in purchases.itertuples() if origin - pd.Timedelta(days=45) <= line.received_on < origin]
        days = [(line.received_on - line.ordered_on).days for line in lines if line.material_code == "M1"]
        found = lead_times(purchases, pd.Series({"M1": "nobody"}), origin, config.lead_times)
        if len(days) >= 2:
            assert found["mean_lead_time_days"].tolist() == [sum(days) / len(days)]
        else:
            assert not found["lead_time_source"].str.contains("of it").any()


def test_the_usual_supplier_is_the_one_of_late(purchases: pd.DataFrame, config: PlanConfig) -> None:
    """M1: two purchases from each of S1 and S2, but within the window one from S2 alone, and two from S1."""
    placed = purchases[purchases["ordered_on"] < ORIGIN]
    assert usual_suppliers(placed, MATERIALS, ORIGIN, config.lead_times).tolist() == ["S1", "S3", ""]
    before = placed[placed["ordered_on"] < "2024-02-01"]
    assert usual_suppliers(before, MATERIALS, ORIGIN, config.lead_times).tolist() == ["S2", "", ""]


def test_draws_come_from_the_supplier_s_own_receipts(purchases: pd.DataFrame, config: PlanConfig) -> None:
    """S1 took 8 and 5 days for M1; of M2 only one receipt is known, so all five speak; M3 is like it."""
    draws = drawn_lead_times(purchases, SUPPLIERS, 2000, config.lead_times, seed=1)
    values, counts = np.unique(draws[:, 0], return_counts=True)
    assert values.tolist() == [5.0, 8.0]
    assert counts / 2000 == pytest.approx([0.5] * 2, abs=0.04)
    assert set(draws[:, 1]) == set(draws[:, 2]) == {4.0, 5.0, 6.0, 8.0, 14.0}


def test_draws_depend_on_the_seed_alone(purchases: pd.DataFrame, config: PlanConfig) -> None:
    first, again, other = (drawn_lead_times(purchases, SUPPLIERS, 50, config.lead_times, seed) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()
    shuffled = purchases.sample(frac=1, random_state=5)
    assert (drawn_lead_times(shuffled, SUPPLIERS, 50, config.lead_times, seed=1) == first).all()


def test_planned_days_do_not_trip_over_rounding() -> None:
    assert planned_days(pd.Series([3 * 0.1 * 10, 0.0, 6.01])).tolist() == [3, 0, 7]
