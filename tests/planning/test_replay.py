"""Three weeks of July 2024 (no public holiday), two products, two materials, reviews on Mondays."""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

from mixplan.config.planning import OpenDays, PlanConfig, SuppliersConfig
from mixplan.planning.errors import PlanningError
from mixplan.planning.history import history_of
from mixplan.planning.lead_times import drawn_lead_times
from mixplan.planning.levels import PLANT_RULE
from mixplan.planning.policies.interface import OrderingPolicy
from mixplan.planning.policies.min_max import MinMax
from mixplan.planning.policies.periodic_review import PeriodicReview
from mixplan.planning.replay import Replay
from mixplan.planning.replay import replay as replay_history
from tests.planning.conftest import by_day

START = pd.Timestamp("2024-07-01")
DAYS = pd.date_range(START, periods=21)
WORKDAYS = (0.2,) * 5 + (0.0, 0.0)
SELLS = {pd.Timestamp("2024-06-24"): WORKDAYS, pd.Timestamp("2024-07-08"): (0.3, 0.0, 0.1, 0.1, 0.1, 0.15, 0.25)}
"""What the forecast of that day knows of a week's days."""
RECIPES = {"A": {"M1": 1.0}, "B": {"M1": 0.5, "M2": 0.5}}
Tables = dict[str, pd.DataFrame]


def replay(
    forecasts: pd.DataFrame,
    tables: Tables,
    start: pd.Timestamp,
    config: PlanConfig,
    seed: int,
    policy: OrderingPolicy = PLANT_RULE,
    sells: Mapping[pd.Timestamp, Sequence[float]] = MappingProxyType({}),
) -> Replay:
    """Three weeks; they sell from Monday to Friday where an origin in ``sells`` does not know better."""
    days = pd.concat(
        by_day(origin, weeks=6, week=sells.get(origin, WORKDAYS)) for origin in forecasts["origin"].unique()
    )
    history = history_of(forecasts, days, tables, start, start + pd.Timedelta(weeks=3), config, seed)
    return replay_history(history, config, policy)


@pytest.fixture
def tables() -> Tables:
    rng = np.random.default_rng(4)
    sold_on = pd.date_range("2024-05-01", DAYS[-1])
    sales = pd.DataFrame(
        [(day, name, float(rng.integers(0, 100))) for day in sold_on for name in RECIPES],
        columns=["sold_on", "product", "quantity_kg"],
    )
    ordered_on = pd.to_datetime(["2024-06-03", "2024-06-05", "2024-06-10", "2024-06-28", "2024-06-04", "2024-06-29"])
    lead = pd.to_timedelta([2, 6, 3, 3, 9, 99], unit="D")  # the fourth comes on the first day
    purchases = pd.DataFrame(
        {
            "purchase_no": [f"B{number}" for number in range(6)],
            "material_code": ["M1", "M1", "M1", "M1", "M2", "M2"],
            "supplier_code": "S",
            "quantity_kg": 150.0,
            "unit_price_krw": 1000.0,
            "ordered_on": ordered_on,
            "due_on": ordered_on + pd.Timedelta(days=3),
            "received_on": (ordered_on + lead).where(lead < pd.Timedelta(days=50)),
            "received_kg": [150.0, 150.0, 150.0, 120.0, 150.0, 0.0],
            "is_fully_received": [True, True, True, True, True, False],
        }
    )
    stock_counts = pd.DataFrame(
        {"counted_on": pd.to_datetime(["2024-06-30"] * 2), "material_code": ["M1", "M2"], "stock_kg": [300.0, 50.0]}
    )
    recipes = pd.DataFrame(
        [(product, code, share, None) for product, parts in RECIPES.items() for code, share in parts.items()],
        columns=["product", "material_code", "share", "component_product"],
    ).astype({"component_product": "object"})
    return {"sales": sales, "purchases": purchases, "stock_counts": stock_counts, "recipes": recipes}


