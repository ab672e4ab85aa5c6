"""Lots on lines of finite capacity: what is made when, what it is for, and what cannot be made."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mixplan.config.production import ProductionConfig
from mixplan.planning.feed import Feed
from mixplan.planning.lots import cleanings_of
from mixplan.planning.pegging import ROUNDING_KG
from mixplan.planning.production import open_orders, plan_production
from mixplan.planning.schedule import Schedule, schedule
from tests.planning.conftest import by_day

ORIGIN = pd.Timestamp("2024-06-10")  # two weeks without a public holiday
LINE = {
    "daily_kg": 1000.0,
    "families": ["red", "blue"],
    "weekday_shares": [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0],
    "smallest_lot_kg": 10.0,
    "largest_lot_kg": 400.0,
    "cleaning_share": 0.1,
}
Order = tuple[str, str, float, str, bool]
some = settings(max_examples=15, deadline=None)


def config_of(*lines: dict[str, Any], **changes: Any) -> ProductionConfig:
    plain = {
        "lead_days": 0,
        "daily_weeks": 1,
        "rush_reserve": 0.0,
        "lateness": {"rush": 100.0, "order": 20.0, "forecast": 1.0},
        "solver": {
            "cleaning_tonne_days": 10.0,
            "short_tonne_days": 1000.0,
            "gap": 0.0,
            "node_limit": 5000,
            "time_limit_seconds": 60.0,
        },
        "families": {
            "red": {"products": ["R*"], "shelf_life_days": 14},
            "blue": {"products": ["B*"], "shelf_life_days": 14},
        },
        "lines": {f"line_{place}": {**LINE, **line} for place, line in enumerate(lines, start=1)},
    }
    return ProductionConfig.model_validate({**plain, **changes}, strict=False)


PLENTY = Feed(pd.DataFrame(index=pd.Index([], name="product")), np.zeros((14, 0)))
"""No material is ever short."""


def planned(
    forecast: dict[str, float],
    orders: list[Order],
    config: ProductionConfig,
    weeks: int = 2,
    feed: Feed = PLENTY,
    sells: Sequence[float] = (0.2,) * 5 + (0.0, 0.0),
) -> Schedule:
    """The forecast is the same in every week, and divides over its days as ``sells``."""
    mondays = pd.date_range(ORIGIN, periods=weeks, freq="7D")
    rows = [(name, week, kg, kg, kg) for name, kg in {"R0": 0.0, **forecast}.items() for week in mondays]
    expected = pd.DataFrame(rows, columns=["product", "week", "quantity_kg", "lower_kg", "upper_kg"])
    book = pd.DataFrame(orders, columns=["order_no", "product", "quantity_kg", "due_on", "is_rush"])
    book = book.assign(
        due_on=pd.to_datetime(book["due_on"]), ordered_on=ORIGIN - pd.Timedelta(days=1), sold_kg=0.0, product_code="P"
    )
    known = open_orders(book, pd.DataFrame({"product_code": ["P"], "region": ["S"]}), ORIGIN)
    shares = pd.DataFrame({"product": list(forecast), "region": "S", "share": 1.0})
    production = plan_production(expected, shares, known, ORIGIN, weeks)
    return schedule(production, known, ORIGIN, weeks, by_day(ORIGIN, weeks=weeks, week=sells), "KR", config, feed)


def test_a_quiet_plant_makes_everything_on_its_day() -> None:
    """500 kg a week are 100 kg a day; an order of 300 kg on Thursday leaves 200 kg of its week's forecast."""
    found = planned({"R1": 500.0}, [("O1", "R1", 300.0, "2024-06-13", False)], config_of({}))
    assert found.short.empty
    assert (found.pegs["late_days"] == 0).all()
    made = found.lots.groupby("made_on")["quantity_kg"].sum()
    first_week = made[made.index < ORIGIN + pd.Timedelta(weeks=1)]
    assert first_week.tolist() == pytest.approx([40.0, 40.0, 40.0, 340.0, 40.0])
    assert made.sum() == pytest.approx(1000.0)
    thursday = found.lots[found.lots["made_on"] == "2024-06-13"]
    assert thursday["serves"].tolist() == ["300 kg for order O1, 40 kg for forecast 2024-06-10"]


