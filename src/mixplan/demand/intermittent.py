"""What products that are sold only now and then sell in a mean week.

The same weeks of earlier years say little of them, and a mean over a year as much of what has ended as of what goes on.
The method of Teunter, Syntetos and Babai smooths what a sale brings and how often there is one, each by itself, and
weeks without sales count, so that a product that dies out fades (Intermittent demand: linking forecasting to inventory
obsolescence, European Journal of Operational Research 214, 2011). It came out of that of Croston (1972), which looks at
its rate only when there is a sale.
"""

import pandas as pd

LONGEST_INTERVAL = 1.32
"""Mean weeks from one week with sales to the next, above which demand is intermittent or, where its amounts vary much,
lumpy (Syntetos, Boylan and Croston, On the categorization of demand patterns, Journal of the Operational Research
Society 56, 2005)."""
INTERVAL_WEEKS = 104
AMOUNT_SMOOTHING, SHARE_SMOOTHING = 0.02, 0.05
"""Weights of the newest week with sales in their mean amount, and of the newest week in the share of such weeks."""


def intermittent_level(past: pd.DataFrame) -> pd.Series:
    """Kilograms of a mean week to come of those products that are sold now and then.

    Args:
        past: weekly demand up to an origin, see ``weekly_demand``, of products that were sold at least once.

    Returns:
        Index product, of those whose weeks with sales since their first one, in the last two years, are further apart
        than ``LONGEST_INTERVAL``.

    >>> past = pd.DataFrame({"often": [1.0] * 8, "rare": [0.0, 8.0, 0.0, 0.0, 0.0, 4.0, 0.0, 0.0]})
    >>> amount, share = 0.98 * 8 + 0.02 * 4, (0.95**4 + 0.05) * 0.95**2
    >>> round(float(intermittent_level(past)["rare"]), 6) == round(amount * share, 6)
    True
    """
    sold = past > 0
    known = sold.where(sold.cummax())
    rare = known.columns[known.iloc[-INTERVAL_WEEKS:].mean() < 1 / LONGEST_INTERVAL]
    amount = past[rare].where(sold[rare]).ewm(alpha=AMOUNT_SMOOTHING, adjust=False, ignore_na=True).mean()
    share = known[rare].astype("float64").ewm(alpha=SHARE_SMOOTHING, adjust=False).mean()
    return amount.iloc[-1] * share.iloc[-1]
