"""However customers are numbered, each gets the same chance, segment and worth."""

from collections.abc import Callable
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mixplan.config.risk import RiskCandidate
from mixplan.customers.behaviour import behaviour
from mixplan.customers.buy_till_you_die import different, histories_of
from mixplan.customers.risk import RiskBacktest
from mixplan.customers.risk_scores import score_risk
from mixplan.customers.segments import find_segments
from mixplan.customers.worth import WorthStudy

FINAL = pd.Timestamp("2024-01-01")
DAY = pd.Timedelta(days=1)
CODES = [f"C{number:02}" for number in range(24)]
few = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
numbering = st.permutations(range(len(CODES))).map(
    lambda places: {code: f"{place:02}" for code, place in zip(CODES, places, strict=True)}
)


@pytest.fixture(scope="module")
def sales() -> pd.DataFrame:
    """Three years of twenty customers, some of whom fade, and twins: C20 to C23 are copies of C00 to C03."""
    rng, rows = np.random.default_rng(3), []
    for number, code in enumerate(CODES[:20]):
        day, interval = 0.0, rng.uniform(3.0, 9.0)
        while day < 1095.0:
            rows.append((FINAL - (1095 - int(day)) * DAY, code, f"P{rng.integers(5)}", 10.0 * (number % 4 + 1), 10.0))
            day += interval * (1.0 + 9.0 * (number % 3 == 0 and day > 500 + 20 * number)) * rng.gamma(4.0, 0.25)
    columns = ["sold_on", "customer_code", "product", "quantity_kg", "unit_price_krw"]
    own = pd.DataFrame(rows, columns=columns)
    twins = own[own["customer_code"].isin(CODES[:4])]
    twins = twins.assign(customer_code="C2" + twins["customer_code"].str[-1])
    return in_the_marts_order(pd.concat([own, twins], ignore_index=True))


def in_the_marts_order(sales: pd.DataFrame) -> pd.DataFrame:
    return sales.sort_values(["sold_on", "customer_code", "product"], ignore_index=True)


def renamed(sales: pd.DataFrame, numbers: dict[str, str]) -> pd.DataFrame:
    return in_the_marts_order(sales.assign(customer_code=sales["customer_code"].map(numbers)))


def assert_same(found: pd.DataFrame, other: pd.DataFrame, numbers: dict[str, str]) -> None:
    """Each customer's row is the same in both, and so are those of twins."""
    own = found.set_index("customer_code")
    theirs = other.set_index("customer_code").rename(index={number: code for code, number in numbers.items()})
    pd.testing.assert_frame_equal(theirs.loc[own.index], own, check_exact=True)
    known = [code for code in CODES[:4] if code in own.index]
    twins = own.loc["C2" + pd.Index(known).str[-1]]
    pd.testing.assert_frame_equal(twins.set_axis(known), own.loc[known].set_axis(known), check_exact=True)


@pytest.mark.parametrize("kind", get_args(get_args(RiskCandidate)[0]), ids=lambda kind: kind.__name__)
@few
@given(numbers=numbering)
def test_of_risk(sales, risk_config, kind, numbers):
    candidate = next(one for one in risk_config.candidates.values() if type(one) is kind)
    study, again = (RiskBacktest(rows, risk_config, 1) for rows in (sales, renamed(sales, numbers)))
    origin = FINAL - 120 * DAY
    found, other = study.backtest(candidate, [origin]), again.backtest(candidate, [origin])
    assert found["was_at_risk"].any()
    assert_same(found, other, numbers)
    assert score_risk(other) == pytest.approx(score_risk(found), rel=1e-12)


@few
@given(numbers=numbering)
def test_of_segments(sales, make_config: Callable, numbers):
    config = make_config(max_segments=4, bootstraps=5)
    frames = [behaviour(rows, FINAL, config).assign(at_risk=False) for rows in (sales, renamed(sales, numbers))]
    segments, again = (find_segments(frame, config, seed=7) for frame in frames)
    assert again.tried == {k: pytest.approx(of, rel=1e-9) for k, of in segments.tried.items()}
    columns = ["customer_code", "segment", "segment_profile", "action"]
    assert_same(segments.assign(frames[0])[columns], again.assign(frames[1])[columns], numbers)


@few
@given(numbers=numbering)
def test_of_worth(sales, risk_config, numbers):
    study, again = (WorthStudy(rows, risk_config.value, 1) for rows in (sales, renamed(sales, numbers)))
    assert study.earlier(FINAL)
    assert_same(study.worth(FINAL), again.worth(FINAL), numbers)


def test_equal_pasts_are_drawn_once(sales):
    histories = histories_of(sales, FINAL)
    once, places = different(histories)
    assert len(once) == 20
    pd.testing.assert_frame_equal(once.iloc[places].set_axis(histories.index), histories)


def test_among_equal_chances_the_larger_customer_is_called_first():
    """Eleven customers of one chance: the smallest is left out, whatever its number."""
    rows = pd.DataFrame({"customer_code": CODES[:11], "as_of": FINAL, "chance": 0.3, "was_at_risk": True})
    for order in (range(1, 12), reversed(range(1, 12))):
        scores = score_risk(rows.assign(value_promised=[float(value) for value in order]))
        assert scores["stake_top_10"] == sum(range(2, 12))
