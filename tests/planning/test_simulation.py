"""Laws of the simulated stock, over random plants and many futures at once."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mixplan.config.planning import OpenDays, OrderingConfig, SuppliersConfig
from mixplan.planning.buying import buying_terms
from mixplan.planning.orders import plan_orders
from mixplan.planning.policies.interface import Levels
from mixplan.planning.simulation import Batch, Course, Decision, simulate
from mixplan.planning.supply_calendar import SupplyCalendar, supply_calendar
from mixplan.planning.tables import Integers, Values, to_rows
from tests.planning.conftest import EVERY_DAY

few = settings(max_examples=60, deadline=None)
START = pd.Timestamp("2024-06-03")


@dataclass(frozen=True)
class Plant:
    """F futures, D days, M materials; reviews on Mondays."""

    wanted: Values
    took: Integers
    on_hand: Values
    under_way: list[Batch]
    levels: Levels
    lead_days: Integers
    required: Values
    config: OrderingConfig

    @property
    def length(self) -> int:
        return self.wanted.shape[1]

    @property
    def supply(self) -> SupplyCalendar:
        return supply_calendar(["S"] * len(self.on_hand), START, EVERY_DAY, self.config.suppliers)

    def decisions(self) -> dict[int, Decision]:
        windows, nobody = self.supply.windows(0, self.length, self.lead_days), np.full(len(self.on_hand), np.nan)
        return {day: Decision(self.levels, self.required[day:], own, nobody) for day, own in windows.items()}

    def run(self, futures: slice = slice(None)) -> Course:
        batches = [Batch(batch.quantity_kg, batch.expected, batch.arrives) for batch in self.under_way]
        terms = buying_terms(self.config, pd.RangeIndex(self.wanted.shape[2]))
        return simulate(self.wanted[futures], self.took[futures], self.on_hand, batches, self.decisions(), terms)


weekdays = st.lists(st.booleans(), min_size=7, max_size=7).filter(any).map(tuple)


@st.composite
def plants(draw: st.DrawFn) -> Plant:
    """Lumpy use, forecasts that may be far off, suppliers that may be early or late, levels of either kind."""
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    futures, days, materials = draw(st.integers(1, 4)), draw(st.integers(1, 40)), draw(st.integers(1, 3))
    lead = rng.integers(0, 13, materials)
    by_forecast = rng.random(materials) < 0.5
    reorder = rng.integers(0, 800, materials).astype(float)
    levels = Levels(
        rng.integers(0, 300, materials).astype(float),
        reorder,
        np.where(by_forecast, np.nan, reorder + rng.integers(0, 500, materials)),
    )
    under_way = [
        Batch(
            np.where(np.arange(materials) == rng.integers(materials), float(rng.integers(1, 300)), 0.0)[None],
            rng.integers(-5, 20, materials),
            rng.integers(0, 20, (1, materials)),
        )
        for _ in range(draw(st.integers(0, 3)))
    ]
    use = rng.integers(0, 80, (days, materials)).astype(float)
    shape = (futures, days, materials)
    return Plant(
        wanted=np.where(rng.random(shape) < 0.7, rng.integers(0, 160, shape), 0).astype(float),
        took=rng.integers(0, 20, shape),
        on_hand=rng.integers(0, 500, materials).astype(float),
        under_way=under_way,
        levels=levels,
        lead_days=lead,
        required=use,
        config=OrderingConfig(
            weekday=0,
            pack_kg=draw(st.sampled_from([1.0, 25.0])),
            minimum_kg=draw(st.sampled_from([0.0, 130.0])),
            suppliers=SuppliersConfig(usual=OpenDays(country="KR", weekdays=draw(weekdays))),
        ),
    )


@few
@given(plants())
def test_stock_is_conserved_every_day_of_every_material_and_future(plant: Plant) -> None:
    course = plant.run()
    closing = course.opening_kg + course.receipts_kg - course.served_kg
    assert (course.opening_kg[:, 0] == plant.on_hand).all()
    assert np.allclose(course.opening_kg[:, 1:], closing[:, :-1])
    assert (closing >= -1e-9).all()
    lost = plant.wanted - course.served_kg
    assert (lost >= -1e-9).all()
    assert (closing[lost > 1e-9] <= 1e-9).all(), "nothing is lost while there is stock"


@few
@given(plants())
def test_orders_are_placed_at_reviews_in_whole_packs_and_not_below_the_smallest(plant: Plant) -> None:
    ordered = plant.run().ordered_kg
    is_review = np.isin(np.arange(plant.length), list(plant.decisions()))
    assert (ordered[:, ~is_review] == 0).all()
    placed = ordered[ordered > 0]
    assert (placed >= plant.config.minimum_kg).all()
    assert np.allclose(placed / plant.config.pack_kg, np.round(placed / plant.config.pack_kg))


@few
@given(plants())
def test_every_kilogram_ordered_comes_once_on_its_day(plant: Plant) -> None:
    """The oracle: receipts of each day from loops over the orders and over what was under way."""
    course = plant.run()
    futures, days, materials = plant.wanted.shape
    expected = np.zeros_like(course.receipts_kg)
    for future in range(futures):
        for material in range(materials):
            for batch in plant.under_way:
                if (on := batch.arrives[0, material]) < days:
                    expected[future, on, material] += batch.quantity_kg[0, material]
            for day in range(days):
                if (on := day + plant.took[future, day, material]) < days:
                    expected[future, on, material] += course.ordered_kg[future, day, material]
    assert np.allclose(course.receipts_kg, expected)


@few
@given(plants())
def test_futures_do_not_touch_one_another(plant: Plant) -> None:
    together = plant.run()
    for future in range(len(plant.wanted)):
        alone = plant.run(slice(future, future + 1))
        for name in ("opening_kg", "receipts_kg", "served_kg", "ordered_kg", "is_expedited", "late_days"):
            assert np.array_equal(getattr(together, name)[future], getattr(alone, name)[0]), name


@few
@given(plants())
def test_nothing_of_a_day_changes_the_orders_before_it(plant: Plant) -> None:
    """Other use, and other suppliers, from the last review on."""
    last = max(plant.decisions())
    wanted, took = plant.wanted.copy(), plant.took.copy()
    wanted[:, last:] += 77.0
    took[:, last:] += 3
    other = Plant(**{**plant.__dict__, "wanted": wanted, "took": took})
    assert np.array_equal(plant.run().ordered_kg[:, : last + 1], other.run().ordered_kg[:, : last + 1])


@settings(few, suppress_health_check=[HealthCheck.filter_too_much])  # plants often run short before the first receipt
@given(plants())
def test_a_plan_is_a_simulation_of_what_it_expects(plant: Plant) -> None:
    """Use as forecast and suppliers as planned: the plan's orders are the simulation's, where nothing is lost."""
    review = np.arange(plant.length)[:, None]
    certain = Plant(
        **{
            **plant.__dict__,
            "wanted": plant.required[None],
            "took": plant.supply.arrives(review, plant.lead_days)[None] - review,
            "under_way": [],
        }
    )
    course = certain.run()
    assume(np.allclose(course.served_kg[0], plant.required))
    codes = pd.Index([f"M{number}" for number in range(len(plant.on_hand))])
    dates = pd.date_range(START, periods=plant.length)
    stock = pd.DataFrame({"material_code": codes, "on_hand_kg": plant.on_hand, "stock_source": "counted 2024-06-02"})
    policy = pd.DataFrame(
        {
            "material_code": codes,
            "mean_lead_time_days": plant.lead_days.astype(float),
            "safety_stock_kg": plant.levels.safety_stock_kg,
            "reorder_point_kg": plant.levels.reorder_point_kg,
            "order_up_to_kg": plant.levels.order_up_to_kg,
            "unit_price_krw": 1.0,
            "supplier_code": "S",
            "lead_time_source": "9 receipts",
        }
    )
    nothing = pd.DataFrame({"material_code": [], "quantity_kg": [], "expected_on": pd.to_datetime([])})
    required = to_rows(dates, codes, requirement_kg=plant.required)
    orders = plan_orders(required, stock, nothing, policy, START, plant.config, EVERY_DAY)
    found, expected = np.zeros_like(plant.required), np.zeros_like(plant.required)
    found[dates.get_indexer(orders["order_on"]), codes.get_indexer(orders["material_code"])] = orders["quantity_kg"]
    for day, material in zip(*np.nonzero(course.ordered_kg[0]), strict=True):
        sent = day + certain.decisions()[day].window.sent[material]
        expected[sent, material] += course.ordered_kg[0, day, material]
    assert np.allclose(found, expected)
    assert (orders["expedite"].sum()) == course.is_expedited.sum()
