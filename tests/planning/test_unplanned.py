"""Bad input that ends well: what cannot be planned is listed with its reason, and the rest of the plan is made."""

import pandas as pd
import pytest

from mixplan.config.planning import PlanConfig
from mixplan.planning.basis import basis_of
from mixplan.planning.bill_of_materials import plannable
from mixplan.planning.build import Plan, build_plan
from mixplan.planning.errors import PlanningError
from tests.planning.conftest import by_day

ORIGIN = pd.Timestamp("2024-03-04")
SHARES = pd.DataFrame({"product": ["A", "B"], "region": "S", "share": 1.0})
Tables = dict[str, pd.DataFrame]


def with_recipes(tables: Tables, *rows: tuple[str, str, float, str | None]) -> Tables:
    more = pd.DataFrame(list(rows), columns=tables["recipes"].columns).astype({"component_product": "object"})
    return {**tables, "recipes": pd.concat([tables["recipes"], more], ignore_index=True)}


def with_forecast_of(forecast: pd.DataFrame, *products: str) -> pd.DataFrame:
    first = forecast[forecast["product"] == "A"]
    return pd.concat([forecast, *(first.assign(product=name) for name in products)], ignore_index=True)


def gaps_of(plan: Plan) -> dict[str, str]:
    return dict(zip(plan.unplanned["code"], plan.unplanned["reason"], strict=True))


def planned(forecast: pd.DataFrame, tables: dict[str, pd.DataFrame], config: PlanConfig) -> Plan:
    return build_plan(basis_of(forecast, SHARES, by_day(ORIGIN), tables, ORIGIN, config), config)


@pytest.fixture
def priced(tables: Tables) -> Tables:
    """Every material has a price."""
    bought = tables["purchases"].iloc[[0]].assign(material_code="M3", purchase_no="B9")
    return {**tables, "purchases": pd.concat([tables["purchases"], bought], ignore_index=True)}


def test_a_sound_plant_has_no_gap(forecast: pd.DataFrame, priced: Tables, config: PlanConfig) -> None:
    plan = planned(forecast, priced, config)
    assert plan.unplanned.empty
    assert list(plan.unplanned.columns) == ["kind", "code", "quantity_kg", "reason"]


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([("C", "M1", 0.0, None), ("C", "M2", 0.0, None)], "its recipe sums to nothing"),
        (
            [("C", "M1", 60.0, None), ("C", "M2", 40.0, None)],
            "its recipe takes 100 kg for a kilogram, so it is in another unit",
        ),
        ([("C", "M1", 0.001, None)], "its recipe takes 0.001 kg for a kilogram, so it is in another unit"),
        ([("C", "P-C", 1.0, "C")], "it is in a loop of recipes without end (C)"),
        ([("C", "P-D", 1.0, "D"), ("D", "P-C", 1.0, "C")], "it is in a loop of recipes without end (C, D)"),
        ([("C", "P-D", 0.5, "D"), ("C", "M1", 0.5, None)], "it holds D, which has no recipe"),
        ([("C", "P-D", 1.0, "D"), ("D", "M1", 0.0, None)], "it holds D, which cannot be planned"),
        ([], "it has no recipe"),
    ],
)
def test_a_recipe_that_leads_nowhere_costs_its_own_product_alone(
    rows: list[tuple[str, str, float, str | None]],
    why: str,
    forecast: pd.DataFrame,
    priced: Tables,
    config: PlanConfig,
) -> None:
    sound = planned(forecast, priced, config)
    plan = planned(with_forecast_of(forecast, "C"), with_recipes(priced, *rows), config)
    gap = plan.unplanned.set_index("code").loc["C"]
    assert (gap["kind"], gap["quantity_kg"]) == ("product", 400.0), "two weeks of 200 kg"
    assert gap["reason"] == f"{why}, so its materials are not in the plan; correct its recipe"
    assert set(plan.production["product"]) == {"A", "B", "C"}, "what is to be made is known all the same"
    for name in ("requirements", "policy", "stock", "projected_stock", "purchase_orders"):
        pd.testing.assert_frame_equal(getattr(plan, name), getattr(sound, name))


