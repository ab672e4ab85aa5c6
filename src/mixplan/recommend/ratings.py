"""Ratings of products by customers, read off their purchases."""

from typing import NamedTuple

import pandas as pd

from mixplan.config.base import MixplanError
from mixplan.config.recommend import RatingConfig

LOWEST, HIGHEST = 1.0, 5.0
"""Ends of the rating scale."""


class NoRatingsError(MixplanError):
    """Nothing was bought in the window that ratings are taken over."""


class Split(NamedTuple):
    """Ratings to learn from and later ones to score, from windows of the same length."""

    train: pd.DataFrame
    test: pd.DataFrame


def ratings(sales: pd.DataFrame, since: pd.Timestamp, until: pd.Timestamp, config: RatingConfig) -> pd.DataFrame:
    """The rating of every product by every customer who bought it from ``since`` to before ``until``.

    With n order days of the product, s its share of the kilograms that the customer bought in the window, and d the
    days from its last order to ``until``::

        rating = 1 + 4 (frequency_weight n / (n + half_orders)
                        + share_weight s / (s + half_share)
                        + recency_weight 2 ** (-d / half_life_days))

    The weights add up to 1, so a rating lies between 1 and 5. It depends on no other customer, but it does on the
    length of the window: compare only ratings from windows of one length.

    A return (a quantity that is not above zero) is no order; it lessens the kilograms, of a product never below zero.
    What was only ever returned has no rating.

    Args:
        sales: the mart's ``sales``.
        since: first day that counts.
        until: first day that no longer counts.
        config: weights, and where each part counts a half.

    Returns:
        customer_code, product and rating (1 to 5), sorted by the first two, one row a pair.

    Raises:
        NoRatingsError: nothing was sold in the window.

    Five order days, 30 % of the customer's volume and a last order 30 days ago: 1 + 4 (0.5/2 + 0.25 * 3/4 + 0.25/2).

    >>> config = RatingConfig(frequency_weight=0.5, share_weight=0.25, recency_weight=0.25, half_orders=5.0,
    ...                       half_share=0.1, half_life_days=30.0)
    >>> days = ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01", "2024-05-02"]
    >>> sales = pd.DataFrame({"sold_on": pd.to_datetime([*days, "2024-05-02"]), "customer_code": "C",
    ...                       "product": ["A"] * 5 + ["B"], "quantity_kg": [6.0] * 5 + [70.0]})
    >>> ratings(sales, pd.Timestamp("2024-01-01"), pd.Timestamp("2024-06-01"), config)["rating"].tolist()[0]
    3.25
    """
    window = sales[(sales["sold_on"] >= since) & (sales["sold_on"] < until)]
    ordered = window[window["quantity_kg"] > 0]
    if ordered.empty:
        raise NoRatingsError(
            f"sales: none from {since.date()} to before {until.date()}, so there are no ratings; "
            "bring more history or shorten recommend.window_weeks"
        )
    own = ["customer_code", "product"]
    pairs = ordered.groupby(own, as_index=False).agg(orders=("sold_on", "nunique"), last_bought_on=("sold_on", "max"))
    kept = pairs[own].join(window.groupby(own)["quantity_kg"].sum().clip(lower=0.0), on=own)["quantity_kg"]
    total = kept.groupby(pairs["customer_code"]).transform("sum")
    share = (kept / total.where(total > 0)).fillna(0.0)
    days = (until - pairs["last_bought_on"]).dt.days
    liking = (
        config.frequency_weight * pairs["orders"] / (pairs["orders"] + config.half_orders)
        + config.share_weight * share / (share + config.half_share)
        + config.recency_weight * 0.5 ** (days / config.half_life_days)
    )
    return pairs[own].assign(rating=LOWEST + (HIGHEST - LOWEST) * liking)


def split(sales: pd.DataFrame, train_until: pd.Timestamp, test_until: pd.Timestamp, config: RatingConfig) -> Split:
    """Ratings split in time: the test window follows the train window and is as long.

    Args:
        sales: the mart's ``sales``.
        train_until: first day that the model may not know, and first day of the test window.
        test_until: first day after the test window.
        config: see ``ratings``.

    Raises:
        NoRatingsError: nothing was sold in one of the windows.
    """
    length = test_until - train_until
    return Split(
        train=ratings(sales, train_until - length, train_until, config),
        test=ratings(sales, train_until, test_until, config),
    )