@pytest.mark.parametrize(
    ("shelf_days", "made_kg"),
    [(14, [100.0, 100.0, 100.0, 100.0, 300.0]), (1, [100.0, 100.0, 100.0, 100.0, 200.0])],
)
def test_what_days_off_sell_is_made_before_them(shelf_days: int, made_kg: list[float]) -> None:
    """700 kg a week sell alike on all days, and the line rests at the weekend: Friday makes its goods too.

    What keeps for one day only is no good on Sunday: that day's goods are made on Monday, a day late.
    """
    families = {name: {"products": [f"{name[0].upper()}*"], "shelf_life_days": shelf_days} for name in ("red", "blue")}
    found = planned({"R1": 700.0}, [], config_of({}, families=families), sells=(1 / 7,) * 7)
    made = found.lots.groupby("made_on")["quantity_kg"].sum()
    assert made[made.index < ORIGIN + pd.Timedelta(weeks=1)].tolist() == pytest.approx(made_kg, abs=0.1)
    late = found.pegs[found.pegs["late_days"] > 0]
    assert late["needed_on"].dt.weekday.tolist() == ([] if shelf_days > 1 else [6] * len(late))


def test_orders_come_before_the_forecast_and_rush_orders_before_all() -> None:
    """A day of 1,000 kg, and 1,000 kg wanted by each of three on that day."""
    orders = [("O1", "R1", 1000.0, "2024-06-10", False), ("O2", "R2", 1000.0, "2024-06-10", True)]
    found = planned({"R3": 5000.0}, orders, config_of({}))
    day = found.pegs.groupby("reference")["made_on"].max()
    assert day["O2"] == ORIGIN
    assert day["O1"] == ORIGIN + pd.Timedelta(days=1)
    assert found.short.set_index("code").loc["O1", "quantity_kg"] == pytest.approx(1000.0)
    assert found.short.set_index("code").loc["R3", "kind"] == "product"
    assert "O2" not in set(found.short["code"])


def test_what_cannot_be_met_is_named_with_what_would_make_room() -> None:
    orders = [("O1", "R1", 700.0, "2024-06-10", False), ("O2", "B1", 100.0, "2024-06-12", False)]
    found = planned({}, orders, config_of({"daily_kg": 50.0, "cleaning_share": 0.0}), weeks=2)
    gap = found.short.set_index("code").loc["O1"]
    assert gap["kind"] == "order"
    assert "not made at all" in gap["reason"]
    assert "more days of the larger would make room" in gap["reason"]
    assert found.lots["quantity_kg"].sum() == pytest.approx(500.0, abs=0.01), "the rest is made: ten days of 50 kg"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ({"families": ["blue"]}, "no line makes red"),
        ({"daily_kg": 0.0}, "line_1 has no working day"),
        ({"weekday_shares": [0.0] * 7}, "line_1 has no working day"),
    ],
)
def test_no_capacity_at_all_is_a_sentence(line: dict[str, Any], why: str) -> None:
    found = planned({"R1": 100.0}, [("O1", "R1", 30.0, "2024-06-12", False)], config_of(line))
    assert found.lots.empty
    assert found.pegs.empty
    assert set(found.short["code"]) == {"O1", "R1"}
    assert found.short["quantity_kg"].sum() == pytest.approx(200.0)
    assert found.short["reason"].str.contains(why).all()


def test_a_product_of_no_family_is_named_and_the_others_are_made() -> None:
    found = planned({"R1": 100.0, "X": 50.0}, [], config_of({}))
    assert found.short["code"].tolist() == ["X"]
    assert "belongs to no family" in found.short["reason"].iloc[0]
    assert found.lots["quantity_kg"].sum() == pytest.approx(200.0)


