"""Behaviour of customers against SQL, and the laws that it obeys."""

import math
import sqlite3
from collections.abc import Callable

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixplan.config.customers import CustomersConfig
from mixplan.customers.behaviour import NoSalesError, behaviour

AS_OF = pd.Timestamp("2024-06-03")
WINDOW_DAYS = 100
COLUMNS = [
    "customer_code",
    "recency_days",
    "frequency",
    "monetary",
    "monetary_unit",
    "products",
    "mean_interval_days",
    "overdue_ratio",
    "price_level",
    "seasonality",
    "trend",
]
SQL = """
WITH known AS (SELECT * FROM sales WHERE sold_on < :as_of),
     in_window AS (SELECT * FROM known WHERE julianday(:as_of) - julianday(sold_on) <= :window_days),
     days AS (SELECT DISTINCT customer_code, sold_on FROM known),
     gaps AS (SELECT customer_code, julianday(sold_on)
                     - julianday(lag(sold_on) OVER (PARTITION BY customer_code ORDER BY sold_on)) AS gap FROM days)
SELECT customer_code,
       (SELECT min(julianday(:as_of) - julianday(sold_on)) FROM known k WHERE k.customer_code = c.customer_code),
       (SELECT count(DISTINCT sold_on) FROM in_window w WHERE w.customer_code = c.customer_code),
       (SELECT coalesce(sum(quantity_kg * unit_price_krw), 0.0) FROM in_window w
        WHERE w.customer_code = c.customer_code),
       (SELECT count(DISTINCT product) FROM in_window w WHERE w.customer_code = c.customer_code),
       (SELECT avg(gap) FROM gaps g WHERE g.customer_code = c.customer_code)
FROM (SELECT DISTINCT customer_code FROM known) c ORDER BY customer_code
"""

few = settings(max_examples=40, deadline=None)
sale = st.tuples(
    st.integers(-20, 300).map(lambda days: str((AS_OF - pd.Timedelta(days=days)).date())),
    st.sampled_from(["C1", "C2", "C3"]),
    st.sampled_from(["A", "B"]),
    st.integers(1, 50).map(float),
    st.integers(100, 900).map(float),
)
known_sale = sale.filter(lambda row: row[0] < "2024-06-03")


@pytest.fixture(scope="session")
def window(make_config: Callable[..., CustomersConfig]) -> CustomersConfig:
    return make_config(window_days=WINDOW_DAYS)


@few
@given(rows=st.lists(sale, max_size=25), anchor=known_sale)
def test_equals_sql(make_sales, window, rows, anchor):
    sales = make_sales(anchor, *rows)
    frame = behaviour(sales, AS_OF, window)
    with sqlite3.connect(":memory:") as database:
        sales.assign(sold_on=sales["sold_on"].dt.strftime("%Y-%m-%d")).to_sql("sales", database, index=False)
        expected = database.execute(SQL, {"as_of": "2024-06-03", "window_days": WINDOW_DAYS}).fetchall()
    database.close()

    assert list(frame.columns) == COLUMNS
    assert frame["customer_code"].tolist() == [row[0] for row in expected]
    for found, (_, recency, frequency, value, products, interval) in zip(frame.itertuples(), expected, strict=True):
        assert found.recency_days == recency
        assert found.frequency == frequency
        if found.monetary_unit == "KRW":
            assert found.monetary == pytest.approx(value)
        assert found.products == products
        if interval is None:
            assert math.isnan(found.mean_interval_days)
            assert math.isnan(found.overdue_ratio)
        else:
            assert found.mean_interval_days == pytest.approx(interval)
            assert found.overdue_ratio == pytest.approx(recency / interval)


@few
@given(rows=st.lists(known_sale, min_size=1, max_size=20), days_earlier=st.integers(1, 400))
def test_older_purchase_never_changes_recency_nor_lowers_the_rest(make_sales, window, rows, days_earlier):
    first = min(pd.Timestamp(row[0]) for row in rows)
    older = (str((first - pd.Timedelta(days=days_earlier)).date()), "C1", "B", 5.0, 100.0)
    before = behaviour(make_sales(("2024-06-01", "C1", "A", 1.0, 100.0), *rows), AS_OF, window)
    after = behaviour(make_sales(("2024-06-01", "C1", "A", 1.0, 100.0), *rows, older), AS_OF, window)

    assert after["recency_days"].tolist() == before["recency_days"].tolist()
    assert (after[["frequency", "monetary", "products"]] >= before[["frequency", "monetary", "products"]]).all(
        axis=None
    )


