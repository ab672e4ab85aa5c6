"""Scenarios: what may be changed, and what a change does to the forecast and to the figures."""

from pathlib import Path

import pandas as pd
import pytest

from mixplan.scenario.apply import changed_demand, lead_days
from mixplan.scenario.changes import ScenarioError, checked_name, parse_change
from mixplan.scenario.compare import by_code, figures
from mixplan.scenario.plan import plan_scenario

EXPECTED = pd.DataFrame(
    {"product": ["A", "A", "B"], "quantity_kg": [100.0, 50.0, 7.0], "lower_kg": [10.0, 5.0, 1.0], "upper_kg": 200.0}
)


@pytest.mark.parametrize(
    ("change", "quantities"),
    [("*1.2", [120.0, 60.0, 7.0]), ("+30", [130.0, 80.0, 7.0]), ("-60", [40.0, 0.0, 7.0]), ("9", [9.0, 9.0, 7.0])],
)
def test_demand_changes_for_one_product_and_not_below_zero(change: str, quantities: list[float]) -> None:
    before = EXPECTED.copy()
    changed = changed_demand(EXPECTED, [parse_change(f"demand.A={change}")])
    assert changed["quantity_kg"].tolist() == pytest.approx(quantities)
    pd.testing.assert_frame_equal(EXPECTED, before)


def test_lead_times_are_given_as_days_of_suppliers_that_exist() -> None:
    purchases = pd.DataFrame({"supplier_code": ["S1", "S2"]})
    assert lead_days([parse_change("supplier.S2.lead_time_days=12")], purchases) == {"S2": 12.0}
    with pytest.raises(ScenarioError, match=r"known are S1, S2"):
        lead_days([parse_change("supplier.S3.lead_time_days=12")], purchases)
    with pytest.raises(ScenarioError, match=r"give the days themselves"):
        lead_days([parse_change("supplier.S1.lead_time_days=*2")], purchases)


def test_a_lead_time_of_ten_years_is_a_slip_of_the_pen() -> None:
    with pytest.raises(ScenarioError, match=r"nobody waits longer than 3,650 days; give fewer"):
        parse_change("supplier.S2.lead_time_days=1000000")


@pytest.mark.parametrize("text", ["x=3", "demand.A", "demand.A=many", "demand.A=nan", "demand.A=*inf", "demand.A=*-1"])
def test_what_is_written_otherwise_is_one_sentence(text: str) -> None:
    with pytest.raises(ScenarioError, match=r"^--set "):
        parse_change(text)


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a b", "-x", "x" * 65, "hot\n"])
def test_a_name_leads_nowhere_else(name: str) -> None:
    with pytest.raises(ScenarioError, match=r"^--name "):
        checked_name(name)


def test_without_a_plan_there_is_nothing_to_stand_beside(tmp_path: Path) -> None:
    from mixplan.config.params import load_params

    params = load_params(Path(__file__).parents[2] / "params.yaml")
    with pytest.raises(ScenarioError, match="no plan to stand beside"):
        plan_scenario(tmp_path, [], params)


def test_figures_and_differences_by_hand() -> None:
    day = pd.Timestamp("2024-06-03")
    tables = {
        "production_lots": pd.DataFrame({"product": ["A", "B"], "quantity_kg": [10.0, 5.0]}),
        "production_pegs": pd.DataFrame({"quantity_kg": [10.0, 5.0], "late_days": [0, 2]}),
        "purchase_orders": pd.DataFrame(
            {"material_code": ["M"], "quantity_kg": [3.0], "unit_price_krw": [100.0], "expedite": [True]}
        ),
        "projected_stock": pd.DataFrame(
            {"date": [day], "material_code": "M", "worth_krw": [400.0], "is_short": [False]}
        ),
        "unplanned": pd.DataFrame({"kind": ["order", "material"]}),
    }
    found = figures(tables)
    assert found == {
        "lots": 2,
        "made_kg": 15.0,
        "late_kg": 5.0,
        "orders_not_met": 1,
        "purchase_orders": 1,
        "bought_kg": 3.0,
        "bought_krw": 300.0,
        "expedites": 1,
        "stock_out_days": 0,
        "mean_stock_krw": 400.0,
    }
    other = {"production_lots": pd.DataFrame({"product": ["A", "C"], "quantity_kg": [10.0, 8.0]})}
    changed = by_code(tables, other, "production_lots", "product")
    assert changed[["product", "difference_kg"]].to_numpy().tolist() == [["C", 8.0], ["B", -5.0]]
