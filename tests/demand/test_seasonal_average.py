"""The seasonal average's two numbers against a search of its own."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mixplan.demand.seasonal_average import SeasonalAverage


def past(lean: float, height: float, seed: int = 1) -> tuple[pd.DataFrame, pd.Series, Any]:
    """Ratios to the usual that came about as the two numbers say, but for chance."""
    rng = np.random.default_rng(seed)
    usual, repeated, curve = np.ones(400), rng.uniform(0.4, 1.6, 400), rng.uniform(0.4, 1.6, 400)
    usual = (repeated + curve) / 2
    X = pd.DataFrame({"other": 7.0, "curve": curve, "usual": usual})
    ratio = height * ((1 - lean) * repeated + (1 + lean) * curve) / 2 / usual + rng.normal(0.0, 0.02, 400)
    return X, pd.Series(ratio), usual / usual.mean()


@pytest.mark.parametrize("lean", [-0.6, 0.0, 0.7])
def test_lean_has_the_least_squared_error_of_kilograms_and_height_goes_half_way(lean: float) -> None:
    X, y, weight = past(lean, 1.2)
    found = SeasonalAverage().fit(X, y, weight)
    mean = (y * weight).sum() / weight.sum()

    def error(tried: float) -> float:
        return float((((y - mean * (1 + tried * (X["curve"] / X["usual"] - 1))) * weight) ** 2).sum())

    assert all(error(found.lean) <= error(tried) for tried in np.linspace(-1.0, 1.0, 201))
    assert found.lean == pytest.approx(lean, abs=0.1)
    assert found.height == pytest.approx(1.1, abs=0.02)


@pytest.mark.parametrize(("lean", "end"), [(-3.0, -1.0), (3.0, 1.0)])
def test_it_leans_no_farther_than_to_one_of_the_answers(lean: float, end: float) -> None:
    assert SeasonalAverage().fit(*past(lean, 1.0)).lean == end


def test_answers_that_agree_leave_nothing_to_lean_to() -> None:
    X, y, weight = past(0.5, 1.2)
    found = SeasonalAverage().fit(X.assign(curve=X["usual"]), y, weight)
    assert found.lean == 0.0
    np.testing.assert_allclose(found.predict(X.assign(curve=X["usual"])), found.height)
