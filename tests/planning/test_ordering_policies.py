"""What every ordering policy promises, and the textbooks' own instances."""

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, poisson

from mixplan.config.compose import compose
from mixplan.config.params import parse_params
from mixplan.config.planning import OrderingConfig, PlanConfig
from mixplan.config.policies import CostConfig
from mixplan.planning.compete import Setting, build_policy
from mixplan.planning.orders import plan_orders
from mixplan.planning.policies.forecast_cover import ForecastCover
from mixplan.planning.policies.interface import Known, Levels, OrderingPolicy
from mixplan.planning.policies.min_max import MinMax, power_approximation
from mixplan.planning.policies.periodic_review import PeriodicReview
from mixplan.planning.policies.service_level import ServiceLevel
from mixplan.planning.tables import Values
from tests.planning.conftest import ALWAYS_OPEN, EVERY_DAY

CONF = Path(__file__).parents[2] / "conf"
SHIPPED: PlanConfig = parse_params(compose(CONF)).plan
NAMES = sorted(SHIPPED.policies)
WITH_LEVEL = sorted(name for name, candidate in SHIPPED.policies.items() if candidate.has_service_level)
START = pd.Timestamp("2024-06-03")
COSTS = CostConfig(holding_rate_per_year=0.2, order_krw=50_000.0, shortage_factor=3.0)
ORDERING = OrderingConfig(weekday=0, pack_kg=1.0, minimum_kg=0.0, suppliers=ALWAYS_OPEN)
few = settings(max_examples=25, deadline=None)


def known_of(use: Values, lead_days: list[list[float]], price_krw: float = 1000.0) -> Known:
    """A forecast of the mean use, a fifth more at most; terms as ``material_policy`` has them."""
    means = [float(np.mean(days)) for days in lead_days]
    terms = pd.DataFrame(
        {
            "material_code": [f"M{number}" for number in range(use.shape[1])],
            "mean_daily_use_kg": use.mean(axis=0),
            "highest_daily_use_kg": use.max(axis=0),
            "mean_lead_time_days": means,
            "longest_lead_time_days": [max(days) for days in lead_days],
            "unit_price_krw": price_krw,
            "supplier_code": "S",
            "lead_time_source": "9 receipts",
        }
    )
    expected = np.tile(use.mean(axis=0), (70, 1))
    ordered = tuple(np.sort(np.array(days)) for days in lead_days)
    return Known(terms, use, ordered, expected, 0.2 * expected, COSTS)


@st.composite
def situations(draw: st.DrawFn) -> Known:
    """Two materials with lumpy use over ten weeks, and up to six receipts each."""
    seed, busy = draw(st.integers(0, 10_000)), draw(st.floats(0.2, 1.0))
    rng = np.random.default_rng(seed)
    use = np.where(rng.random((70, 2)) < busy, rng.gamma(2.0, 50.0, (70, 2)), 0.0)
    receipts = st.lists(st.integers(0, 20).map(float), min_size=1, max_size=6)
    return known_of(use, [draw(receipts), draw(receipts)])


def highest_position(known: Known, levels: Levels) -> Values:
    """What an order fills the position up to, by policies of either kind."""
    by_forecast = known.until_next(known.expected) + levels.safety_stock_kg
    return np.where(np.isnan(levels.order_up_to_kg), by_forecast, levels.order_up_to_kg)


def assert_nowhere_lower(policy: OrderingPolicy, known: Known, other: OrderingPolicy, more: Known) -> None:
    before, after = policy.levels(known), other.levels(more)
    slack = 1e-6 + 1e-9 * before.reorder_point_kg
    assert (after.reorder_point_kg >= before.reorder_point_kg - slack).all()
    assert (highest_position(more, after) >= highest_position(known, before) - slack).all()


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def shipped(name: str, seed: int = 1, service_level: float = 0.98) -> OrderingPolicy:
    return build_policy(Setting(name, service_level if name in WITH_LEVEL else None), SHIPPED, seed)