def test_lead_time_makes_an_order_earlier_but_not_a_rush_order() -> None:
    orders = [("O1", "R1", 100.0, "2024-06-13", False), ("O2", "R1", 100.0, "2024-06-13", True)]
    found = planned({}, orders, config_of({}, lead_days=2))
    day = found.pegs.groupby("reference")["made_on"].max()
    assert day.to_dict() == {"O1": pd.Timestamp("2024-06-11"), "O2": pd.Timestamp("2024-06-13")}


def test_nothing_is_made_before_its_shelf_life() -> None:
    """Two families that would rather be made once each, but do not keep."""
    short = {name: {"products": [f"{name[0].upper()}*"], "shelf_life_days": 1} for name in ("red", "blue")}
    found = planned({"R1": 500.0, "B1": 500.0}, [], config_of({}, families=short))
    waits = (found.pegs["needed_on"] - found.pegs["made_on"]).dt.days
    assert waits[found.pegs["made_on"] < ORIGIN + pd.Timedelta(weeks=1)].max() <= 1


def test_a_line_keeps_its_family_over_night_and_two_lines_need_no_cleaning() -> None:
    """Two families, two days and 600 kg of each on each day: of 1,400 kg a line may give 200 to cleanings."""
    orders = [
        (f"O{number}", product, 600.0, str((ORIGIN + pd.Timedelta(days=day)).date()), False)
        for number, (day, product) in enumerate(itertools.product((0, 1), ("R1", "B1")))
    ]
    single = planned({}, orders, config_of({"daily_kg": 1400.0}), weeks=1)
    assert single.short.empty
    assert cleanings_of(single.lots) == 2, "red, blue | blue, red"
    double = planned({}, orders, config_of({"daily_kg": 1400.0}, {"daily_kg": 1400.0}), weeks=1)
    assert cleanings_of(double.lots) == 0


def dyed(*there_kg: float) -> Feed:
    """Red goods are all dye, of which there is so much on the first days, and more can be ordered after them."""
    there = np.full((14, 1), np.inf)
    there[: len(there_kg), 0] = there_kg
    return Feed(pd.DataFrame({"dye": [1.0, 1.0]}, index=["R1", "R2"]), there)


@pytest.mark.parametrize(
    ("feed", "cleanings"),
    [(PLENTY, 1), (dyed(600.0, 600.0), 1), (dyed(300.0, 300.0), 2), (dyed(300.0, 600.0), 2), (dyed(0.0, 0.0), 2)],
)
def test_goods_are_not_made_ahead_of_their_materials(feed: Feed, cleanings: int) -> None:
    """Red on Monday and Wednesday, blue on Tuesday: all red on Monday saves a cleaning, where there is dye for it.

    A day of 620 kg holds 600 kg of one colour, but not 300 kg of either and a cleaning between them. What is wanted on
    Monday is made on Monday all the same: it may be that dye comes sooner than it is said to.
    """
    orders = [
        (f"O{number}", product, 300.0, day, False)
        for number, (product, day) in enumerate([("R1", "2024-06-10"), ("B1", "2024-06-11"), ("R1", "2024-06-12")])
    ]
    found = planned({}, orders, config_of({"daily_kg": 620.0}), weeks=1, feed=feed)
    assert found.short.empty
    assert cleanings_of(found.lots) == cleanings


kilograms = st.floats(0, 900)


