"""Products that are sold now and then: their level against statsforecast's, and what it does to a forecast."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from statsforecast.models import TSB

from mixplan.config.demand import DemandCandidate
from mixplan.demand.backtest import backtest
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.intermittent import AMOUNT_SMOOTHING, LONGEST_INTERVAL, SHARE_SMOOTHING, intermittent_level

SOLD = st.lists(st.sampled_from([0.0, 0.0, 0.0, 5.0, 40.0, 900.0]), min_size=1, max_size=160)
"""Kilograms by week."""


def weekly(**products: list[float]) -> pd.DataFrame:
    weeks = pd.date_range("2021-01-04", periods=len(next(iter(products.values()))), freq="W-MON", name="week")
    return pd.DataFrame(products, index=weeks)


@given(SOLD)
@settings(max_examples=150, deadline=None)
def test_levels_are_those_of_statsforecast_since_the_first_sale(sold: list[float]) -> None:
    since = np.trim_zeros(np.array(sold), "f")
    assume(len(since))
    is_rare = (since[-104:] > 0).mean() < 1 / LONGEST_INTERVAL
    expected = TSB(alpha_d=AMOUNT_SMOOTHING, alpha_p=SHARE_SMOOTHING).forecast(y=since, h=1)["mean"][0]
    found = intermittent_level(weekly(A=sold))
    assert list(found.index) == (["A"] if is_rare else [])
    np.testing.assert_allclose(found, [expected] if is_rare else [], rtol=1e-6)  # statsforecast works in single floats


@given(st.lists(st.tuples(*[st.sampled_from([0.0, 0.0, 5.0, 900.0])] * 3), min_size=1, max_size=120))
@settings(max_examples=60, deadline=None)
def test_levels_have_no_unit_and_no_part_in_one_another(weeks: list[tuple[float, ...]]) -> None:
    together = weekly(**dict(zip("ABC", map(list, zip(*weeks, strict=True)), strict=True)))
    together = together.loc[:, together.any()]
    alone = {product: intermittent_level(together[[product]] * 7.0) / 7.0 for product in together}
    expected = {product: level.iloc[0] for product, level in alone.items() if len(level)}
    assert intermittent_level(together).to_dict() == pytest.approx(expected)


def test_a_product_that_dies_out_fades_and_one_that_is_sold_goes_on() -> None:
    goes_on = [0.0, 0.0, 60.0] * 40
    dies = goes_on[:60] + [0.0] * 60
    level = intermittent_level(weekly(goes_on=goes_on, dies=dies))
    assert level["goes_on"] == pytest.approx(20.0, rel=0.1)
    assert level["dies"] == pytest.approx(20.0 * (1 - SHARE_SMOOTHING) ** 60, rel=0.2)


def test_a_product_that_is_sold_most_weeks_has_its_own_level() -> None:
    assert intermittent_level(weekly(often=[0.0, 0.0, *[5.0, 5.0, 5.0, 5.0, 0.0] * 13, 5.0])).empty


def test_no_candidate_answers_for_it_as_before(
    candidate: DemandCandidate, plant: Any, evaluation: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Baselines are what they were; all that learn forecast it by its level, and its season is the plant's alone."""
    at, setting = plant.origins.selection[:1], (candidate, plant.origins, evaluation, 0.8, 7)
    found = backtest(at, plant.builder(), *setting)
    monkeypatch.setattr("mixplan.demand.features.intermittent_level", lambda _: pd.Series(dtype="float64"))
    before = backtest(at, plant.builder(), *setting)
    is_rare = found["product"] == "가속제"
    change = (found["prediction_kg"] / before["prediction_kg"] - 1).abs()
    if not candidate.target.startswith("mixplan.demand.baselines"):
        assert change[is_rare].max() > 0.01
    else:
        assert change.max() < 1e-9


def test_forecasts_of_such_a_product_are_better_for_it(
    make: Callable[[str], DemandCandidate], plant: Any, evaluation: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A product with demand in one of five weeks all year round, whatever its same weeks of last year brought."""
    rng = np.random.default_rng(3)
    weeks = plant.builder().history.index
    rare = pd.DataFrame({"sold_on": weeks[rng.random(len(weeks)) < 0.2]}).assign(
        product="rare", region="서울", customer_code="C1"
    )
    rare["quantity_kg"] = rng.lognormal(6.0, 0.5, len(rare))
    sales = pd.concat([plant.sales, rare], ignore_index=True)

    def error(builder: FeatureBuilder) -> float:
        candidate = make("SeasonalAverage")
        rows = backtest(plant.origins.selection, builder, candidate, plant.origins, evaluation, 0.8, 7)
        own = rows[rows["product"] == "rare"].groupby("origin")[["prediction_kg", "actual_kg"]].sum()
        return float((own["prediction_kg"] - own["actual_kg"]).abs().sum())

    found = error(plant.builder(sales))
    monkeypatch.setattr("mixplan.demand.features.intermittent_level", lambda _: pd.Series(dtype="float64"))
    assert found < error(plant.builder(sales))