def lead_times_plus(known: Known, days: float) -> Known:
    terms = known.terms.assign(
        mean_lead_time_days=known.terms["mean_lead_time_days"] + days,
        longest_lead_time_days=known.terms["longest_lead_time_days"] + days,
    )
    return replace(known, terms=terms, lead_days=tuple(lead + days for lead in known.lead_days))


def use_times(known: Known, factor: float) -> Known:
    used = ["mean_daily_use_kg", "highest_daily_use_kg"]
    terms = known.terms.assign(**{column: known.terms[column] * factor for column in used})
    more = {"use": known.use * factor, "expected": known.expected * factor, "margin": known.margin * factor}
    return replace(known, terms=terms, **more)


levels_of_service = st.tuples(*[st.floats(0.5, 0.9999)] * 2).map(sorted)


@few
@given(situations(), levels_of_service)
@pytest.mark.parametrize("name", WITH_LEVEL)
def test_a_higher_service_level_never_lowers_a_level(name: str, known: Known, service: list[float]) -> None:
    less, more = (shipped(name, service_level=level) for level in service)
    assert_nowhere_lower(less, known, more, known)


@few
@given(situations(), st.integers(1, 10))
@pytest.mark.parametrize("name", NAMES)
def test_longer_lead_times_never_lower_a_level(name: str, known: Known, days: int) -> None:
    assert_nowhere_lower(shipped(name), known, shipped(name), lead_times_plus(known, float(days)))


@few
@given(situations(), st.floats(1.0, 5.0))
@pytest.mark.parametrize("name", NAMES)
def test_more_use_never_lowers_a_level(name: str, known: Known, factor: float) -> None:
    assert_nowhere_lower(shipped(name), known, shipped(name), use_times(known, factor))


@few
@given(situations())
@pytest.mark.parametrize("name", NAMES)
def test_levels_are_sound(name: str, known: Known) -> None:
    levels = shipped(name).levels(known)
    assert (levels.safety_stock_kg >= 0).all()
    assert np.isfinite(levels.safety_stock_kg).all()
    assert np.isfinite(levels.reorder_point_kg).all()
    assert (levels.reorder_point_kg >= 0).all()
    fixed = ~np.isnan(levels.order_up_to_kg)
    assert (levels.order_up_to_kg[fixed] >= levels.reorder_point_kg[fixed]).all()


def lines_of(policy: OrderingPolicy, known: Known, on_hand: Values, awaited: pd.DataFrame) -> pd.DataFrame:
    """The orders of ten weeks by the policy's levels."""
    levels = policy.levels(known)
    terms = known.terms.assign(
        safety_stock_kg=levels.safety_stock_kg,
        reorder_point_kg=levels.reorder_point_kg,
        order_up_to_kg=levels.order_up_to_kg,
    )
    days = pd.date_range(START, periods=len(known.expected))
    required = pd.DataFrame(
        [
            (day, code, known.expected[row, column])
            for row, day in enumerate(days)
            for column, code in enumerate(terms["material_code"])
        ],
        columns=["date", "material_code", "requirement_kg"],
    )
    stock = pd.DataFrame({"material_code": terms["material_code"], "on_hand_kg": on_hand, "stock_source": "counted"})
    return plan_orders(required, stock, awaited, terms, START, ORDERING, EVERY_DAY)


def awaited_on(*rows: tuple[str, float, str]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["material_code", "quantity_kg", "expected_on"])
    return frame.assign(expected_on=pd.to_datetime(frame["expected_on"]))


def test_min_max_orders_before_nothing_is_left() -> None:
    """Large orders of a cheap material at a low service level: the approximation alone would wait for backorders."""
    use = np.array([[0.0], [100.0]] * 14)
    assert MinMax(0.5).levels(known_of(use, [[1.0]], price_krw=1.0)).reorder_point_kg[0] == 0.0