def forecasts_of(weekly_kg: float, origins: tuple[str, ...] = ("2024-06-24", "2024-07-08")) -> pd.DataFrame:
    """Each forecast says a little more than the one before, and more of B than of A; a fifth more at most."""
    rows = pd.DataFrame(
        [
            (
                pd.Timestamp(origin),
                pd.Timestamp(origin) + pd.Timedelta(weeks=week),
                name,
                weekly_kg * (1 + age) * (1 + i),
            )
            for age, origin in enumerate(origins)
            for week in range(6)
            for i, name in enumerate(RECIPES)
        ],
        columns=["origin", "week", "product", "prediction_kg"],
    )
    return rows.assign(upper_kg=1.2 * rows["prediction_kg"])


SUPPLIERS = pd.Series({"M1": "S", "M2": "S"})
ON_WEEKDAYS = SuppliersConfig(usual=OpenDays(country="KR", weekdays=(True,) * 5 + (False,) * 2))


def open_day(day: pd.Timestamp, is_weekend_closed: bool) -> pd.Timestamp:
    """No public holiday lies in these weeks."""
    while is_weekend_closed and day.weekday() >= 5:
        day += pd.Timedelta(days=1)
    return day


def days_known(tables: Tables, code: str, today: pd.Timestamp) -> list[int]:
    """Lead times of the last 45 days: the material's, or all where it has only one, and then two days at least."""
    window = today - pd.Timedelta(days=45)
    rows = [r for r in tables["purchases"].itertuples() if window <= r.received_on < today]
    own = [(r.received_on - r.ordered_on).days for r in rows if r.material_code == code]
    return own if len(own) >= 2 else [max((r.received_on - r.ordered_on).days, 2) for r in rows]


def plain_replay(
    forecasts: pd.DataFrame, tables: Tables, config: PlanConfig, seed: int, is_weekend_closed: bool
) -> list[dict[str, object]]:
    """The oracle: dictionaries and loops, one material at a time."""
    sold = [(r.sold_on, RECIPES[r.product], r.quantity_kg) for r in tables["sales"].itertuples()]
    draws = drawn_lead_times(tables["purchases"], SUPPLIERS, len(DAYS), config.lead_times, seed)
    rows: list[dict[str, object]] = []
    for column, code in enumerate(["M1", "M2"]):
        use: dict[pd.Timestamp, float] = {}
        for day, parts, kg in sold:
            use[day] = use.get(day, 0.0) + parts.get(code, 0.0) * kg
        bought = [r for r in tables["purchases"].itertuples() if r.material_code == code]

        def lead_of(today: pd.Timestamp, code: str = code) -> tuple[float, float]:
            found = days_known(tables, code, today)
            return sum(found) / len(found), max(*found, 4)  # 4 is the floor, and nobody is quicker for long

        coming: list[tuple[pd.Timestamp, pd.Timestamp, float]] = []  # (really on, expected on, kg)
        for r in bought:
            if r.ordered_on < START and r.received_on >= START:
                usual = r.ordered_on + pd.Timedelta(days=math.ceil(lead_of(START)[0]))
                due = open_day(max(r.due_on, usual), is_weekend_closed)
                coming.append((r.received_on, due, r.received_kg))
        on_hand = 300.0 if code == "M1" else 50.0
        for number, today in enumerate(DAYS):
            ordered, is_below, late = 0.0, False, 0.0
            if today.weekday() == 0:
                mean_lead, longest = lead_of(today)
                past = [use[today - pd.Timedelta(days=back)] for back in range(1, 29)]
                mean_use = sum(past) / 28
                safety = max(past) * longest - mean_use * mean_lead
                lead = math.ceil(mean_lead)
                origin = max(day for day in forecasts["origin"] if day <= today)
                arrives, next_arrives = (
                    (open_day(today + pd.Timedelta(days=days + lead), is_weekend_closed) - today).days
                    for days in (0, 7)
                )
                stock, lacks, first_below = on_hand, -math.inf, None
                for ahead in range(next_arrives):
                    day = today + pd.Timedelta(days=ahead)
                    stock += sum(kg for on, expected, kg in coming if on >= today and max(expected, today) == day)
                    for r in forecasts.itertuples():
                        if r.origin == origin and 0 <= (day - r.week).days < 7:
                            share = SELLS[origin][(day - r.week).days]
                            stock -= RECIPES[r.product].get(code, 0.0) * r.prediction_kg * share
                    is_below = is_below or (ahead < arrives and safety - stock > 1e-6)
                    if first_below is None and safety - stock > 1e-6:
                        first_below = ahead
                    if ahead >= arrives:
                        lacks = max(lacks, safety - stock)
                if lacks > 1e-6:
                    ordered = float(math.ceil(round(lacks, 9)))
                    really = open_day(today + pd.Timedelta(days=int(draws[number, column])), is_weekend_closed)
                    late = max(float((really - today).days) - first_below, 0.0)
                    coming.append((really, today + pd.Timedelta(days=arrives), ordered))
            came = sum(kg for on, _, kg in coming if on == today)
            served = min(on_hand + came, use[today])
            rows.append(
                {
                    "date": today,
                    "material_code": code,
                    "opening_kg": on_hand,
                    "receipts_kg": came,
                    "wanted_kg": use[today],
                    "served_kg": served,
                    "lost_kg": use[today] - served,
                    "closing_kg": on_hand + came - served,
                    "ordered_kg": ordered,
                    "is_expedited": ordered > 0 and is_below,
                    "late_days": late,
                }
            )
            on_hand += came - served
    return rows


