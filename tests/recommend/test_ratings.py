"""Ratings against a naive loop, and the laws that they obey."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixplan.recommend.ratings import NoRatingsError, ratings, split

SINCE, UNTIL = pd.Timestamp("2024-01-01"), pd.Timestamp("2024-07-01")

few = settings(max_examples=40, deadline=None)
sale = st.tuples(
    st.integers(-60, 240).map(lambda days: str((SINCE + pd.Timedelta(days=days)).date())),
    st.sampled_from(["C1", "C2", "C3"]),
    st.sampled_from(["A", "B", "C"]),
    st.integers(1, 50).map(float),
)
sale_in_window = sale.filter(lambda row: "2024-01-01" <= row[0] < "2024-07-01")


def by_hand(rows, rule):
    """customer, product -> rating, one pair at a time."""
    window = [row for row in rows if "2024-01-01" <= row[0] < "2024-07-01"]
    found = {}
    for customer, product in {(row[1], row[2]) for row in window}:
        own = [row for row in window if row[1] == customer]
        pair = [row for row in own if row[2] == product]
        orders = len({row[0] for row in pair})
        share = sum(row[3] for row in pair) / sum(row[3] for row in own)
        days = min((UNTIL - pd.Timestamp(row[0])).days for row in pair)
        found[customer, product] = 1 + 4 * (
            rule.frequency_weight * orders / (orders + rule.half_orders)
            + rule.share_weight * share / (share + rule.half_share)
            + rule.recency_weight * 2 ** (-days / rule.half_life_days)
        )
    return found


def as_dict(frame):
    return {(row.customer_code, row.product): row.rating for row in frame.itertuples()}


@few
@given(rows=st.lists(sale, max_size=30), anchor=sale_in_window)
def test_equals_the_loop(make_sales, config, rows, anchor):
    frame = ratings(make_sales(anchor, *rows), SINCE, UNTIL, config.rating)
    assert list(frame.columns) == ["customer_code", "product", "rating"]
    assert as_dict(frame) == pytest.approx(by_hand([anchor, *rows], config.rating))
    assert frame["rating"].between(1.0, 5.0).all()
    assert list(as_dict(frame)) == sorted(as_dict(frame))


@few
@given(rows=st.lists(sale, max_size=20), anchor=sale_in_window)
def test_another_order_never_lowers_a_rating(make_sales, config, rows, anchor):
    day, customer, product, _ = anchor
    before = ratings(make_sales(anchor, *rows), SINCE, UNTIL, config.rating)
    after = ratings(make_sales(anchor, *rows, (day, customer, product, 5.0)), SINCE, UNTIL, config.rating)
    assert as_dict(after)[customer, product] >= as_dict(before)[customer, product]


@few
@given(rows=st.lists(sale, max_size=20), anchor=sale_in_window)
def test_other_customers_do_not_matter(make_sales, config, rows, anchor):
    alone = [row for row in [anchor, *rows] if row[1] == anchor[1]]
    together = as_dict(ratings(make_sales(anchor, *rows), SINCE, UNTIL, config.rating))
    expected = as_dict(ratings(make_sales(*alone), SINCE, UNTIL, config.rating))
    assert {pair: rating for pair, rating in together.items() if pair[0] == anchor[1]} == expected


@few
@given(past=st.lists(sale_in_window, min_size=1, max_size=15), later=st.integers(0, 181), other=st.integers(1, 9))
def test_split_never_looks_across_its_day(make_sales, config, past, later, other):
    """Train ratings stay when the future changes, test ratings when the past does."""
    test_until = pd.Timestamp("2024-12-30")
    future = (str((UNTIL + pd.Timedelta(days=later)).date()), "C1", "A", 7.0)
    parts = split(make_sales(*past, future), UNTIL, test_until, config.rating)
    other_future = split(make_sales(*past, future, ("2024-07-01", "C2", "B", 1.0)), UNTIL, test_until, config.rating)
    other_past = split(
        make_sales(*past, future, (past[0][0], "C1", "A", float(other))), UNTIL, test_until, config.rating
    )
    pd.testing.assert_frame_equal(other_future.train, parts.train)
    pd.testing.assert_frame_equal(other_past.test, parts.test)


def test_windows_are_of_one_length_so_that_one_habit_has_one_rating(make_sales, config):
    """Twenty weeks of the same Tuesday order, split in the middle; the order before the train window is left out."""
    days = [pd.Timestamp("2024-01-02") + pd.Timedelta(weeks=week) for week in range(-3, 20)]
    sales = make_sales(*[(str(day.date()), "C1", "A", 5.0) for day in days])
    train, test = split(sales, pd.Timestamp("2024-03-11"), pd.Timestamp("2024-05-20"), config.rating)
    pd.testing.assert_frame_equal(train, test)


def test_input_stays(make_sales, config):
    sales = make_sales(("2024-02-01", "C1", "A", 5.0), ("2024-02-03", "C1", "B", 2.0))
    copy = sales.copy(deep=True)
    ratings(sales, SINCE, UNTIL, config.rating)
    pd.testing.assert_frame_equal(sales, copy)


def test_nothing_bought_is_an_error(make_sales, config):
    with pytest.raises(NoRatingsError, match="none from 2024-01-01 to before 2024-07-01"):
        ratings(make_sales(("2024-07-01", "C1", "A", 5.0)), SINCE, UNTIL, config.rating)