@few
@given(situations())
@pytest.mark.parametrize("name", NAMES)
def test_no_order_where_the_position_covers_all(name: str, known: Known) -> None:
    policy = shipped(name)
    enough = known.expected.sum(axis=0) + highest_position(known, policy.levels(known)) + 1.0
    assert lines_of(policy, known, enough, awaited_on()).empty


@few
@given(situations())
@pytest.mark.parametrize("name", NAMES)
def test_order_dates_are_reviews_and_never_in_the_past(name: str, known: Known) -> None:
    orders = lines_of(shipped(name), known, np.zeros(2), awaited_on())
    assert not orders.empty or (highest_position(known, shipped(name).levels(known)) < 1e-6).all()
    assert (orders["order_on"] >= START).all()
    assert (orders["order_on"].dt.weekday == ORDERING.weekday).all()
    assert (orders["expected_on"] >= orders["order_on"]).all()
    assert (orders["expedite"] == (orders["needed_on"] < orders["expected_on"])).all()
    assert (orders["expedite"] == (orders["order_on"] > orders["order_by"])).all()


@few
@given(situations(), st.integers(1, 400).map(float))
@pytest.mark.parametrize("name", NAMES)
def test_goods_on_their_way_count_once(name: str, known: Known, kilograms: float) -> None:
    """What comes this morning, or should have come, is as good as what is there, and no better."""
    policy, hand = shipped(name), np.array([50.0, 50.0])
    due = awaited_on(("M0", kilograms, "2024-06-03"))
    overdue = awaited_on(("M0", kilograms, "2024-05-01"))
    there, *coming = (
        lines_of(policy, known, on_hand, awaited)
        for on_hand, awaited in ((hand + np.array([kilograms, 0.0]), awaited_on()), (hand, due), (hand, overdue))
    )
    for orders in coming:
        pd.testing.assert_frame_equal(orders.drop(columns="reason"), there.drop(columns="reason"))


def test_what_comes_after_the_last_day_is_in_the_position() -> None:
    """10 kg a day for 10 days to cover: the level is 100 kg, of which 30 are there and 60 will come some day."""
    known = known_of(np.full((28, 1), 10.0), [[3.0]])
    orders = lines_of(PeriodicReview(0.98), known, np.array([30.0]), awaited_on(("M0", 60.0, "2099-01-01")))
    first = orders.iloc[0]
    assert (first["order_on"], first["quantity_kg"]) == (START, 10.0)
    assert first["reason"] == (
        "covers 3 to 12 June: up to 100 kg (safety 0 t, use by forecast 100 kg), on hand 30 kg, arriving 60 kg, order "
        "at 100 kg or less; order by 3 June"
    )


def test_equal_seeds_give_equal_levels_and_the_known_is_left_alone(name: str) -> None:
    rng = np.random.default_rng(3)
    known = known_of(rng.gamma(2.0, 50.0, (200, 3)), [[3.0, 5.0, 9.0], [1.0], [7.0, 8.0]])
    copy = replace(known, terms=known.terms.copy(), use=known.use.copy(), expected=known.expected.copy())
    first, again = shipped(name, 7).levels(known), shipped(name, 7).levels(known)
    for field in ("safety_stock_kg", "reorder_point_kg", "order_up_to_kg"):
        assert np.array_equal(getattr(first, field), getattr(again, field), equal_nan=True)
    pd.testing.assert_frame_equal(known.terms, copy.terms)
    assert np.array_equal(known.use, copy.use)
    assert np.array_equal(known.expected, copy.expected)


def test_another_seed_gives_other_draws() -> None:
    known = known_of(np.random.default_rng(3).gamma(2.0, 50.0, (200, 1)), [[3.0, 5.0, 9.0]])
    first, other = (ServiceLevel(0.9, 200, seed).levels(known).order_up_to_kg for seed in (1, 2))
    assert (first != other).all()