@few
@given(rows=st.lists(known_sale, min_size=1, max_size=20), order=st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter_and_input_stays(make_sales, window, rows, order):
    sales = make_sales(*rows)
    copy = sales.copy(deep=True)
    frame = behaviour(sales, AS_OF, window)
    pd.testing.assert_frame_equal(sales, copy)
    order.shuffle(rows)
    pd.testing.assert_frame_equal(behaviour(make_sales(*rows), AS_OF, window), frame)


def test_knows_yesterday_but_not_the_day_itself(make_sales, window):
    sales = make_sales(("2024-06-02", "C1", "A", 3.0, 10.0), ("2024-06-03", "C1", "B", 9.0, 10.0))
    row = behaviour(sales, AS_OF, window).iloc[0]
    assert (row["recency_days"], row["frequency"], row["monetary"], row["products"]) == (1, 1, 30.0, 1)


def test_window_is_exactly_as_long_as_asked(make_sales, window):
    sales = make_sales(
        (str((AS_OF - pd.Timedelta(days=WINDOW_DAYS)).date()), "in", "A", 1.0, 1.0),
        (str((AS_OF - pd.Timedelta(days=WINDOW_DAYS + 1)).date()), "out", "A", 1.0, 1.0),
    )
    assert behaviour(sales, AS_OF, window)["frequency"].tolist() == [1, 0]


@pytest.mark.parametrize("prices", [(float("nan"), float("nan")), (10.0, float("nan"))], ids=["none", "some"])
def test_one_unpriced_sale_values_all_customers_in_kg(make_sales, window, prices):
    sales = make_sales(("2024-06-01", "C1", "A", 3.0, prices[0]), ("2024-06-01", "C2", "A", 4.0, prices[1]))
    frame = behaviour(sales, AS_OF, window)
    assert frame["monetary"].tolist() == [3.0, 4.0]
    assert frame["monetary_unit"].tolist() == ["kg", "kg"]


def test_unpriced_sale_before_the_window_does_not_matter(make_sales, window):
    sales = make_sales(("2023-01-01", "C1", "A", 3.0, float("nan")), ("2024-06-01", "C1", "A", 4.0, 10.0))
    row = behaviour(sales, AS_OF, window).iloc[0]
    assert (row["monetary"], row["monetary_unit"]) == (40.0, "KRW")


def test_returns_lower_the_value_and_are_no_orders(make_sales, window):
    sales = make_sales(
        ("2024-05-01", "C1", "A", 10.0, 5.0), ("2024-05-20", "C1", "A", -4.0, 5.0), ("2024-05-20", "C2", "A", -4.0, 5.0)
    )
    (row,) = behaviour(sales, AS_OF, window).itertuples()
    assert (row.customer_code, row.monetary, row.frequency, row.recency_days) == ("C1", 30.0, 1, 33)


def test_price_season_and_trend(make_sales, window):
    """C1 pays twice what C2 does and buys in spring alone; C2 buys evenly and more of late (the middle is 14 April)."""
    spring = [(f"2024-05-{day:02}", "C1", "A", 1.0, 20.0) for day in (1, 8)]
    even = [(day, "C2", "A", 1.0, 10.0) for day in ("2024-03-01", "2024-04-20")]
    frame = behaviour(make_sales(*spring, *even), AS_OF, window).set_index("customer_code")
    assert frame["price_level"].tolist() == pytest.approx([math.log(20 / 15), math.log(10 / 15)])
    assert frame["seasonality"].tolist() == [1.0, 0.5]
    assert frame["trend"].tolist() == pytest.approx([math.log(3.0), 0.0])


def test_nothing_known_is_an_error(make_sales, window):
    with pytest.raises(NoSalesError, match="none is dated before 2024-06-03"):
        behaviour(make_sales(("2024-06-03", "C1", "A", 1.0, 1.0)), AS_OF, window)
