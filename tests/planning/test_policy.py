import numpy as np
import pandas as pd
import pytest

from mixplan.config.planning import MaterialTerms, PlanConfig
from mixplan.planning.errors import PlanningError
from mixplan.planning.policy import COLUMNS, material_policy

ORIGIN = pd.Timestamp("2024-03-04")


@pytest.fixture
def use() -> pd.DataFrame:
    """100 days of use up to 2024-03-20; the last 28 before the origin count."""
    days = pd.date_range("2023-12-12", "2024-03-20", name="date")
    rng = np.random.default_rng(0)
    return pd.DataFrame({name: rng.uniform(0, 10, len(days)) for name in ("M1", "M2", "M3")}, index=days)


def test_policy_by_hand(use: pd.DataFrame, purchases: pd.DataFrame, config: PlanConfig) -> None:
    policy = material_policy(use, purchases, ORIGIN, config)
    assert list(policy.columns) == COLUMNS
    policy = policy.set_index("material_code")
    counted = [use.loc[ORIGIN - pd.Timedelta(days=back), "M1"] for back in range(1, 29)]
    mean, highest = sum(counted) / 28, max(counted)
    line = policy.loc["M1"]
    assert line["mean_daily_use_kg"] == pytest.approx(mean)
    assert line["highest_daily_use_kg"] == highest
    assert line["safety_stock_kg"] == pytest.approx(highest * 8 - mean * 7)
    assert line["reorder_point_kg"] == pytest.approx(highest * 8)
    assert line["unit_price_krw"] == (1100.0 + 1500.0) / 2, "of its supplier alone"
    assert line["supplier_code"] == "S1", "two purchases in the window, and one from S2"
    assert policy.loc["M3", "supplier_code"] == ""
    assert np.isnan(policy.loc["M3", "unit_price_krw"])


def test_terms_can_name_the_supplier(use: pd.DataFrame, purchases: pd.DataFrame, config: PlanConfig) -> None:
    """M1 by contract from S2, of whom two purchases are known; M3 from S7, of whom none is."""
    named = {code: MaterialTerms(supplier_code=supplier) for code, supplier in (("M1", "S2"), ("M3", "S7"))}
    ordering = config.ordering.model_copy(update={"materials": named})
    policy = material_policy(use, purchases, ORIGIN, config.model_copy(update={"ordering": ordering}))
    assert policy["supplier_code"].tolist() == ["S2", "S3", "S7"]
    assert policy["unit_price_krw"].tolist()[:2] == [(1000.0 + 1300.0) / 2, (900.0 + 910.0) / 2]
    assert policy.loc[2, "lead_time_source"] == "2 receipts of all materials, as only 0 from S7"


def test_nothing_from_the_origin_on_is_known(use: pd.DataFrame, purchases: pd.DataFrame, config: PlanConfig) -> None:
    later_use = use.copy()
    later_use.loc[ORIGIN:] = 1e6
    later = purchases.copy()
    later.loc[later["received_on"] >= ORIGIN, "received_on"] += pd.Timedelta(days=300)
    later.loc[later["ordered_on"] >= ORIGIN, ["unit_price_krw", "supplier_code"]] = [1e6, "S9"]
    pd.testing.assert_frame_equal(
        material_policy(later_use, later, ORIGIN, config), material_policy(use, purchases, ORIGIN, config)
    )


def test_a_short_history_is_used_as_it_is(use: pd.DataFrame, purchases: pd.DataFrame, config: PlanConfig) -> None:
    short = use.loc["2024-02-28":]
    policy = material_policy(short, purchases, ORIGIN, config)
    assert policy["mean_daily_use_kg"].tolist() == pytest.approx(use.loc["2024-02-28":"2024-03-03"].mean().tolist())


def test_no_history_is_refused(use: pd.DataFrame, purchases: pd.DataFrame, config: PlanConfig) -> None:
    with pytest.raises(PlanningError, match="28 days before 2024-03-04"):
        material_policy(use.loc[ORIGIN:], purchases, ORIGIN, config)