def two_point(mean: float, deviation: float, days: int = 2) -> Values:
    """Daily use with exactly this mean and (population) standard deviation."""
    return np.tile([[mean - deviation], [mean + deviation]], (days // 2, 1))


def test_periodic_review_is_the_textbooks_base_stock_level(monkeypatch: pytest.MonkeyPatch) -> None:
    """Example 4.4 of Snyder and Shen: N(50, 8^2) a period, L = 4, R = 1, h = 0.18, p = 0.70: S = 264.7668943741548."""
    monkeypatch.setattr("mixplan.planning.policies.interface.REVIEW_DAYS", 1)
    known = known_of(two_point(50.0, 8.0), [[4.0]])
    levels = PeriodicReview(service_level=0.70 / 0.88).levels(known)
    assert levels.order_up_to_kg[0] == pytest.approx(264.7668943741548, abs=1e-6)


def test_reorder_point_for_normal_lead_time_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Example 5.5 of Snyder and Shen: 1,300 a year with deviation 150, a month to deliver: r = 190.3369965715624."""
    monkeypatch.setattr("mixplan.planning.policies.interface.REVIEW_DAYS", 0)  # reviewed all the time
    known = known_of(two_point(1300.0, 150.0), [[1.0 / 12.0]])
    levels = PeriodicReview(service_level=7.5 / (7.5 + 0.225)).levels(known)
    assert levels.reorder_point_kg[0] == pytest.approx(190.3369965715624, abs=1e-6)


def test_a_lead_time_that_varies_adds_its_own_deviation() -> None:
    """100 kg every day; 3 or 7 days to deliver: mean 5, deviation 2: 1,200 kg and z times 200 kg."""
    levels = PeriodicReview(0.98).levels(known_of(np.full((10, 1), 100.0), [[3.0, 7.0]]))
    assert levels.order_up_to_kg[0] == pytest.approx(1200.0 + norm.ppf(0.98) * 200.0)


def test_forecast_cover_is_the_newsvendors_order() -> None:
    """Example 4.3 of Snyder and Shen: N(50, 8^2), h = 0.18, p = 0.70: S = 56.60395592743389.

    The period's demand is forecast for its first day, and the interval ends at the critical ratio's quantile.
    """
    known = known_of(np.full((10, 1), 50.0), [[0.0]])
    first_day = (np.arange(70) == 0)[:, None]
    margin = 8.0 * norm.ppf(0.70 / 0.88)
    known = replace(known, expected=np.where(first_day, 50.0, 0.0), margin=np.where(first_day, margin, 0.0))
    levels = ForecastCover(service_level=0.70 / 0.88, interval=2 * 0.70 / 0.88 - 1).levels(known)
    assert highest_position(known, levels)[0] == pytest.approx(56.60395592743389, abs=1e-6)


@pytest.mark.parametrize(
    ("costs", "demand", "published"),
    [
        # Example 4.8 of Snyder and Shen: h = 0.18, p = 0.70, K = 2.5.
        ((0.18, 0.70, 2.5), (50.0, 8.0), (40.194616956474071, 74.290170109805786)),
    ],
)
def test_power_approximation_by_the_textbook(
    costs: tuple[float, float, float], demand: tuple[float, float], published: tuple[float, float]
) -> None:
    holding, penalty, order = costs
    mean, deviation = (np.array([value]) for value in demand)
    found = power_approximation(mean, mean, deviation, np.array([order / holding]), penalty / holding)
    assert [level[0] for level in found] == pytest.approx(published, abs=1e-6)


def test_min_max_hands_its_costs_to_the_approximation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Example 4.8 again, through the policy: reviewed daily, no lead time, 0.18 to hold, ratio 0.70/0.88."""
    for module in ("interface", "min_max"):
        monkeypatch.setattr(f"mixplan.planning.policies.{module}.REVIEW_DAYS", 1)
    known = known_of(two_point(50.0, 8.0), [[0.0]], price_krw=0.9)
    costs = CostConfig(holding_rate_per_year=0.2 * 365, order_krw=2.5, shortage_factor=1.0)
    levels = MinMax(service_level=0.70 / 0.88).levels(replace(known, costs=costs))
    assert levels.reorder_point_kg[0] == pytest.approx(40.194616956474071, abs=1e-6)
    assert levels.order_up_to_kg[0] == pytest.approx(74.290170109805786, abs=1e-6)


@pytest.mark.parametrize("price_krw", [float("nan"), 0.0])
def test_without_a_price_min_max_is_a_base_stock_policy(price_krw: float) -> None:
    known = known_of(two_point(50.0, 8.0, 20), [[4.0]], price_krw)
    levels, base = MinMax(0.98).levels(known), PeriodicReview(0.98).levels(known)
    assert levels.reorder_point_kg == pytest.approx(base.order_up_to_kg)
    assert levels.order_up_to_kg == pytest.approx(base.order_up_to_kg)


def test_a_material_that_nobody_uses_is_not_ordered(name: str) -> None:
    known = known_of(np.zeros((28, 2)), [[3.0], [3.0, 5.0]])
    assert lines_of(shipped(name), known, np.zeros(2), awaited_on()).empty


def every_cover(use: list[float], lead_days: list[int]) -> Iterator[float]:
    """The oracle: use of each stretch with each lead time, around the end of history, added one by one."""
    for lead in lead_days:
        for start in range(len(use)):
            yield sum(use[(start + day) % len(use)] for day in range(lead + 7))


def test_simulated_use_is_drawn_from_every_stretch_and_lead_time() -> None:
    use, lead_days = [0.0, 10.0, 40.0, 0.0, 5.0, 90.0, 20.0, 0.0, 60.0, 15.0, 1.0], [2, 3, 30]
    known = known_of(np.array(use)[:, None], [[float(days) for days in lead_days]])
    simulated = ServiceLevel(0.9, draws=20_000, random_state=1).simulate(known)[:, 0]
    possible = list(every_cover(use, lead_days))
    assert set(simulated.round(6)) == set(np.round(possible, 6))
    for share in (0.1, 0.5, 0.9):
        assert np.mean(simulated <= np.quantile(possible, share)) == pytest.approx(
            np.mean(np.array(possible) <= np.quantile(possible, share)), abs=0.02
        )


def test_simulated_use_comes_to_the_textbooks_newsvendor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Poisson demand of mean 6 for one period, h = 1, p = 4 (stockpyl's ``newsvendor_poisson``): S = 8.

    History has each demand as often as the distribution says, to a ten-thousandth; F(7) = 0.744 and F(8) = 0.847 lie
    far from the critical ratio of 0.8, so that draws find the level exactly.
    """
    for module in ("interface", "service_level"):
        monkeypatch.setattr(f"mixplan.planning.policies.{module}.REVIEW_DAYS", 1)
    demand = np.arange(30)
    use = demand.repeat((10_000 * poisson.pmf(demand, 6)).round().astype(int)).astype(float)[:, None]
    levels = ServiceLevel(4 / (4 + 1), draws=20_000, random_state=1).levels(known_of(use, [[0.0]]))
    assert levels.order_up_to_kg[0] == pytest.approx(8.0, abs=1e-6)


def test_many_normal_days_come_to_the_textbooks_reorder_point() -> None:
    """Independent N(50, 8^2) a day, 4 days to deliver and 7 to the next review: 550 + z 8 sqrt(11), within sampling."""
    use = np.random.default_rng(5).normal(50.0, 8.0, (20_000, 1))
    found = ServiceLevel(0.95, draws=20_000, random_state=2).levels(known_of(use, [[4.0]])).order_up_to_kg[0]
    assert found == pytest.approx(550.0 + norm.ppf(0.95) * 8.0 * math.sqrt(11), rel=0.01)
