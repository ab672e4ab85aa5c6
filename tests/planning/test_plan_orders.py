import itertools
import math
from itertools import pairwise

import holidays
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixplan.config.planning import OpenDays, OrderingConfig, SuppliersConfig
from mixplan.planning.errors import PlanningError
from mixplan.planning.orders import COLUMNS, plan_orders
from tests.planning.conftest import ALWAYS_OPEN, EVERY_DAY

few = settings(max_examples=40, deadline=None)

START = pd.Timestamp("2024-06-03")
PLAIN = OrderingConfig(weekday=0, pack_kg=1.0, minimum_kg=0.0, suppliers=ALWAYS_OPEN)


def works(day: int, *parties: OpenDays) -> bool:
    """Whether all parties work on that day after the start."""
    date = (START + pd.Timedelta(days=day)).date()
    return all(
        each.weekdays[date.weekday()] and date not in holidays.country_holidays(each.country) for each in parties
    )


def next_day(day: int, *parties: OpenDays) -> int:
    """The first day from this one on on which all work, found by walking."""
    return next(each for each in itertools.count(day) if works(each, *parties))


class Material:
    """One material's instance, with its own way of working the orders out."""

    def __init__(self, use: list[float], on_hand: float, lead: int, safety: float, awaited: dict[int, float]) -> None:
        self.use, self.on_hand, self.lead, self.safety, self.awaited = use, on_hand, lead, safety, awaited

    def evening(self, day: int, arrivals: dict[int, float]) -> float:
        came = sum(kg for on, kg in arrivals.items() if on <= day)
        return self.on_hand + came - sum(self.use[: day + 1])

    def arrival(self, review: int, plant: OpenDays, supplier: OpenDays) -> int:
        return next_day(next_day(review, plant, supplier) + self.lead, supplier)

    def order_by(self, needed: int, plant: OpenDays, supplier: OpenDays) -> int:
        """Walking back from the day on which it is needed."""
        return next(
            day
            for day in itertools.count(needed, -1)
            if works(day, plant, supplier) and next_day(day + self.lead, supplier) <= needed
        )

    def orders(
        self, config: OrderingConfig, plant: OpenDays, supplier: OpenDays
    ) -> list[tuple[int, float, int, int, int]]:
        """The oracle: (order day, kg, needed day, arrival day, last day to order), day by day with plain loops."""
        arrivals: dict[int, float] = {}
        for on, kg in self.awaited.items():
            arrivals[max(on, 0)] = arrivals.get(max(on, 0), 0.0) + kg
        found = []
        for today, later in pairwise(reviews(config.weekday, len(self.use) + 60, plant)):
            arrival, next_arrival = (self.arrival(day, plant, supplier) for day in (today, later))
            week = [day for day in range(arrival, next_arrival) if day < len(self.use)]
            lacks = max((self.safety - self.evening(day, arrivals) for day in week), default=0.0)
            if today >= len(self.use) or lacks <= 1e-6:
                continue
            needed = next(
                day for day in range(today, len(self.use)) if self.safety - self.evening(day, arrivals) > 1e-6
            )
            kg = math.ceil(round(max(lacks, config.minimum_kg) / config.pack_kg, 9)) * config.pack_kg
            arrivals[arrival] = arrivals.get(arrival, 0.0) + kg
            sent = next_day(today, plant, supplier)
            found.append((sent, kg, needed, arrival, self.order_by(needed, plant, supplier)))
        return found


def reviews(weekday: int, length: int, plant: OpenDays) -> list[int]:
    """Days of the reviews, also of some after the last day."""
    planned = [day for day in range(length) if (START + pd.Timedelta(days=day)).weekday() == weekday]
    return sorted({next_day(day, plant) for day in planned})