@some
@given(
    st.lists(st.tuples(st.sampled_from(["R1", "R2", "B1"]), st.integers(0, 6), st.integers(1, 9)), max_size=6),
    st.lists(st.integers(0, 900), min_size=1, max_size=5),
)
def test_stock_never_takes_a_material_from_what_is_wanted_sooner(
    book: list[tuple[str, int, int]], there_kg: list[int]
) -> None:
    """On every day before more can come: what was used is there, or is no more than what was wanted by then."""
    orders = [
        (f"O{number}", product, 50.0 * kg, str((ORIGIN + pd.Timedelta(days=days)).date()), False)
        for number, (product, days, kg) in enumerate(book)
    ]
    there = np.cumsum(there_kg).astype(float)
    # Weekends work and nothing is too small, so that nothing is late and no lot is larger than what is wanted.
    line = {"daily_kg": 4000.0, "weekday_shares": [1.0] * 7, "smallest_lot_kg": 1.0}
    found = planned({}, orders, config_of(line), weeks=1, feed=dyed(*there))
    assert (found.pegs["late_days"] == 0).all()
    red = found.lots[found.lots["product"] != "B1"]
    for day, available in enumerate(there):
        until = ORIGIN + pd.Timedelta(days=day)
        used = red.loc[red["made_on"] <= until, "quantity_kg"].sum()
        wanted = sum(kg for _, product, kg, due, _ in orders if product != "B1" and due <= str(until.date()))
        assert used <= max(available, wanted) + 0.1


@some
@given(
    st.dictionaries(st.sampled_from(["R1", "R2", "B1"]), kilograms, min_size=1),
    st.lists(st.tuples(st.sampled_from(["R1", "B1", "B2"]), kilograms, st.integers(0, 15), st.booleans()), max_size=5),
    st.sampled_from([300.0, 1000.0]),
)
@example({"R1": 564.5, "R2": 589.0, "B1": 1.0}, [("B1", 756.5, 0, False)], 1000.0)
def test_pegs_cover_every_kilogram_once_and_lines_are_never_overloaded(
    forecast: dict[str, float], book: list[tuple[str, float, int, bool]], daily_kg: float
) -> None:
    orders = [
        (f"O{number}", product, kg, str((ORIGIN + pd.Timedelta(days=days)).date()), rush)
        for number, (product, kg, days, rush) in enumerate(book)
    ]
    config = config_of({"daily_kg": daily_kg, "largest_lot_kg": 100.0})
    found = planned(forecast, orders, config)
    lots, pegs = found.lots.set_index("lot"), found.pegs
    pegged = pegs.groupby("lot")["quantity_kg"].sum()
    assert np.allclose(pegged.reindex(lots.index), lots["quantity_kg"], atol=1e-6)
    assert set(pegs["lot"]) == set(lots.index)
    assert (pegs["product"].to_numpy() == lots.loc[pegs["lot"], "product"].to_numpy()).all()
    wanted = {reference: kg for reference, _, kg, due, _ in orders if due < "2024-06-24"}
    served = pegs[pegs["kind"].isin(["rush", "order"])].groupby("reference")["quantity_kg"].sum()
    for reference, kg in wanted.items():
        short = found.short[found.short["code"] == reference]["quantity_kg"].sum()
        late = pegs[(pegs["reference"] == reference) & (pegs["late_days"] > 0)]["quantity_kg"].sum()
        assert served.get(reference, 0.0) + short - late == pytest.approx(kg, abs=0.05)
    assert (lots["quantity_kg"] <= 100.0 + ROUNDING_KG).all()
    week = lots["made_on"].dt.isocalendar().week
    assert (lots.groupby(week)["quantity_kg"].sum() <= 5 * daily_kg + 1e-3).all()
    days = lots[lots["made_on"] < ORIGIN + pd.Timedelta(weeks=1)].groupby("made_on")["quantity_kg"].sum()
    assert (days <= daily_kg + 1e-3).all()


def test_equal_inputs_give_equal_plans() -> None:
    orders = [("O1", "R1", 700.0, "2024-06-11", False), ("O2", "B1", 900.0, "2024-06-12", True)]
    first, again = (planned({"R2": 800.0, "B2": 70.0}, orders, config_of({}, {})) for _ in range(2))
    pd.testing.assert_frame_equal(first.lots, again.lots)
    pd.testing.assert_frame_equal(first.pegs, again.pegs)
