"""Futures of a plan: two products, three materials, two weeks from 4 March 2024."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mixplan.config.planning import OpenDays, PlanConfig, SuppliersConfig
from mixplan.planning.basis import Basis, basis_of
from mixplan.planning.build import build_plan
from mixplan.planning.futures import beside_plant_rule, draw_futures, run_futures
from mixplan.planning.levels import PLANT_RULE
from mixplan.planning.overrides import Override
from mixplan.planning.policies.periodic_review import PeriodicReview
from tests.planning.conftest import by_day

ORIGIN = pd.Timestamp("2024-03-04")


@pytest.fixture
def basis(forecast: pd.DataFrame, shares: pd.DataFrame, tables: dict[str, pd.DataFrame], config: PlanConfig) -> Basis:
    return basis_of(forecast, shares, by_day(ORIGIN), tables, ORIGIN, config)


def backtest_of(*errors_kg: list[float]) -> pd.DataFrame:
    """One past forecast of A for each list of errors, week by week; B was always forecast exactly."""
    rows = []
    for number, errors in enumerate(errors_kg):
        origin = pd.Timestamp("2023-01-02") + pd.Timedelta(weeks=26 * number)
        for week, error in enumerate(errors, start=1):
            rows += [(origin, "A", week, 100.0, 100.0 + error), (origin, "B", week, 100.0, 100.0)]
    return pd.DataFrame(rows, columns=["origin", "product", "horizon_weeks", "prediction_kg", "actual_kg"])


def test_use_is_the_plan_and_one_past_forecasts_errors(basis: Basis, config: PlanConfig) -> None:
    """A of 200 and 800 kg: off by 40 and -30 kg, or by -999 and 0; half of it is M1. Days from Monday to Friday."""
    many = config.model_copy(update={"futures": 200})
    wanted = draw_futures(basis, backtest_of([40.0, -30.0], [-999.0, 0.0]), many, seed=1).wanted_kg
    of_m1 = wanted[..., 0].reshape(200, 2, 7)
    assert np.allclose(of_m1[..., 5:], 0.0)
    weeks = {tuple(week) for week in of_m1.sum(axis=2).round(6)}
    assert weeks == {(120.0, 385.0), (0.0, 400.0)}, "weeks of one forecast stay together, and nothing is below zero"


def test_more_than_planned_comes_on_the_days_that_sell(
    forecast: pd.DataFrame, shares: pd.DataFrame, tables: dict[str, pd.DataFrame], config: PlanConfig
) -> None:
    """140 and 70 kg more of A, half of which is M1, a quarter on Sundays; the lots of the plan know nothing of it."""
    sells = (0.0, 0.15, 0.15, 0.15, 0.15, 0.15, 0.25)
    basis = basis_of(forecast, shares, by_day(ORIGIN, week=sells), tables, ORIGIN, config)
    usual, more = (
        draw_futures(basis, backtest_of(kg), config, seed=1).wanted_kg[0, :, 0] for kg in ([0, 0], [140, 70])
    )
    assert (more - usual).tolist() == pytest.approx([70 * share for share in sells] + [35 * share for share in sells])


def test_lead_times_are_those_of_the_receipts(basis: Basis, config: PlanConfig) -> None:
    took = draw_futures(basis, backtest_of([0.0, 0.0]), config.model_copy(update={"futures": 100}), seed=1).took_days
    for place, days in enumerate(basis.known.lead_days):
        assert set(np.unique(took[:, ::7, place])) == set(np.ceil(days)), "from Mondays, on which the plant works"


def test_equal_seeds_give_equal_futures(basis: Basis, config: PlanConfig) -> None:
    first, again, other = (draw_futures(basis, backtest_of([9.0, 0.0], [0.0, 5.0]), config, seed) for seed in (1, 1, 2))
    assert np.array_equal(first.wanted_kg, again.wanted_kg)
    assert np.array_equal(first.took_days, again.took_days)
    assert not np.array_equal(first.took_days, other.took_days)


def override_of(number: int, code: str, kilograms: float) -> Override:
    monday = ORIGIN.date()
    return Override(
        number=number,
        kind="order",
        code=code,
        day=monday,
        decision="change",
        old_kg=100.0,
        new_kg=kilograms,
        expected_on=monday,
        expires_on=monday,
        who="Kim",
        decided_on=monday,
        reason="a full tanker",
    )


@pytest.mark.parametrize("weekend", [True, False])
@pytest.mark.parametrize("overrides", [(), (override_of(1, "M1", 600.0), override_of(2, "M2", 0.0))])
def test_a_future_that_comes_as_planned_is_the_plan(
    weekend: bool,
    overrides: tuple[Override, ...],
    forecast: pd.DataFrame,
    shares: pd.DataFrame,
    tables: dict[str, pd.DataFrame],
    config: PlanConfig,
) -> None:
    """No error and every delivery on its day: the plan's orders, receipts and stock, in every future.

    So it is with suppliers that are closed at weekends, and with order lines that people decided: 600 kg of M1 that
    nobody needs, and nothing of M2.
    """
    open_on = OpenDays(country="KR", weekdays=(True,) * 5 + (weekend,) * 2)
    ordering = config.ordering.model_copy(update={"suppliers": SuppliersConfig(usual=open_on)})
    few = config.lead_times.model_copy(update={"minimum_receipts": 9, "default_mean_days": 5.0})
    config = config.model_copy(update={"ordering": ordering, "lead_times": few})
    stock = {"material_code": ["M1", "M2", "M3"], "stock_kg": [450.0, 650.0, 150.0]}
    enough = pd.DataFrame({"counted_on": ORIGIN - pd.Timedelta(days=1), **stock})
    basis = basis_of(
        forecast, shares, by_day(ORIGIN), {**tables, "stock_counts": enough}, ORIGIN, config, overrides=overrides
    )
    plan = build_plan(basis, config)
    lead = np.ceil(basis.known.terms["mean_lead_time_days"].to_numpy())
    certain = replace(basis, known=replace(basis.known, lead_days=tuple(np.array([days]) for days in lead)))
    course = run_futures(certain, draw_futures(certain, backtest_of([0.0, 0.0]), config, seed=1), PLANT_RULE, config)
    shape = (14, 3)
    stock = plan.projected_stock.sort_values(["date", "material_code"])
    assert not stock["is_short"].any(), "what is short waits in the plan, and is lost here"
    assert not plan.purchase_orders.empty
    decided = plan.purchase_orders[plan.purchase_orders["order_on"] == ORIGIN].set_index("material_code")["quantity_kg"]
    assert not overrides or (decided["M1"] == 600.0 and "M2" not in decided)
    assert weekend or (plan.purchase_orders["expected_on"].dt.weekday < 5).all()
    for future in range(config.futures):
        assert course.receipts_kg[future] == pytest.approx(stock["receipts_kg"].to_numpy().reshape(shape))
        assert course.closing_kg[future] == pytest.approx(stock["closing_kg"].to_numpy().reshape(shape))
        assert course.ordered_kg[future].sum() == pytest.approx(plan.purchase_orders["quantity_kg"].sum())


def test_bands_and_chances_are_those_of_a_loop(basis: Basis, config: PlanConfig) -> None:
    many = config.model_copy(update={"futures": 50})
    futures = draw_futures(basis, backtest_of([400.0, 900.0], [-50.0, -200.0]), many, seed=3)
    policy = PeriodicReview(service_level=0.6)
    bands, found = beside_plant_rule(basis, futures, policy, many)
    own, rule = (run_futures(basis, futures, each, many) for each in (policy, PLANT_RULE))
    for row in bands.itertuples():
        day, place = (row.date - ORIGIN).days, ["M1", "M2", "M3"].index(row.material_code)
        evenings = sorted(own.closing_kg[future, day, place] for future in range(50))
        short = sum(own.served_kg[f, day, place] < futures.wanted_kg[f, day, place] - 1e-6 for f in range(50))
        assert evenings[4] <= row.lower_kg <= evenings[5]
        assert evenings[44] <= row.upper_kg <= evenings[45]
        assert row.short_share == short / 50
    assert bands["short_share"].max() > 0, "an instance without a shortage would prove little"
    rates = [[course.served_kg[f].sum() / futures.wanted_kg[f].sum() for f in range(50)] for course in (own, rule)]
    assert found["fill_rate_mean"] == pytest.approx(sum(rates[0]) / 50)
    assert found["serves_as_much_share"] == sum(a >= b for a, b in zip(*rates, strict=True)) / 50
    assert found["count"] == 50