def frames(materials: list[Material]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    names = [f"M{number}" for number in range(len(materials))]
    requirements = pd.DataFrame(
        [
            (START + pd.Timedelta(days=day), name, kg)
            for name, material in zip(names, materials, strict=True)
            for day, kg in enumerate(material.use)
        ],
        columns=["date", "material_code", "requirement_kg"],
    )
    stock = pd.DataFrame({"material_code": names, "on_hand_kg": [m.on_hand for m in materials]})
    awaited = pd.DataFrame(
        [
            (name, kg, START + pd.Timedelta(days=on))
            for name, material in zip(names, materials, strict=True)
            for on, kg in material.awaited.items()
        ],
        columns=["material_code", "quantity_kg", "expected_on"],
    )
    awaited["expected_on"] = pd.to_datetime(awaited["expected_on"])
    policy = pd.DataFrame(
        {
            "material_code": names,
            "mean_lead_time_days": [float(material.lead) for material in materials],
            "safety_stock_kg": [material.safety for material in materials],
            "reorder_point_kg": 0.0,
            "order_up_to_kg": float("nan"),
            "unit_price_krw": [1000.0 + number for number in range(len(materials))],
            "supplier_code": [f"S{number}" for number in range(len(materials))],
            "lead_time_source": "9 receipts",
        }
    )
    return requirements, stock.assign(stock_source="counted 2024-06-02"), awaited, policy


kilograms = st.integers(0, 500).map(float)


@st.composite
def some_materials(draw: st.DrawFn) -> list[Material]:
    days = draw(st.integers(1, 40))
    return [
        Material(
            use=draw(st.lists(kilograms, min_size=days, max_size=days)),
            on_hand=draw(kilograms),
            lead=draw(st.integers(0, 12)),
            safety=draw(kilograms),
            awaited=draw(st.dictionaries(st.integers(-3, 20), kilograms, max_size=3)),
        )
        for _ in range(draw(st.integers(1, 3)))
    ]


# Korea is closed on 6 June and 15 August, Germany never in these weeks, and China on 10 June and from 1 October.
open_days = st.builds(
    OpenDays,
    country=st.sampled_from(["KR", "CN", "DE"]),
    # Monday is open for all, so that somebody can order from everybody.
    weekdays=st.lists(st.booleans(), min_size=6, max_size=6).map(lambda others: (True, *others)),
)
rules = st.builds(
    OrderingConfig,
    weekday=st.integers(0, 6),
    pack_kg=st.sampled_from([1.0, 25.0, 0.1]),
    minimum_kg=st.sampled_from([0.0, 300.0]),
    suppliers=st.builds(
        SuppliersConfig, usual=open_days, others=st.dictionaries(st.sampled_from(["S0", "S2"]), open_days)
    ),
)


@few
@given(some_materials(), rules, open_days)
def test_equals_plain_loops(materials: list[Material], config: OrderingConfig, plant: OpenDays) -> None:
    orders = plan_orders(*frames(materials), START, config, plant)
    for number, material in enumerate(materials):
        lines = orders[orders["material_code"] == f"M{number}"]
        days = [(lines[name] - START).dt.days for name in ("order_on", "needed_on", "expected_on", "order_by")]
        found = list(zip(days[0], lines["quantity_kg"], *days[1:], strict=True))
        supplier = config.suppliers.others.get(f"S{number}", config.suppliers.usual)
        expected = material.orders(config, plant, supplier)
        assert [line[0] for line in found] == [line[0] for line in expected]
        assert np.allclose(found, expected) if expected else not found
        assert (lines["expedite"] == (lines["needed_on"] < lines["expected_on"])).all()
        assert (lines["expedite"] == (lines["order_on"] > lines["order_by"])).all()
        assert (lines["lead_time_days"] == material.lead).all()


@few
@given(some_materials(), rules, open_days)
def test_laws_of_orders(materials: list[Material], config: OrderingConfig, plant: OpenDays) -> None:
    """No order before the start or on a closed day; whole packs; at least the smallest; stock keeps above safety."""
    requirements, stock, awaited, policy = frames(materials)
    orders = plan_orders(requirements, stock, awaited, policy, START, config, plant)
    assert list(orders.columns) == COLUMNS
    assert (orders["order_on"] >= START).all()
    assert (orders["quantity_kg"] >= config.minimum_kg - 1e-6).all()
    assert np.allclose(orders["quantity_kg"] / config.pack_kg, (orders["quantity_kg"] / config.pack_kg).round())
    first_review = reviews(config.weekday, 60, plant)[0]
    for number, material in enumerate(materials):
        supplier = config.suppliers.others.get(f"S{number}", config.suppliers.usual)
        arrivals = {max(on, 0): 0.0 for on in material.awaited}
        for on, kg in material.awaited.items():
            arrivals[max(on, 0)] += kg
        for row in orders[orders["material_code"] == f"M{number}"].itertuples():
            sent, on = ((day - START).days for day in (row.order_on, row.expected_on))
            assert works(sent, plant, supplier)
            assert works(on, supplier)
            arrivals[on] = arrivals.get(on, 0.0) + row.quantity_kg
        for day in range(material.arrival(first_review, plant, supplier), len(material.use)):
            assert material.evening(day, arrivals) >= material.safety - 1e-5


def test_an_order_for_a_closed_day_goes_out_earlier() -> None:
    """Four days to deliver from a Monday: Friday, 7 June, if the supplier takes Korea's holiday of the 6th or not.

    Five days end on Saturday the 8th, which is closed: it comes on Monday, and to be there on Saturday it had to go out
    two working days earlier, on Friday, 31 May.
    """
    korean = SuppliersConfig(usual=OpenDays(country="KR", weekdays=(True,) * 5 + (False,) * 2))
    config = PLAIN.model_copy(update={"suppliers": korean})
    for lead, arrival, last_call in ((4, "2024-06-07", "2024-06-03"), (5, "2024-06-10", "2024-05-31")):
        instance = frames([Material([10.0] * 14, 55.0, lead, 0.0, {})])
        first = plan_orders(*instance, START, config, korean.usual).iloc[0]
        assert first["needed_on"] == pd.Timestamp("2024-06-08")
        assert first["expected_on"] == pd.Timestamp(arrival)
        assert first["order_by"] == pd.Timestamp(last_call)
        assert first["expedite"] == (lead == 5)


def test_a_review_on_a_holiday_is_made_on_the_next_working_day() -> None:
    """Thursday, 6 June, is a holiday of the plant, and no day of its supplier is: the order goes out on Friday."""
    plant = OpenDays(country="KR", weekdays=(True,) * 7)
    thursday = PLAIN.model_copy(update={"weekday": 3})
    orders = plan_orders(*frames([Material([10.0] * 14, 0.0, 2, 0.0, {})]), START, thursday, plant)
    assert orders["order_on"].tolist() == [pd.Timestamp("2024-06-07"), pd.Timestamp("2024-06-13")]
    assert orders["expected_on"].tolist() == [pd.Timestamp("2024-06-09"), pd.Timestamp("2024-06-15")]


def test_a_buyer_reads_why() -> None:
    """Use 14 days of 3 t; 20 t on hand, 4 t arriving, 5 t guard: 42 + 5 - 24 = 23 t, needed on the seventh day."""
    requirements, stock, awaited, policy = frames([Material([3000.0] * 14, 20_000.0, 7, 5000.0, {1: 4000.0})])
    orders = plan_orders(requirements, stock, awaited, policy, START, PLAIN, EVERY_DAY)
    assert orders.loc[0, ["quantity_kg", "needed_on", "expedite"]].tolist() == [
        23_000.0,
        pd.Timestamp("2024-06-09"),
        True,
    ]
    assert orders.loc[0, "reason"] == (
        "covers 3 to 16 June: use 42.0 t, on hand 20.0 t, arriving 4.0 t, safety 5.0 t; expedite, as it is below "
        "safety from 9 June and had to be ordered by 2 June"
    )
    assert orders.loc[0, "order_by"] == pd.Timestamp("2024-06-02")
    assert orders.loc[0, ["unit_price_krw", "supplier_code"]].tolist() == [1000.0, "S0"]


def test_a_buyer_reads_how_it_was_rounded() -> None:
    """100 kg a day, 3 days to deliver, no safety: ten days need 1,000 kg, of which 450 are there, by the fifth day."""
    instance = frames([Material([100.0] * 14, 450.0, 3, 0.0, {})])
    tankers = plan_orders(*instance, START, PLAIN.model_copy(update={"pack_kg": 400.0}), EVERY_DAY)
    assert tankers.loc[0, "quantity_kg"] == 800.0
    assert tankers.loc[0, "reason"] == (
        "covers 3 to 12 June: use 1.0 t, on hand 450 kg, arriving 0 t, safety 0 t, rounded up to 2 packs of 400 kg; "
        "order by 4 June"
    )
    smallest = plan_orders(
        *instance, START, PLAIN.model_copy(update={"pack_kg": 1000.0, "minimum_kg": 900.0}), EVERY_DAY
    )
    assert smallest.loc[0, "reason"].endswith("rounded up to the smallest order, 1 pack of 1.0 t; order by 4 June")


def test_assumed_stock_is_said_on_every_line() -> None:
    requirements, stock, awaited, policy = frames([Material([10.0] * 28, 0.0, 2, 5.0, {})])
    orders = plan_orders(requirements, stock.assign(stock_source="assumed"), awaited, policy, START, PLAIN, EVERY_DAY)
    assert len(orders) == 4
    assert (orders["stock_source"] == "assumed").all()
    assert orders["reason"].str.contains(r"on hand .+ \(assumed\)").all()


def test_enough_stock_needs_no_order() -> None:
    orders = plan_orders(*frames([Material([10.0] * 28, 1000.0, 2, 5.0, {})]), START, PLAIN, EVERY_DAY)
    assert orders.empty
    assert list(orders.columns) == COLUMNS
    assert orders["order_on"].dtype == "datetime64[ns]"


def test_no_review_day_means_no_order() -> None:
    tuesday_only = PLAIN.model_copy(update={"weekday": 1})
    assert plan_orders(*frames([Material([10.0], 0.0, 0, 5.0, {})]), START, tuesday_only, EVERY_DAY).empty


def test_an_order_beyond_the_horizon_is_not_placed() -> None:
    assert plan_orders(*frames([Material([10.0] * 5, 0.0, 5, 5.0, {})]), START, PLAIN, EVERY_DAY).empty


def test_missing_lines_are_named() -> None:
    requirements, stock, awaited, policy = frames([Material([10.0], 0.0, 0, 5.0, {})] * 2)
    with pytest.raises(PlanningError, match="policy: no line for material M1"):
        plan_orders(requirements, stock, awaited, policy[:1], START, PLAIN, EVERY_DAY)
    with pytest.raises(PlanningError, match="stock: no line for material M0"):
        plan_orders(requirements, stock[1:], awaited, policy, START, PLAIN, EVERY_DAY)
    with pytest.raises(PlanningError, match="stock: more than one line for material M0"):
        plan_orders(requirements, pd.concat([stock, stock[:1]]), awaited, policy, START, PLAIN, EVERY_DAY)


def test_requirements_before_the_start_are_refused() -> None:
    requirements, stock, awaited, policy = frames([Material([10.0], 0.0, 0, 5.0, {})])
    for wrong in (requirements[:0], requirements.assign(date=START - pd.Timedelta(days=1))):
        with pytest.raises(PlanningError, match="none before 2024-06-03"):
            plan_orders(wrong, stock, awaited, policy, START, PLAIN, EVERY_DAY)


def test_inputs_are_left_alone() -> None:
    given_frames = frames([Material([10.0] * 20, 0.0, 2, 5.0, {-1: 5.0})])
    before = [frame.copy() for frame in given_frames]
    plan_orders(*given_frames, START, PLAIN, EVERY_DAY)
    for frame, copy in zip(given_frames, before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)
