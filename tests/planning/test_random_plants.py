"""Laws that every whole plan keeps, whatever the plant: from forecasts, orders, recipes and receipts to order lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import holidays
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixplan.config.planning import PlanConfig
from mixplan.planning.basis import Basis, basis_of
from mixplan.planning.build import Plan, build_plan
from mixplan.planning.levels import PLANT_RULE
from mixplan.planning.overrides import Override
from mixplan.planning.policies.interface import OrderingPolicy
from mixplan.planning.policies.periodic_review import PeriodicReview
from tests.planning.conftest import by_day

some = settings(max_examples=8, deadline=None)
ORIGIN = pd.Timestamp("2024-09-02")  # Chuseok takes the 16th to the 18th off
PRODUCTS, MATERIALS, SUPPLIERS = ("R1", "R2", "B1"), ("M1", "M2", "M3"), ("S1", "S2")


@dataclass(frozen=True)
class Plant:
    """All that a plan starts from."""

    forecast: pd.DataFrame
    shares_by_day: pd.DataFrame
    tables: dict[str, pd.DataFrame]
    config: PlanConfig
    policy: OrderingPolicy
    overrides: tuple[Override, ...]

    def basis(self, supplier_days: Mapping[str, float]) -> Basis:
        shares = pd.DataFrame({"product": PRODUCTS, "region": "S", "share": 1.0})
        return basis_of(
            self.forecast,
            shares,
            self.shares_by_day,
            self.tables,
            ORIGIN,
            self.config,
            supplier_days,
            overrides=self.overrides,
        )

    def plan(self) -> tuple[Basis, Plan]:
        basis = self.basis({})
        return basis, build_plan(basis, self.config, self.policy)


def day(after: int) -> pd.Timestamp:
    return ORIGIN + pd.Timedelta(days=after)


@st.composite
def plants(draw: st.DrawFn) -> Plant:
    """Three weeks; R2 is half R1; lines, calendars, packs, tanks and stock as it comes."""
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    shares = rng.dirichlet(np.ones(3), 2)
    recipes = pd.DataFrame(
        [
            (name, code, shares[row, column], None)
            for row, name in enumerate(("R1", "B1"))
            for column, code in enumerate(MATERIALS)
        ]
        + [("R2", "M1", 0.5, None), ("R2", "P-R1", 0.5, "R1")],
        columns=["product", "material_code", "share", "component_product"],
    ).astype({"component_product": "object"})
    sold_on = pd.date_range(day(-40), day(-1))
    sales = pd.DataFrame(
        {"sold_on": sold_on, "product": rng.choice(PRODUCTS, 40), "quantity_kg": rng.gamma(2.0, 100.0, 40)}
    )
    orders = pd.DataFrame(
        {
            "order_no": [f"O{number}" for number in range(6)],
            "product_code": "P",
            "product": rng.choice(PRODUCTS, 6),
            "is_rush": rng.random(6) < 0.3,
            "quantity_kg": rng.integers(1, 900, 6).astype(float),
            "sold_kg": 0.0,
            "ordered_on": day(-2),
            "due_on": [day(int(after)) for after in rng.integers(0, 21, 6)],
        }
    )
    ordered_on = pd.Series([day(-int(before)) for before in rng.integers(1, 60, 20)])
    received_on = ordered_on + pd.to_timedelta(rng.integers(0, 20, 20), unit="D")
    is_here = (received_on < ORIGIN).to_numpy()
    kilograms = rng.integers(100, 500, 20).astype(float)
    purchases = pd.DataFrame(
        {
            "purchase_no": [f"B{number}" for number in range(20)],
            "material_code": rng.choice(MATERIALS, 20),
            "supplier_code": rng.choice(SUPPLIERS, 20),
            "quantity_kg": kilograms,
            "unit_price_krw": 1000.0,
            "ordered_on": ordered_on,
            "due_on": ordered_on + pd.Timedelta(days=5),
            "received_on": received_on.where(is_here),
            "received_kg": np.where(is_here, kilograms, 0.0),
            "is_fully_received": is_here,
        }
    )
    counts = pd.DataFrame(
        {"counted_on": day(-1), "material_code": MATERIALS, "stock_kg": rng.integers(0, 900, 3).astype(float)}
    )
    weeks = pd.date_range(ORIGIN, periods=3, freq="7D")
    rows = [
        (name, week, kg, 0.5 * kg, 1.5 * kg) for name in PRODUCTS for week in weeks for kg in rng.integers(0, 2000, 1)
    ]
    forecast = pd.DataFrame(rows, columns=["product", "week", "quantity_kg", "lower_kg", "upper_kg"])
    products = pd.DataFrame({"product_code": ["P"], "region": ["S"]})
    tables = {"recipes": recipes, "products": products, "sales": sales, "orders": orders, "purchases": purchases}
    decided = Override(
        number=1,
        kind="order",
        code="M1",
        day=ORIGIN.date(),
        decision="change",
        old_kg=0.0,
        new_kg=300.0,
        expected_on=ORIGIN.date(),
        expires_on=date(2024, 12, 31),
        who="Kim",
        decided_on=ORIGIN.date(),
        reason="a full tanker",
    )
    return Plant(
        forecast.astype({"quantity_kg": "float64"}),
        by_day(ORIGIN, week=draw(st.sampled_from([(0.2,) * 5 + (0.0, 0.0), (0.0, 0.1, 0.1, 0.0, 0.2, 0.1, 0.5)]))),
        {**tables, "stock_counts": counts},
        draw(configs()),
        draw(st.sampled_from([PLANT_RULE, PeriodicReview(0.9)])),
        draw(st.sampled_from([(), (decided,)])),
    )


@st.composite
def configs(draw: st.DrawFn) -> PlanConfig:
    line = {
        "daily_kg": draw(st.sampled_from([400.0, 3000.0])),
        "families": ["red", "blue"],
        "weekday_shares": [1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.0],
        "smallest_lot_kg": 20.0,
        "largest_lot_kg": 500.0,
        "cleaning_share": 0.1,
    }
    solver = {"cleaning_tonne_days": 10.0, "short_tonne_days": 100.0, "gap": 0.05, "node_limit": 50}
    closed = draw(st.sampled_from([0, 2]))
    usual = {"country": "KR", "weekdays": [True] * (7 - closed) + [False] * closed}
    tuesdays = {"country": "CN", "weekdays": [False, True, False, False, True, False, False]}
    values = {
        "weeks": 3,
        "not_stocked": [],
        "use_days": 28,
        "price_purchases": 2,
        "overrides": "overrides",
        "calendar": {"country": "KR", "weekdays": [True, True, True, True, True, True, False]},
        "production": {
            "lead_days": draw(st.integers(0, 2)),
            "daily_weeks": draw(st.integers(0, 2)),
            "rush_reserve": 0.0,
            "lateness": {"rush": 100.0, "order": 20.0, "forecast": 1.0},
            "solver": {**solver, "time_limit_seconds": 60.0},
            "families": {
                "red": {"products": ["R*"], "shelf_life_days": 14},
                "blue": {"products": ["*"], "shelf_life_days": 14},
            },
            "lines": {"mixer": line},
        },
        "lead_times": {
            "window_days": 60,
            "minimum_receipts": draw(st.sampled_from([1, 3, 9])),
            "default_mean_days": 3.0,
            "default_longest_days": 6.0,
        },
        "ordering": {
            "weekday": draw(st.integers(0, 6)),
            "pack_kg": draw(st.sampled_from([1.0, 50.0])),
            "minimum_kg": draw(st.sampled_from([0.0, 120.0])),
            "suppliers": {"usual": usual, "others": draw(st.sampled_from([{}, {"S2": tuesdays}]))},
        },
        "costs": {"holding_rate_per_year": 0.2, "order_krw": 100.0, "shortage_factor": 3.0},
        "service_levels": [0.9],
        "minimum_fill_rate": 0.5,
        "futures": 2,
        "tie_margin": 0.01,
        "simplicity": ["max_minus_mean"],
        "policies": {"max_minus_mean": {"_target_": "mixplan.planning.policies.max_minus_mean.MaxMinusMean"}},
    }
    return PlanConfig.model_validate(values, strict=False)


def is_open(when: pd.Timestamp, supplier: str, config: PlanConfig) -> bool:
    own = config.ordering.suppliers.others.get(supplier, config.ordering.suppliers.usual)
    return own.weekdays[when.weekday()] and when.date() not in holidays.country_holidays(own.country)


@some
@given(plants())
def test_stock_is_conserved_and_never_below_zero_without_a_word(plant: Plant) -> None:
    basis, plan = plant.plan()
    arrived = pd.concat([basis.awaited, plan.purchase_orders[basis.awaited.columns]])
    for code, rows in plan.projected_stock.groupby("material_code"):
        closing = rows["opening_kg"] + rows["receipts_kg"] - rows["requirement_kg"]
        assert rows["closing_kg"].to_numpy() == pytest.approx(closing.to_numpy(), abs=1e-6)
        assert rows["opening_kg"].to_numpy()[1:] == pytest.approx(rows["closing_kg"].to_numpy()[:-1], abs=1e-6)
        assert rows["opening_kg"].iloc[0] == basis.stock.set_index("material_code").loc[code, "on_hand_kg"]
        assert ((rows["closing_kg"] < -1e-6) == (rows["note"] != "")).all()
        came = arrived[(arrived["material_code"] == code) & (arrived["expected_on"] <= rows["date"].max())]
        assert rows["receipts_kg"].sum() == pytest.approx(came["quantity_kg"].sum())


@some
@given(plants())
def test_orders_are_in_time_in_size_and_on_open_days(plant: Plant) -> None:
    basis, plan = plant.plan()
    orders, ordering = plan.purchase_orders, plant.config.ordering
    decided = {each.key for each in plant.overrides}
    assert (orders["order_on"] >= ORIGIN).all()
    for line in orders.itertuples():
        assert is_open(line.order_on, line.supplier_code, plant.config)
        assert is_open(line.expected_on, line.supplier_code, plant.config)
        assert line.order_on.weekday() != 6
        assert line.order_on.date() not in holidays.country_holidays("KR"), "the plant is at work"
        assert (line.expected_on - line.order_on).days >= line.lead_time_days
        assert line.expedite == (line.order_on > line.order_by) == (line.expected_on > line.needed_on)
        if (line.material_code, line.order_on) not in decided:
            assert line.quantity_kg >= ordering.minimum_kg
            assert line.quantity_kg / ordering.pack_kg == pytest.approx(round(line.quantity_kg / ordering.pack_kg))
    named = basis.known.terms.set_index("material_code")["supplier_code"]
    assert (orders["supplier_code"] == orders["material_code"].map(named)).all()


@some
@given(plants())
def test_every_kilogram_of_a_lot_serves_one_thing(plant: Plant) -> None:
    _, plan = plant.plan()
    lots, pegs = plan.production_lots.set_index("lot"), plan.production_pegs
    assert not pegs.duplicated(["lot", "kind", "reference", "needed_on"]).any()
    pegged = pegs.groupby("lot")["quantity_kg"].sum()
    assert sorted(pegged.index) == sorted(lots.index)
    assert pegged.to_numpy() == pytest.approx(lots.loc[pegged.index, "quantity_kg"].to_numpy())
    wanted = plan.production[["from_orders_kg", "from_forecast_kg"]].to_numpy().sum()
    served = pegs.loc[pegs["kind"] != "stock", "quantity_kg"].sum()
    late = pegs.loc[pegs["late_days"] > 0, "quantity_kg"].sum()
    missing = plan.unplanned.loc[plan.unplanned["kind"].isin(["order", "product"]), "quantity_kg"].sum() - late
    assert served + missing == pytest.approx(wanted, abs=1.0)


@some
@given(plants(), st.integers(0, 15), st.integers(1, 10))
def test_a_slower_supplier_never_lowers_a_reorder_point(plant: Plant, days: int, more: int) -> None:
    """The longest lead time, too, is what the scenario says."""
    quick, slow = (
        plant.policy.levels(plant.basis(dict.fromkeys(SUPPLIERS, float(took))).known) for took in (days, days + more)
    )
    assert (slow.reorder_point_kg >= quick.reorder_point_kg - 1e-6).all()


@some
@given(plants(), st.floats(0.5, 0.9), st.floats(0.0, 0.099))
def test_a_higher_service_level_never_lowers_a_reorder_point(plant: Plant, level: float, more: float) -> None:
    known = plant.basis({}).known
    low, high = (PeriodicReview(each).levels(known) for each in (level, level + more))
    assert (high.reorder_point_kg >= low.reorder_point_kg - 1e-6).all()