def test_past_sales_of_a_product_without_recipe_stop_nothing(
    forecast: pd.DataFrame, priced: Tables, config: PlanConfig
) -> None:
    sold = priced["sales"].iloc[[5]].assign(product="gone")
    sales = pd.concat([priced["sales"], sold], ignore_index=True)
    plan = planned(forecast, {**priced, "sales": sales}, config)
    assert plan.unplanned.empty, "it is not to be made"


def test_without_any_sound_recipe_there_is_no_plan() -> None:
    recipes = pd.DataFrame(
        {
            "product": ["A"],
            "material_code": ["M1"],
            "share": [0.0],
            "component_product": pd.Series([None], dtype=object),
        }
    )
    with pytest.raises(PlanningError, match=r"no product can be planned \(A: its recipe sums to nothing\)"):
        plannable(recipes)
    with pytest.raises(PlanningError, match=r"no product can be planned \(there are none\)"):
        plannable(recipes[:0])


def test_books_below_zero_are_said_and_planned_from_nothing(
    forecast: pd.DataFrame, priced: Tables, config: PlanConfig
) -> None:
    """10 kg of M1 were counted on 2 March and 15 used on the 3rd."""
    counts = priced["stock_counts"].assign(stock_kg=10.0)
    plan = planned(forecast, {**priced, "stock_counts": counts}, config)
    assert gaps_of(plan) == {
        "M1": "the books say -5 kg since it was counted 2024-03-02, so it is planned from 0; count it"
    }
    opening = plan.projected_stock.set_index(["material_code", "date"])["opening_kg"]
    assert opening["M1", ORIGIN] == 0.0


def test_a_supplier_without_price_is_ordered_from_and_said(
    forecast: pd.DataFrame, tables: Tables, config: PlanConfig
) -> None:
    plan = planned(forecast, tables, config)
    ordered = plan.purchase_orders[plan.purchase_orders["material_code"] == "M3"]
    assert ordered["unit_price_krw"].isna().all()
    gap = plan.unplanned.set_index("code").loc["M3"]
    assert gap["quantity_kg"] == ordered["quantity_kg"].sum() > 0
    assert gap["reason"].startswith("no supplier has a price for it")


def test_a_lead_time_beyond_the_plan_is_said(forecast: pd.DataFrame, priced: Tables, config: PlanConfig) -> None:
    """M2 has no receipts of its own and a floor that is as long as the plan; one is enough for M1."""
    floor = {"minimum_receipts": 1, "default_mean_days": 14.0, "default_longest_days": 14.0}
    slow = config.lead_times.model_copy(update=floor)
    plan = planned(forecast, priced, config.model_copy(update={"lead_times": slow}))
    assert gaps_of(plan)["M2"] == (
        "an order takes 14 days and comes on 18 March at the earliest, after the plan's last day, so none is in it; "
        "order by hand, or plan further"
    )
    assert "M1" not in gaps_of(plan)
    assert set(plan.purchase_orders["material_code"]) == {"M1"}
    assert set(plan.projected_stock["material_code"]) == {"M1", "M2", "M3"}


def test_a_plant_that_stands_still_is_said_and_nothing_is_ordered_for_it(
    forecast: pd.DataFrame, priced: Tables, config: PlanConfig
) -> None:
    """No line works, so no lot is made and no material is needed; every order and product says so."""
    still = {name: line.model_copy(update={"daily_kg": 0.0}) for name, line in config.production.lines.items()}
    production = config.production.model_copy(update={"lines": still})
    plan = planned(forecast, priced, config.model_copy(update={"production": production}))
    assert plan.production_lots.empty
    assert (plan.requirements["requirement_kg"] == 0).all()
    assert set(plan.unplanned["code"]) == {"O1", "A", "B"}
    assert plan.unplanned["reason"].str.contains("has no working day; give one its daily_kg").all()
    assert plan.unplanned["quantity_kg"].sum() == pytest.approx(200.0 * 3 + 800.0)