@pytest.mark.parametrize("weekly_kg", [0.0, 60.0, 300.0])
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("is_weekend_closed", [False, True])
def test_equals_plain_loops(
    weekly_kg: float, seed: int, is_weekend_closed: bool, tables: Tables, config: PlanConfig
) -> None:
    forecasts = forecasts_of(weekly_kg)
    if is_weekend_closed:
        ordering = config.ordering.model_copy(update={"suppliers": ON_WEEKDAYS})
        config = config.model_copy(update={"ordering": ordering})
    expected = pd.DataFrame(plain_replay(forecasts, tables, config, seed, is_weekend_closed))
    found = replay(forecasts, tables, START, config, seed, sells=SELLS).daily
    expected = expected.sort_values(["date", "material_code"], ignore_index=True)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    assert found["lost_kg"].sum() > 0, "an instance that loses nothing would prove little"


def plain_replay_up_to(tables: Tables, config: PlanConfig, seed: int, z: float) -> list[tuple[float, float]]:
    """Another oracle: (R, S) by loops. Ordered and lost kilograms, day by day, the first material's first."""
    draws = drawn_lead_times(tables["purchases"], SUPPLIERS, len(DAYS), config.lead_times, seed)
    rows = []
    for column, (code, first_kg) in enumerate([("M1", 300.0), ("M2", 50.0)]):
        on_hand = first_kg
        use: dict[pd.Timestamp, float] = {}
        for r in tables["sales"].itertuples():
            use[r.sold_on] = use.get(r.sold_on, 0.0) + RECIPES[r.product].get(code, 0.0) * r.quantity_kg
        bought = [r for r in tables["purchases"].itertuples() if r.material_code == code]
        coming = [(r.received_on, r.received_kg) for r in bought if r.ordered_on < START <= r.received_on]
        for number, today in enumerate(DAYS):
            ordered = 0.0
            if today.weekday() == 0:
                lead = days_known(tables, code, today)
                mean_lead = sum(lead) / len(lead)
                past = [use[today - pd.Timedelta(days=back)] for back in range(1, 29)]
                mean = sum(past) / 28
                variance = sum((kg - mean) ** 2 for kg in past) / 28
                of_lead = sum((days - sum(lead) / len(lead)) ** 2 for days in lead) / len(lead)
                level = mean * (mean_lead + 7) + z * math.sqrt((mean_lead + 7) * variance + mean**2 * of_lead)
                position = on_hand + sum(kg for on, kg in coming if on >= today)
                if level - position > 1e-6:
                    ordered = float(math.ceil(round(level - position, 9)))
                    coming.append((today + pd.Timedelta(days=int(draws[number, column])), ordered))
            there = on_hand + sum(kg for on, kg in coming if on == today)
            on_hand = max(there - use[today], 0.0)
            rows.append((ordered, max(use[today] - there, 0.0)))
    return rows


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_level_policy_equals_plain_loops(seed: int, tables: Tables, config: PlanConfig) -> None:
    policy = PeriodicReview(service_level=0.8413447460685429)  # z = 1
    daily = replay(forecasts_of(60.0), tables, START, config, seed, policy).daily
    found = daily.sort_values(["material_code", "date"])[["ordered_kg", "lost_kg"]].to_numpy()
    expected = np.array(plain_replay_up_to(tables, config, seed, z=1.0))
    assert found == pytest.approx(expected)
    assert (expected[:, 0] > 0).sum() >= 5


