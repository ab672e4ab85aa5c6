"""Risk: its definition by hand, no look ahead, and customers of odd kinds."""

from typing import get_args

import numpy as np
import pandas as pd
import pytest

from mixplan.config.risk import RiskCandidate
from mixplan.customers.rhythm import rhythms, with_outcome
from mixplan.customers.risk import RiskBacktest, calibrate
from mixplan.customers.risk_reasons import reasons_of
from mixplan.customers.risk_scores import score_risk

AS_OF = pd.Timestamp("2024-01-01")
DAY = pd.Timedelta(days=1)


def planted(customers: int = 60, fading: int = 15, seed: int = 1) -> tuple[pd.DataFrame, set[str]]:
    """Three years of orders at each customer's own rhythm; some fade to a tenth of it over eight months, one by one."""
    rng, rows, faded = np.random.default_rng(seed), [], set()
    for customer in range(customers):
        code, interval, kilograms = f"C{customer:03}", rng.uniform(2.0, 6.0), rng.lognormal(7.0, 0.6)
        fades_on = rng.uniform(300.0, 1000.0) if customer < 2 * fading else np.inf
        day = rng.uniform(0.0, interval)
        while day < 1095.0:
            rows.append((pd.Timestamp("2022-01-03") + int(day) * DAY, code, f"P{rng.integers(6)}", kilograms, 10.0))
            slower = 1.0 + 9.0 * np.clip((day - fades_on) / 240.0, 0.0, 1.0)
            day += interval * slower * rng.gamma(4.0, 0.25)
        if np.isfinite(fades_on):
            faded.add(code)
    columns = ["sold_on", "customer_code", "product", "quantity_kg", "unit_price_krw"]
    return pd.DataFrame(rows, columns=columns), faded


@pytest.fixture(scope="module")
def plant() -> pd.DataFrame:
    return planted()[0]


ORIGINS = [pd.Timestamp(day) for day in ("2024-02-05", "2024-04-01", "2024-05-27", "2024-07-22")]


def test_definition_by_hand(make_sales, risk_config):
    """Every tenth day of a year promises 9.125 order days in 90; 4 are less than half of it, 5 are not."""
    days = [AS_OF - (10 * k + 1) * DAY for k in range(37)]
    for came, expected in ((4, True), (5, False)):
        after = [AS_OF + 10 * k * DAY for k in range(came)] + [AS_OF + 90 * DAY]
        sales = make_sales(*[(str(day.date()), "C1", "A", 5.0, 2.0) for day in [*days, *after]])
        (row,) = with_outcome(rhythms(sales, AS_OF, risk_config), sales, risk_config).itertuples()
        assert row.promised == pytest.approx(90 * 37 / 361)
        assert row.value_promised == pytest.approx(10 * 90 * 37 / 361)
        assert (row.came, row.was_at_risk) == (came, expected)


def test_the_definition_is_said(risk_config):
    assert "next 90 days hold less than 50%" in risk_config.definition()


def test_nothing_after_the_day_is_seen(plant, risk_config):
    """A sale with a date to come, and the day itself, change nothing."""
    future = plant.head(50).assign(sold_on=ORIGINS[0], quantity_kg=1e6)
    known = plant[plant["sold_on"] < ORIGINS[0]]
    seen = rhythms(pd.concat([known, future]), ORIGINS[0], risk_config)
    pd.testing.assert_frame_equal(seen, rhythms(known, ORIGINS[0], risk_config))


@pytest.mark.parametrize("kind", get_args(get_args(RiskCandidate)[0]), ids=lambda kind: kind.__name__)
def test_candidate_sees_no_outcome(plant, risk_config, kind):
    """Chances at a day stay when all that is later is gone."""
    candidate = next(one for one in risk_config.candidates.values() if type(one) is kind)
    found = RiskBacktest(plant, risk_config, 1).predict(candidate, ORIGINS[1]).set_index("customer_code")["chance"]
    known = plant[plant["sold_on"] < ORIGINS[1]]
    blind = RiskBacktest(known, risk_config, 1).predict(candidate, ORIGINS[1]).set_index("customer_code")["chance"]
    pd.testing.assert_series_equal(blind, found)
    assert found.between(0.0, 1.0).all()


def test_calibration_never_turns_the_order_and_knows_single_outcomes():
    scores = np.array([0.0, 1.0, 2.0, 3.0])
    rising = calibrate(scores, np.array([False, False, True, True])).chance(scores)
    assert (np.diff(rising) > 0).all()
    assert len(set(calibrate(scores, np.array([True, True, False, False])).chance(scores))) == 1
    assert calibrate(scores, np.zeros(4, bool)).chance(scores).tolist() == pytest.approx([1 / 6] * 4)


def test_reasons_are_words(make_sales, risk_config):
    days = [AS_OF - (10 * k + 95) * DAY for k in range(27)]
    sales = make_sales(*[(str(day.date()), "C1", "A", 5.0, 2.0) for day in days])
    (reason,) = reasons_of(rhythms(sales, AS_OF, risk_config), 90)
    assert reason.startswith("0% of its usual orders in the last 90 days")
    late = [AS_OF - (10 * k + 45) * DAY for k in range(32)]
    sales = make_sales(*[(str(day.date()), "C1", "A", 5.0, 2.0) for day in late])
    (reason,) = reasons_of(rhythms(sales, AS_OF, risk_config), 90)
    assert "the longest silence of the year (before: 10 days)" in reason
    assert "last order 45 days ago, usually every 11.1" in reason
    steady = make_sales(*[(str((AS_OF - (10 * k + 1) * DAY).date()), "C1", "A", 5.0, 2.0) for k in range(60)])
    assert reasons_of(rhythms(steady, AS_OF, risk_config), 90).tolist() == ["keeps its rhythm"]


def test_money_among_the_first_ten_by_hand():
    """Twelve customers; of three at risk, worth 6, 3 and 1, the ten with the highest chance hold the first two."""
    rows = pd.DataFrame({"customer_code": [f"C{number:02}" for number in range(12)], "as_of": AS_OF})
    rows = rows.assign(chance=np.linspace(0.9, 0.1, 12), value_promised=5.0, was_at_risk=False)
    rows.loc[[0, 9, 11], "was_at_risk"] = True
    rows.loc[[0, 9, 11], "value_promised"] = [6.0, 3.0, 1.0]
    scores = score_risk(rows)
    assert (scores["stake_top_10"], scores["stake_all"], scores["stake_share_top_10"]) == (9.0, 10.0, 0.9)
    calm = score_risk(rows.assign(was_at_risk=False))
    assert (calm["average_precision"], calm["stake_share_top_10"]) == (0.0, 0.0)
