"""The curve against a general optimiser, and what it is for: levels that moved, and little that is known."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from mixplan.demand.curve import demand_curve

WEEKS = pd.date_range("2021-01-04", periods=110, freq="W-MON")
KNOWN = 104


def sales_of(size: float, level: Any = 1.0, season: float = 0.4, seed: int = 1) -> Any:
    """Kilograms of the weeks that are known: loads of 10 kg that fall by chance."""
    turn = 2 * np.pi * WEEKS[:KNOWN].dayofyear.to_numpy() / 365.25
    rate = size / 10 * level * np.exp(season * np.cos(turn))
    return 10.0 * np.random.default_rng(seed).poisson(rate)


def ahead(days_off: Any = 0, **products: Any) -> pd.DataFrame:
    return demand_curve(pd.DataFrame(products, index=WEEKS[:KNOWN]), pd.Series(days_off, WEEKS))


def by_a_general_optimiser(
    kg: list[float], since: int, offset: list[float], effects: list[list[float]], deviations: list[float], step: float
) -> tuple[float, list[float]]:
    """The last level and the effects, by the likelihood as it is written in textbooks, term by term."""
    quarters = [(week - len(kg)) // 13 - (-len(kg) // 13) for week in range(len(kg))]
    count = quarters[-1] + 1

    def expected(theta: Any) -> list[float]:
        return [
            math.exp(theta[quarter] + off + sum(a * b for a, b in zip(theta[count:], row, strict=True)))
            for quarter, off, row in zip(quarters, offset, effects, strict=True)
        ]

    def loss(theta: Any, at_once: float) -> float:
        means = expected(theta)
        likelihood = sum(y * math.log(mean) - mean for y, mean in list(zip(kg, means, strict=True))[since:])
        walk = sum((theta[place] - theta[place - 1]) ** 2 for place in range(1, count)) / step**2
        own = sum((a / b) ** 2 for a, b in zip(theta[count:], deviations, strict=True))
        return -likelihood / at_once + (walk + own) / 2

    theta = np.array([math.log(sum(kg) / len(kg[since:]))] * count + [0.0] * len(deviations))
    for _ in range(8):
        means = expected(theta)
        pairs = list(zip(kg, means, strict=True))[since:]
        at_once = sum((y - mean) ** 2 for y, mean in pairs) / sum(mean for _, mean in pairs)
        theta = minimize(loss, theta, args=(at_once,), method="BFGS").x
    return theta[count - 1], list(theta[count:])


def test_it_has_the_highest_penalised_likelihood() -> None:
    late = sales_of(300.0, seed=2)
    late[:30] = 0.0
    products = {"large": sales_of(2000.0, np.linspace(0.7, 1.4, KNOWN)), "late": late}
    days_off = [week % 7 == 0 for week in range(len(WEEKS))]
    found = ahead(np.array(days_off, dtype=int), **products)

    turns = [2 * math.pi * ((week + pd.Timedelta(days=3)).dayofyear) / 365.25 for week in WEEKS]
    shared = [
        [f(n * turn) for n in (1, 2, 3) for f in (math.sin, math.cos)] + [float(off)]
        for turn, off in zip(turns, days_off, strict=True)
    ]
    total = list(sum(products.values()))
    _, plant = by_a_general_optimiser(total, 0, [0.0] * KNOWN, shared[:KNOWN], [0.5] * 6 + [0.3], 0.10)
    season = [sum(a * b for a, b in zip(plant, row, strict=True)) for row in shared]
    for name, since in (("large", 0), ("late", 30)):
        wave = [[math.sin(turn), math.cos(turn)] for turn in turns]
        level, own = by_a_general_optimiser(list(products[name]), since, season[:KNOWN], wave[:KNOWN], [0.3] * 2, 0.13)
        for place in range(KNOWN, len(WEEKS)):
            wanted = math.exp(level + season[place] + own[0] * wave[place][0] + own[1] * wave[place][1])
            assert found[name].iloc[place - KNOWN] == pytest.approx(wanted, rel=2e-3)


def test_a_level_that_doubled_half_a_year_ago_goes_on() -> None:
    level = np.where(np.arange(KNOWN) < KNOWN - 26, 1.0, 2.0)
    found = ahead(A=sales_of(2000.0, level, season=0.0))
    assert found["A"].mean() == pytest.approx(4000.0, rel=0.1)


def test_weeks_before_the_first_sale_say_nothing() -> None:
    late = sales_of(2000.0, seed=3)
    late[:60] = 0.0
    found = ahead(A=sales_of(2000.0), late=late)
    assert found["late"].sum() == pytest.approx(found["A"].sum(), rel=0.1)


def test_what_sells_little_has_the_plants_season() -> None:
    found = ahead(large=sales_of(5000.0, season=0.6), little=sales_of(20.0, season=0.0, seed=4))
    relative = found / found.mean()
    np.testing.assert_allclose(relative["little"], relative["large"], rtol=0.15)


def test_a_day_off_costs_what_it_did() -> None:
    off = np.arange(len(WEEKS)) % 5 == 0
    kg = sales_of(5000.0, np.where(off[:KNOWN], 0.8, 1.0), season=0.0)
    found = ahead(off.astype(int), A=kg)["A"].to_numpy()
    assert found[off[KNOWN:]].mean() / found[~off[KNOWN:]].mean() == pytest.approx(0.8, abs=0.05)