def test_policies_differ_in_their_orders_alone(tables: Tables, config: PlanConfig) -> None:
    """Same use, same stock at the start, and stock is conserved every day."""
    plant, other = (replay(forecasts_of(60.0), tables, START, config, 1, *p).daily for p in ((), (MinMax(0.9),)))
    assert plant["wanted_kg"].equals(other["wanted_kg"])
    assert plant.loc[:1, "opening_kg"].equals(other.loc[:1, "opening_kg"])
    assert not plant["ordered_kg"].equals(other["ordered_kg"])
    for daily in (plant, other):
        came = daily["opening_kg"] + daily["receipts_kg"] - daily["served_kg"]
        assert came.to_numpy() == pytest.approx(daily["closing_kg"].to_numpy())
        assert (daily["closing_kg"] >= 0).all()


def test_summary_by_hand(tables: Tables, config: PlanConfig) -> None:
    result = replay(forecasts_of(60.0), tables, START, config, seed=1)
    rows = list(result.daily.itertuples())
    evenings = [sum(row.closing_kg for row in rows if row.date == day) for day in DAYS]
    orders = sum(row.ordered_kg > 0 for row in rows)
    holding = sum(row.closing_kg * 1000.0 * 0.2 / 365 for row in rows)  # everything was bought at 1,000 a kilogram
    shortage = sum(row.lost_kg * 1000.0 * 3.0 for row in rows)
    assert shortage > 0
    assert result.summary == pytest.approx(
        {
            "fill_rate": sum(row.served_kg for row in rows) / sum(row.wanted_kg for row in rows),
            "stock_out_days": sum(row.lost_kg > 1e-6 for row in rows),
            "mean_stock_kg": sum(evenings) / 21,
            "peak_stock_kg": max(evenings),
            "orders": orders,
            "ordered_kg": sum(row.ordered_kg for row in rows),
            "expedites": sum(row.is_expedited for row in rows),
            "late_orders": sum(row.late_days > 0 for row in rows),
            "late_days": sum(row.late_days for row in rows),
            "mean_stock_krw": 1000.0 * sum(evenings) / 21,
            "peak_stock_krw": 1000.0 * max(evenings),
            "holding_krw": holding,
            "ordering_krw": 100.0 * orders,
            "shortage_krw": shortage,
            "cost_krw": holding + 100.0 * orders + shortage,
        }
    )


def test_nothing_from_the_day_of_the_review_on_is_known(tables: Tables, config: PlanConfig) -> None:
    """Other sales from the second review on change neither its orders nor any day before."""
    review = START + pd.Timedelta(weeks=1)
    other = tables["sales"].copy()
    other.loc[other["sold_on"] >= review, "quantity_kg"] += 1000.0
    first = replay(forecasts_of(60.0), tables, START, config, seed=1).daily
    second = replay(forecasts_of(60.0), {**tables, "sales": other}, START, config, seed=1).daily
    pd.testing.assert_frame_equal(first[first["date"] < review], second[second["date"] < review])
    orders = [daily.loc[daily["date"] == review, "ordered_kg"].tolist() for daily in (first, second)]
    assert orders[0] == orders[1]
    assert not first.equals(second)


