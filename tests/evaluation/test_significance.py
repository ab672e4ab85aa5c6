"""Leads over origins: against statsmodels, a textbook's arithmetic, and worlds where the truth is known."""

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from mixplan.evaluation.significance import Lead, OriginTest

LOSSES = st.lists(st.tuples(st.floats(0.0, 1e3), st.floats(0.0, 1e3)), min_size=2, max_size=30)


def lead(pairs: list[tuple[float, float]], overlap: int, level: float = 0.1) -> Lead:
    return OriginTest(overlap, level).lead(*zip(*pairs, strict=True))


@given(LOSSES, st.integers(1, 8))
def test_statistic_is_that_of_a_regression_on_a_constant_with_newey_west_errors(
    pairs: list[tuple[float, float]], overlap: int
) -> None:
    from statsmodels.api import OLS

    gains, count = np.array([other - own for own, other in pairs]), len(pairs)
    assume(overlap < count and np.ptp(gains) > 1e-3)
    fit = OLS(gains, np.ones(count)).fit(cov_type="HAC", cov_kwds={"maxlags": overlap - 1, "use_correction": False})
    assume(fit.bse[0] > 1e-6)
    correction = (count + 1 - 2 * overlap + overlap * (overlap - 1) / count) / count
    expected = stats.t.sf(fit.tvalues[0] * math.sqrt(correction), count - 1)
    found = lead(pairs, overlap)
    assert found.p_value == pytest.approx(expected, rel=1e-6, abs=1e-12)
    assert found.gain == pytest.approx(gains.mean(), abs=1e-9)


@given(LOSSES)
def test_windows_that_do_not_overlap_make_it_students_paired_test(pairs: list[tuple[float, float]]) -> None:
    own, other = zip(*pairs, strict=True)
    assume(np.ptp(np.subtract(other, own)) > 1e-3)
    found = lead(pairs, overlap=1, level=0.1)
    usual = stats.ttest_rel(other, own, alternative="greater")
    assert found.p_value == pytest.approx(usual.pvalue, rel=1e-6)
    ends = stats.ttest_rel(other, own).confidence_interval(0.8)
    assert (found.gain - found.margin, found.gain + found.margin) == pytest.approx((ends.low, ends.high), abs=1e-6)


@given(LOSSES, st.integers(1, 8), st.floats(0.01, 0.4))
def test_a_lead_counts_where_its_interval_leaves_zero_out(
    pairs: list[tuple[float, float]], overlap: int, level: float
) -> None:
    found = lead(pairs, overlap, level)
    assume(abs(found.gain - found.margin) > 1e-9)
    assert OriginTest(overlap, level).is_better(*zip(*pairs, strict=True)) is (found.gain - found.margin > 0)


@given(LOSSES, st.integers(1, 8))
def test_never_are_both_better_than_each_other(pairs: list[tuple[float, float]], overlap: int) -> None:
    there, back = lead(pairs, overlap), lead([(other, own) for own, other in pairs], overlap)
    assert there.p_value + back.p_value == pytest.approx(1.0)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_windows_that_all_overlap_are_no_evidence(count: int) -> None:
    found = lead([(1.0, 100.0 + origin) for origin in range(count)], overlap=4)
    assert found.p_value == 0.5
    assert found.margin == math.inf


@pytest.mark.parametrize(("other", "p_value"), [(1.0, 0.5), (2.0, 0.0), (0.5, 1.0)])
def test_a_lead_that_never_varies_is_sure(other: float, p_value: float) -> None:
    assert lead([(1.0, other)] * 6, overlap=2) == Lead(other - 1.0, 0.0, p_value)


@pytest.mark.parametrize(("origins", "step"), [(6, 8), (12, 8), (13, 4)])
def test_equal_models_seldom_beat_each_other_though_their_windows_overlap(origins: int, step: int) -> None:
    """Half of a gain is what happened in the window's 26 weeks, half is the origin's own: the truth is no gain at all.

    Student's test, and a bootstrap that draws origins one by one, would call about twice as many leads real.
    """
    rng, horizon, rounds = np.random.default_rng(1), 26, 1500
    test = OriginTest(overlap=-(-horizon // step), level=0.1)

    def gains() -> npt.NDArray[np.float64]:
        weeks = rng.normal(size=(origins - 1) * step + horizon)
        shared = [weeks[origin * step : origin * step + horizon].mean() for origin in range(origins)]
        return np.array(shared) + rng.normal(size=origins) / math.sqrt(horizon)

    worlds = [gains() for _ in range(rounds)]
    found = np.mean([test.is_better(np.zeros(origins), world) for world in worlds])
    student = np.mean([OriginTest(1, 0.1).is_better(np.zeros(origins), world) for world in worlds])
    assert found < 0.15 < student


def test_a_lead_in_every_season_is_found() -> None:
    rng = np.random.default_rng(2)
    own = rng.uniform(90.0, 110.0, 12)
    assert OriginTest(overlap=4, level=0.1).is_better(own, own + rng.uniform(5.0, 25.0, 12))


@pytest.mark.parametrize(
    ("own", "other", "message"),
    [([], [], "same origins"), ([1.0], [1.0, 2.0], "same origins"), ([1.0, math.nan], [1.0, 2.0], "finite")],
)
def test_losses_that_cannot_be_paired_are_refused(own: list[float], other: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        OriginTest(2, 0.1).lead(own, other)
