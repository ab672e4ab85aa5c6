"""Every metric against a loop, and where scikit-learn has it, against scikit-learn."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, mean_pinball_loss, mean_squared_error, r2_score

from mixplan.evaluation.metrics import (
    GREATER_IS_BETTER,
    POINT_METRICS,
    bias,
    coverage,
    interval_pinball,
    mae,
    mase,
    pinball,
    r2,
    rmse,
    seasonal_scale,
    skill,
    wape,
)

Pairs = list[tuple[float, float]]
KILOGRAMS = st.floats(0.125, 1e6, width=32)
PAIRS = st.lists(st.tuples(KILOGRAMS, KILOGRAMS), min_size=2, max_size=50)
ALL: dict[str, Callable[..., float]] = {**POINT_METRICS, "coverage": lambda y, p: coverage(y, p, p)}


def naive_rmse(pairs: Pairs) -> float:
    return math.sqrt(sum((actual - predicted) ** 2 for actual, predicted in pairs) / len(pairs))


def naive_mae(pairs: Pairs) -> float:
    return sum(abs(actual - predicted) for actual, predicted in pairs) / len(pairs)


def naive_wape(pairs: Pairs) -> float:
    return sum(abs(actual - predicted) for actual, predicted in pairs) / sum(abs(actual) for actual, _ in pairs)


def naive_bias(pairs: Pairs) -> float:
    return sum(predicted - actual for actual, predicted in pairs) / sum(abs(actual) for actual, _ in pairs)


def naive_r2(pairs: Pairs) -> float:
    mean = sum(actual for actual, _ in pairs) / len(pairs)
    squared = sum((actual - predicted) ** 2 for actual, predicted in pairs)
    return 1 - squared / sum((actual - mean) ** 2 for actual, _ in pairs)


NAIVE = {"rmse": naive_rmse, "mae": naive_mae, "wape": naive_wape, "bias": naive_bias, "r2": naive_r2}


def varies(pairs: Pairs) -> bool:
    actual = [actual for actual, _ in pairs]
    return max(actual) - min(actual) > 1e-3 * max(actual)


def columns(pairs: Pairs) -> tuple[list[float], list[float]]:
    return [actual for actual, _ in pairs], [predicted for _, predicted in pairs]


@pytest.mark.parametrize("name", NAIVE)
@given(pairs=PAIRS.filter(varies))
def test_metric_is_that_of_a_loop(name: str, pairs: Pairs) -> None:
    assert POINT_METRICS[name](*columns(pairs)) == pytest.approx(NAIVE[name](pairs), rel=1e-6, abs=1e-9)


@given(PAIRS.filter(varies))
def test_metrics_are_those_of_scikit_learn(pairs: Pairs) -> None:
    actual, predicted = columns(pairs)
    assert r2(actual, predicted) == pytest.approx(r2_score(actual, predicted), rel=1e-6, abs=1e-9)
    assert rmse(actual, predicted) == pytest.approx(math.sqrt(mean_squared_error(actual, predicted)))
    assert mae(actual, predicted) == pytest.approx(mean_absolute_error(actual, predicted))


@given(st.lists(st.tuples(KILOGRAMS, KILOGRAMS, KILOGRAMS), min_size=1, max_size=50))
def test_coverage_counts_what_lies_inside_bounds_included(rows: list[tuple[float, float, float]]) -> None:
    actual, lower, upper = (list(column) for column in zip(*rows, strict=True))
    inside = sum(1 for y, low, high in rows if low <= y <= high)
    assert coverage(actual, lower, upper) == pytest.approx(inside / len(rows))
    assert coverage(actual, actual, actual) == 1.0


@given(PAIRS, st.floats(0.25, 64.0))
def test_shares_have_no_unit_and_errors_have_the_unit_of_the_actuals(pairs: Pairs, factor: float) -> None:
    actual, predicted = columns(pairs)
    scaled = [factor * value for value in actual], [factor * value for value in predicted]
    for metric in (wape, bias):
        assert metric(*scaled) == pytest.approx(metric(actual, predicted), abs=1e-9)
    for metric in (rmse, mae):
        assert metric(*scaled) == pytest.approx(factor * metric(actual, predicted))


@given(PAIRS)
def test_a_perfect_forecast_is_the_best_there_is(pairs: Pairs) -> None:
    actual, predicted = columns(pairs)
    for name in GREATER_IS_BETTER.keys() & POINT_METRICS.keys():
        greater_is_better = GREATER_IS_BETTER[name]
        best, own = POINT_METRICS[name](actual, actual), POINT_METRICS[name](actual, predicted)
        assert best == (1.0 if greater_is_better else 0.0)
        assert own <= best if greater_is_better else own >= best


def test_bias_keeps_its_sign() -> None:
    assert bias([10.0, 10.0], [12.0, 10.0]) == pytest.approx(0.1)
    assert bias([10.0, 10.0], [8.0, 10.0]) == pytest.approx(-0.1)


def test_constant_actuals_have_nothing_to_explain() -> None:
    assert r2([3.0, 3.0], [3.0, 3.0]) == r2_score([3.0, 3.0], [3.0, 3.0]) == 1.0
    assert r2([3.0, 3.0], [3.0, 4.0]) == r2_score([3.0, 3.0], [3.0, 4.0]) == 0.0


@pytest.mark.parametrize("metric", [wape, bias])
def test_shares_of_nothing_are_refused(metric: Callable[..., float]) -> None:
    with pytest.raises(ValueError, match="undefined where every actual is zero"):
        metric([0.0, 0.0], [1.0, 2.0])


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("spoilt", [math.nan, math.inf, -math.inf])
def test_a_missing_value_is_an_error(name: str, spoilt: float) -> None:
    good = [1.0, 2.0, 3.0]
    for columns in ([[1.0, spoilt, 3.0], good], [good, [spoilt, 2.0, 3.0]]):
        with pytest.raises(ValueError, match="must be finite"):
            ALL[name](*columns)


@pytest.mark.parametrize("name", ALL)
def test_rows_must_be_as_many(name: str) -> None:
    with pytest.raises(ValueError, match="rows differ in number"):
        ALL[name]([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="rows differ in number"):
        ALL[name]([[1.0], [2.0]], [1.0, 2.0])


@pytest.mark.parametrize("name", ALL)
def test_no_rows_have_no_score(name: str) -> None:
    with pytest.raises(ValueError, match="at least one row"):
        ALL[name]([], [])


def test_inputs_are_left_as_they_are() -> None:
    actual, predicted = np.array([1.0, 2.0]), np.array([2.0, 2.0])
    for metric in ALL.values():
        metric(actual, predicted)
    assert actual.tolist() == [1.0, 2.0]
    assert predicted.tolist() == [2.0, 2.0]


@given(st.lists(KILOGRAMS, min_size=3, max_size=60), st.integers(1, 12))
def test_seasonal_scale_is_that_of_a_loop(series: list[float], season: int) -> None:
    changes = [abs(series[time] - series[time - season]) for time in range(season, len(series))]
    if not changes:
        with pytest.raises(ValueError, match="more than one season"):
            seasonal_scale(series, season)
    else:
        assert seasonal_scale(series, season) == pytest.approx(sum(changes) / len(changes))


@given(
    st.lists(st.tuples(KILOGRAMS, KILOGRAMS, KILOGRAMS), min_size=1, max_size=50),
    st.sampled_from([0.5, 0.8, 0.95]),
)
def test_an_interval_loses_what_lies_outside_of_it_and_a_little_for_its_width(
    rows: list[tuple[float, float, float]], level: float
) -> None:
    """Pinball loss of both ends is a quarter of what lies outside times the score of Gneiting and Raftery (2007)."""
    tail, scores = (1 - level) / 2, []
    for actual, one, other in rows:
        lower, upper = min(one, other), max(one, other)
        scores.append(upper - lower + (max(lower - actual, 0) + max(actual - upper, 0)) / tail)
    columns = zip(*((actual, min(ends), max(ends)) for actual, *ends in rows), strict=True)
    assert interval_pinball(*columns, level) == pytest.approx(sum(scores) / len(scores) * tail / 2)


@given(st.lists(st.tuples(KILOGRAMS, KILOGRAMS, KILOGRAMS), min_size=1, max_size=50))
def test_mase_is_that_of_a_loop(rows: list[tuple[float, float, float]]) -> None:
    expected = sum(abs(actual - predicted) / scale for actual, predicted, scale in rows) / len(rows)
    assert mase(*zip(*rows, strict=True)) == pytest.approx(expected)


def test_mase_of_the_seasonal_naive_forecast_on_its_own_history_is_one() -> None:
    series = np.random.default_rng(1).lognormal(3.0, 1.0, 40)
    scale = np.full(28, seasonal_scale(series, 12))
    assert mase(series[12:], series[:-12], scale) == pytest.approx(1.0)


def test_mase_needs_a_scale() -> None:
    with pytest.raises(ValueError, match="above zero"):
        mase([1.0, 2.0], [1.0, 2.0], [1.0, 0.0])


@given(PAIRS, st.floats(0.01, 0.99))
def test_pinball_is_that_of_scikit_learn(pairs: Pairs, quantile: float) -> None:
    actual, predicted = columns(pairs)
    assert pinball(actual, predicted, quantile) == pytest.approx(
        mean_pinball_loss(actual, predicted, alpha=quantile), abs=1e-9
    )
    assert pinball(actual, predicted, 0.5) == pytest.approx(mae(actual, predicted) / 2)


@pytest.mark.parametrize("quantile", [0.0, 1.0, 1.5])
def test_a_quantile_lies_between_0_and_1(quantile: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        pinball([1.0], [1.0], quantile)


def test_skill_is_lost_by_what_is_worse_than_its_baseline() -> None:
    assert skill(3.0, 2.0) == -0.5
    with pytest.raises(ValueError, match="without error"):
        skill(1.0, 0.0)