def test_nothing_after_the_window_changes_its_replay(tables: Tables, config: PlanConfig) -> None:
    """The last window must have no part in the choice on the weeks before: neither its sales nor its receipts."""
    end = DAYS[-1] + pd.Timedelta(days=1)
    later_sale = tables["sales"].iloc[[0]].assign(sold_on=end, quantity_kg=1e6)
    later_purchase = (
        tables["purchases"]
        .iloc[[0]]
        .assign(purchase_no="B9", ordered_on=end - pd.Timedelta(days=19), received_on=end, unit_price_krw=9e9)
    )
    more = {
        **tables,
        "sales": pd.concat([tables["sales"], later_sale], ignore_index=True),
        "purchases": pd.concat([tables["purchases"], later_purchase], ignore_index=True),
    }
    first, second = (replay(forecasts_of(60.0), each, START, config, seed=1) for each in (tables, more))
    pd.testing.assert_frame_equal(first.daily, second.daily)
    assert first.summary == second.summary


def test_two_forecasts_meet_the_same_suppliers(tables: Tables, config: PlanConfig) -> None:
    def days_of_receipt(result: Replay) -> list[bool]:
        assert result.summary["orders"] == 6, "both materials at each of the three reviews"
        return (result.daily["receipts_kg"] > 0).tolist()

    less, more = (replay(forecasts_of(kg), tables, START, config, seed=3) for kg in (300.0, 600.0))
    assert days_of_receipt(less) == days_of_receipt(more)
    assert less.summary["ordered_kg"] < more.summary["ordered_kg"]


def test_an_exact_forecast_of_steady_use_loses_nothing(tables: Tables, config: PlanConfig) -> None:
    workdays = pd.bdate_range("2024-05-01", DAYS[-1])
    steady = pd.DataFrame({"sold_on": workdays, "product": "A", "quantity_kg": 100.0})
    exact = forecasts_of(1.0).query("product == 'A'").assign(prediction_kg=500.0)
    result = replay(exact, {**tables, "sales": steady}, START, config, seed=1)
    assert result.summary["fill_rate"] == 1.0
    assert result.summary["stock_out_days"] == 0


def test_a_lead_time_beyond_the_plan_stops_no_replay(tables: Tables, config: PlanConfig) -> None:
    """M2 was received once, so the floor holds, and nobody can order it in time; M1 goes on as before."""
    slow = config.lead_times.model_copy(update={"default_mean_days": 99.0, "default_longest_days": 99.0})
    usual, found = (
        replay(forecasts_of(60.0), tables, START, each, seed=1).daily.set_index("material_code")
        for each in (config, config.model_copy(update={"lead_times": slow}))
    )
    assert found.loc["M2", "ordered_kg"].sum() == 0 < usual.loc["M2", "ordered_kg"].sum()
    pd.testing.assert_frame_equal(found.loc["M1"], usual.loc["M1"])


def test_wrong_windows_are_refused(tables: Tables, config: PlanConfig) -> None:
    with pytest.raises(PlanningError, match="sales: they end on 2024-07-21"):
        replay(forecasts_of(60.0), tables, START + pd.Timedelta(weeks=1), config, seed=1)
    with pytest.raises(PlanningError, match="none was made by 2024-07-01"):
        replay(forecasts_of(60.0, ("2024-07-08",)), tables, START, config, seed=1)
    with pytest.raises(PlanningError, match="shares_by_day: nothing says how the week of 2024-06-24 divides"):
        history_of(forecasts_of(60.0), by_day(DAYS[7]), tables, START, START + pd.Timedelta(weeks=3), config, seed=1)
    with pytest.raises(PlanningError, match="the one made on 2024-06-03 ends before"):
        replay(forecasts_of(60.0, ("2024-06-03",)), tables, START, config, seed=1)
