"""One order, ten thousand orders, returns and dates to come: what risk, segments and worth make of each."""

import numpy as np
import pandas as pd
import pytest

from mixplan.customers.behaviour import behaviour
from mixplan.customers.rhythm import rhythms, with_outcome
from mixplan.customers.risk import RiskBacktest
from mixplan.customers.segments import find_segments
from mixplan.customers.worth import COLUMNS, WorthStudy

AS_OF = pd.Timestamp("2024-01-01")
DAY = pd.Timedelta(days=1)


def orders(code: str, days_ago: range, kilograms: float = 10.0) -> pd.DataFrame:
    rows = [(AS_OF - days * DAY, code, "A", kilograms, 10.0) for days in days_ago]
    return pd.DataFrame(rows, columns=["sold_on", "customer_code", "product", "quantity_kg", "unit_price_krw"])


PLAIN = pd.concat(
    [orders(f"C{number:02}", range(1 + number, 1000 + 20 * number, 3 + number), 10.0 + number) for number in range(12)]
)
"""Customers who keep their rhythms."""
ODD = {
    "one order": orders("one order", range(40, 41)),
    "ten thousand": pd.concat([orders("ten thousand", range(1, 1001), 1.0)] * 10),
    "returns": pd.concat([orders("returns", range(1, 1000, 4)), orders("returns", range(2, 1000, 4), -4.0)]),
    "kept": orders("kept", range(1, 1000, 4)),
    "only returned": orders("only returned", range(1, 1000, 4), -5.0),
    "to come": pd.concat([orders("to come", range(1, 1000, 4)), orders("to come", range(-900, 1), 1e6)]),
}


@pytest.fixture(scope="module")
def sales() -> pd.DataFrame:
    return pd.concat([PLAIN, *ODD.values()], ignore_index=True)


@pytest.fixture(scope="module")
def risk(sales, risk_config) -> pd.DataFrame:
    study = RiskBacktest(sales, risk_config, 1)
    return study.predict(risk_config.candidates["logistic"], AS_OF).set_index("customer_code")


@pytest.fixture(scope="module")
def customers(sales, config) -> pd.DataFrame:
    frame = behaviour(sales, AS_OF, config).assign(at_risk=False)
    return find_segments(frame, config, seed=7).assign(frame).set_index("customer_code")


@pytest.fixture(scope="module")
def worth(sales, risk_config) -> pd.DataFrame:
    return WorthStudy(sales, risk_config.value, 1).worth(AS_OF).set_index("customer_code")[COLUMNS]


def test_everyone_has_finite_numbers(risk, customers, worth):
    assert np.isfinite(risk.select_dtypes("number")).all(axis=None)
    assert np.isfinite(worth).all(axis=None)
    assert np.isfinite(customers[["recency_days", "frequency", "monetary", "price_level", "trend"]]).all(axis=None)
    assert ((worth["worth_low"] <= worth["worth_middle"]) & (worth["worth_middle"] <= worth["worth_high"])).all()


def test_one_order_is_no_rhythm_but_has_a_segment_and_a_worth(risk, customers, worth):
    assert "one order" not in risk.index
    assert customers.loc["one order", "segment_profile"]
    assert np.isnan(customers.loc["one order", "overdue_ratio"])
    assert worth.loc["one order", "worth_middle"] < worth.loc["kept", "worth_middle"]


def test_ten_orders_a_day_are_one_order_day(risk, customers):
    assert customers.loc["ten thousand", "frequency"] == 365
    assert risk.loc["ten thousand", "promised"] == pytest.approx(90.0)
    assert risk.loc["ten thousand", "chance"] < 0.5


def test_returns_are_no_orders_and_lessen_the_value_alone(risk, customers, worth):
    """Of ten kilograms each four came back: the rhythm is that of a customer who kept all."""
    own = risk.drop(columns=["as_of"])
    pd.testing.assert_series_equal(own.loc["returns"], own.loc["kept"], check_names=False)
    same = ["recency_days", "frequency", "mean_interval_days", "seasonality", "trend"]
    assert customers.loc["returns", same].tolist() == customers.loc["kept", same].tolist()
    kilograms = 10.0 * len(range(1, 366, 4)) - 4.0 * len(range(2, 366, 4))
    assert customers.loc["returns", "monetary"] == pytest.approx(10.0 * kilograms)
    assert worth.loc["returns"].tolist() == worth.loc["kept"].tolist()


def test_who_only_returned_has_no_row(risk, customers, worth):
    assert all("only returned" not in frame.index for frame in (risk, customers, worth))


def test_returns_are_no_outcome(sales, risk_config):
    """A customer who sends goods back for the next ninety days ordered nothing in them."""
    back = orders("C00", range(-89, 1), -5.0)
    known = pd.concat([sales[sales["sold_on"] < AS_OF], back], ignore_index=True)
    found = with_outcome(rhythms(known, AS_OF, risk_config), known, risk_config).set_index("customer_code")
    assert found.loc["C00", "came"] == 0.0
    assert found.loc["C00", "was_at_risk"]


def test_a_date_to_come_is_not_seen(sales, risk, customers, worth, risk_config, config):
    known = sales[sales["sold_on"] < AS_OF]
    study = RiskBacktest(known, risk_config, 1)
    blind = study.predict(risk_config.candidates["logistic"], AS_OF).set_index("customer_code")
    pd.testing.assert_frame_equal(blind, risk)
    frame = behaviour(known, AS_OF, config).set_index("customer_code")
    pd.testing.assert_frame_equal(frame, customers[frame.columns])
    pd.testing.assert_frame_equal(
        WorthStudy(known, risk_config.value, 1).worth(AS_OF).set_index("customer_code")[COLUMNS], worth
    )
