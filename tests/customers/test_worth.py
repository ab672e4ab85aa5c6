"""The distribution of a customer's worth: held against customers who drift away from their past, and never ahead."""

import numpy as np
import pandas as pd
import pytest

from mixplan.customers.worth import COLUMNS, Drift, WorthStudy, _place

FINAL = pd.Timestamp("2024-01-01")
DAY = pd.Timedelta(days=1)


def drifting(customers: int = 60, years: int = 5, spread: float = 0.4) -> pd.DataFrame:
    """Orders of customers whose rate wanders: by one year's end it has changed by about exp(spread)."""
    rng, days = np.random.default_rng(5), 365 * years
    rows = []
    for customer in range(customers):
        steps = rng.normal(0.0, spread / np.sqrt(365.0), days).cumsum()
        orders = np.flatnonzero(rng.random(days) < 0.25 * np.exp(np.clip(steps, -3.0, 1.2)))
        rows += [
            (FINAL - (days - int(day)) * DAY, f"C{customer:02}", 100.0 * rng.lognormal(0.0, 0.2)) for day in orders
        ]
    frame = pd.DataFrame(rows, columns=["sold_on", "customer_code", "quantity_kg"])
    return frame.assign(product="A", unit_price_krw=10.0)


@pytest.fixture(scope="module")
def sales() -> pd.DataFrame:
    return drifting()


@pytest.fixture(scope="module")
def study(sales, risk_config) -> WorthStudy:
    return WorthStudy(sales, risk_config.value, 1)


def test_what_was_promised_holds_where_customers_drift(study, risk_config):
    """Futures of one rate for ever hold the truth far too seldom; what earlier days taught mends it."""
    days = [day for day in study.earlier(FINAL) if len(study.earlier(day)) >= 3]
    scores = study.score(days)
    assert len(days) >= 5
    assert scores["coverage"] == pytest.approx(0.8, abs=0.1)
    assert scores["below"] + scores["coverage"] + scores["above"] == pytest.approx(1.0)
    one_rate = [np.quantile(study._futures(day)[1], risk_config.value.quantiles, axis=1) for day in days]
    held = [
        ((low <= study.came(day)) & (study.came(day) <= high))
        for day, (low, _, high) in zip(days, one_rate, strict=True)
    ]
    assert np.concatenate(held).mean() < 0.6


def test_days_whose_year_ends_in_the_holdout_choose_nothing(study, risk_config):
    found = study.scores(FINAL - 182 * DAY, FINAL)
    tried = [day for day in study.earlier(FINAL) if study.earlier(day)]
    assert found["latest"] == study.score([FINAL - 365 * DAY])
    assert found["selection"]["days"] == sum(day + 365 * DAY <= FINAL - 182 * DAY for day in tried)
    assert found["selection"]["days"] < len(tried)


def test_nothing_after_the_day_is_seen(study, sales, risk_config):
    """The distribution of a day is the same when everything later is gone, the truths that calibrate included."""
    day = study.earlier(FINAL)[-1]
    blind = WorthStudy(sales[sales["sold_on"] < day], risk_config.value, 1).worth(day)
    pd.testing.assert_frame_equal(blind, study.worth(day))


def test_truths_of_earlier_days_were_known(study, risk_config):
    value = risk_config.value
    days = study.earlier(FINAL)
    assert max(days) + value.horizon_days * DAY == FINAL
    assert min(days) >= FINAL - (5 * 365 - value.history_days) * DAY
    assert set(np.diff(days)) == {value.step_days * DAY}


def test_without_earlier_days_futures_are_taken_as_drawn(sales, risk_config):
    short = sales[sales["sold_on"] >= FINAL - 400 * DAY]
    study = WorthStudy(short, risk_config.value, 1)
    assert study.earlier(FINAL) == []
    customers, drawn = study._futures(FINAL)
    expected = np.quantile(drawn, risk_config.value.quantiles, axis=1).T
    found = study.worth(FINAL).set_index("customer_code").loc[customers, COLUMNS]
    np.testing.assert_array_equal(found.to_numpy(), expected)
    assert study.score([]) == {"interval": pytest.approx(0.8), "days": 0.0}


def test_returns_lessen_what_came_and_never_below_nothing(sales, risk_config):
    day = FINAL - 365 * DAY
    back = pd.DataFrame({"sold_on": [day], "customer_code": ["C00"], "quantity_kg": [-1e9]})
    returned = pd.concat([sales, back.assign(product="A", unit_price_krw=10.0)], ignore_index=True)
    study = WorthStudy(returned, risk_config.value, 1)
    came = dict(zip(study._futures(day)[0], study.came(day), strict=True))
    assert came["C00"] == 0.0
    assert came["C01"] > 0.0


def test_drift_moves_and_place_counts_ties_half():
    drift = Drift(np.array([0.5]), np.array([0.0, 0.5, 1.0]))
    assert drift.quantiles(np.array([[2.0, 4.0, 6.0]]), 1).tolist() == [[1.0, 2.0, 3.0]]
    assert _place(np.array([[0.0, 0.0, 5.0, 9.0]]), np.array([0.0])).tolist() == [0.25]
