import pandas as pd
import pytest

from mixplan.config.planning import PlanConfig
from mixplan.config.production import FamilyConfig
from mixplan.planning.basis import basis_of
from mixplan.planning.build import Plan, build_plan
from mixplan.planning.errors import PlanningError
from tests.planning.conftest import by_day

ORIGIN = pd.Timestamp("2024-03-04")
SHARES = pd.DataFrame({"product": ["A", "B"], "region": "S", "share": 1.0})
FRAMES = ["production", "requirements", "policy", "projected_stock", "purchase_orders"]


def planned(forecast: pd.DataFrame, tables: dict[str, pd.DataFrame], config: PlanConfig) -> Plan:
    return build_plan(basis_of(forecast, SHARES, by_day(ORIGIN), tables, ORIGIN, config), config)


@pytest.fixture
def plan(forecast: pd.DataFrame, tables: dict[str, pd.DataFrame], config: PlanConfig) -> Plan:
    return planned(forecast, tables, config)


def test_requirements_by_hand(plan: Plan) -> None:
    """A and B 200 kg in the first week, 800 kg ordered and 200 kg in the second; A is half M1 and half B."""
    week = plan.requirements["date"] < ORIGIN + pd.Timedelta(weeks=1)
    first, second = (
        plan.requirements[rows].groupby("material_code")["requirement_kg"].sum().to_dict() for rows in (week, ~week)
    )
    assert first == pytest.approx({"M1": 100.0, "M2": 240.0, "M3": 60.0})
    assert second == pytest.approx({"M1": 400.0, "M2": 480.0, "M3": 120.0})


def test_projection_receives_open_and_planned_orders(plan: Plan) -> None:
    """B4 brings 100 kg of M1 after the plan; B3 owes 60 kg since February, B5 and B7 owe 70 and 30 kg of M2."""
    end = plan.requirements["date"].max()
    planned = plan.purchase_orders[plan.purchase_orders["expected_on"] <= end]
    expected = planned.groupby("material_code")["quantity_kg"].sum().reindex(["M1", "M2", "M3"], fill_value=0.0)
    received = plan.projected_stock.groupby("material_code")["receipts_kg"].sum()
    assert (received - expected).to_dict() == pytest.approx({"M1": 60.0, "M2": 100.0, "M3": 0.0})


def test_stock_source_runs_through(plan: Plan) -> None:
    for frame in (plan.projected_stock, plan.purchase_orders):
        is_counted = frame["material_code"] == "M1"
        assert set(frame.loc[is_counted, "stock_source"]) == {"counted 2024-03-02"}
        assert set(frame.loc[~is_counted, "stock_source"]) == {"assumed"}
    opening = plan.projected_stock.set_index(["material_code", "date"])["opening_kg"]
    reorder_point = plan.policy.set_index("material_code")["reorder_point_kg"]
    assert opening["M3", ORIGIN] == reorder_point["M3"]
    assert opening["M1", ORIGIN] == 80.0 - 15.0, "counted on 2 March; on the 3rd 30 kg of A were sold"


def test_the_plan_knows_nothing_from_the_origin_on(
    plan: Plan, forecast: pd.DataFrame, tables: dict[str, pd.DataFrame], config: PlanConfig
) -> None:
    later = {name: table.copy() for name, table in tables.items()}
    later["sales"].loc[later["sales"]["sold_on"] >= ORIGIN, "quantity_kg"] = 1e6
    late_purchases = later["purchases"]["ordered_on"] >= ORIGIN
    later["purchases"].loc[late_purchases, "quantity_kg"] = 1e6
    later["purchases"].loc[later["purchases"]["received_on"] >= ORIGIN, "received_on"] += pd.Timedelta(days=99)
    again = planned(forecast, later, config)
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(again, name), getattr(plan, name))


def test_days_are_those_of_the_plans_own_origin(
    plan: Plan, forecast: pd.DataFrame, tables: dict[str, pd.DataFrame], config: PlanConfig
) -> None:
    other = by_day(ORIGIN - pd.Timedelta(weeks=1), weeks=4, week=(1.0,) + (0.0,) * 6)
    both = pd.concat([other, by_day(ORIGIN)], ignore_index=True)
    again = build_plan(basis_of(forecast, SHARES, both, tables, ORIGIN, config), config)
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(again, name), getattr(plan, name))
    with pytest.raises(PlanningError, match="nothing says how the week of 2024-03-04 divides over its days"):
        basis_of(forecast, SHARES, other, tables, ORIGIN, config)


def test_equal_inputs_give_equal_plans_and_stay_as_they_are(
    plan: Plan, forecast: pd.DataFrame, tables: dict[str, pd.DataFrame], config: PlanConfig
) -> None:
    before = {name: table.copy() for name, table in tables.items()}
    again = planned(forecast, tables, config)
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(again, name), getattr(plan, name))
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, before[name])


def test_a_material_that_is_not_stocked_is_in_no_table(
    forecast: pd.DataFrame, tables: dict[str, pd.DataFrame], config: PlanConfig
) -> None:
    plan = planned(forecast, tables, config.model_copy(update={"not_stocked": ("M2",)}))
    for frame in (plan.requirements, plan.policy, plan.projected_stock, plan.purchase_orders):
        assert "M2" not in set(frame["material_code"])


@pytest.mark.parametrize(("counted_kg", "cleanings"), [(240.0, 1), (239.0, 2)])
def test_lots_are_made_ahead_as_far_as_stock_and_confirmed_receipts_go(
    counted_kg: float,
    cleanings: int,
    forecast: pd.DataFrame,
    tables: dict[str, pd.DataFrame],
    config: PlanConfig,
) -> None:
    """300 kg of A on Monday and on Wednesday, and of B on Tuesday, where a day holds no cleaning beside both.

    A is half M1, of which 60 kg are overdue and no order comes within a week: both lots of A need 300 kg.
    """
    nothing = forecast.assign(quantity_kg=0.0, lower_kg=0.0, upper_kg=0.0)
    days = pd.to_datetime(["2024-03-04", "2024-03-05", "2024-03-06"])
    book = pd.concat([tables["orders"]] * 3, ignore_index=True)
    book = book.assign(
        order_no=["O1", "O2", "O3"], product=["A", "B", "A"], due_on=days, quantity_kg=300.0, sold_kg=0.0
    )
    stock = {"material_code": ["M1", "M2", "M3"], "stock_kg": [counted_kg, 9000.0, 9000.0]}
    counts = pd.DataFrame({"counted_on": ORIGIN - pd.Timedelta(days=1), **stock})
    families = {name: FamilyConfig(products=(name,), shelf_life_days=30) for name in ("A", "B")}
    mixer = config.production.lines["mixer"].model_copy(update={"daily_kg": 620.0, "families": ("A", "B")})
    solver = config.production.solver.model_copy(update={"short_tonne_days": 1e6})
    changes = {"families": families, "lines": {"mixer": mixer}, "solver": solver}
    production = config.production.model_copy(update=changes)
    few = config.lead_times.model_copy(update={"default_mean_days": 7.0, "default_longest_days": 7.0})
    changed = config.model_copy(update={"production": production, "lead_times": few})
    plan = planned(nothing, {**tables, "orders": book, "stock_counts": counts}, changed)
    assert plan.summary()["cleanings"] == cleanings
    assert plan.summary()["late_kg"] == 0
