"""What a customer's own rhythm promises, what became of it, and what could be seen of it beforehand."""

import numpy as np
import pandas as pd

from mixplan.config.risk import RiskConfig

FEATURES = (
    "overdue",
    "silence",
    "interval",
    "lately",
    "before",
    "same_season",
    "volume",
    "breadth",
    "tenure",
)
"""What a model of risk sees of a customer: ratios to the customer's own usual, so that size plays no part."""
FOUND = ["customer_code", "as_of", "promised", "value_promised", *FEATURES]


def rhythms(sales: pd.DataFrame, as_of: pd.Timestamp, config: RiskConfig) -> pd.DataFrame:
    """The rhythm of every customer that has one on a day, from sales before that day alone.

    A day counts as an order day when something was delivered: returns (quantities not above zero) are no orders.

    Args:
        sales: the mart's ``sales``.
        as_of: first day that is not known.
        config: what a rhythm is.

    Returns:
        Sorted by customer_code: customer_code, as_of, promised (order days in the next ``horizon_days``),
        value_promised (what these would be worth at the usual value, in KRW where all is priced, otherwise kg) and:

        - overdue: days since the last order over the usual interval
        - silence: days since the last order over the longest gap within ``rhythm_days``
        - interval: usual days between orders
        - lately, before: order days of the last ``horizon_days``, and of those before them, over what is promised
        - same_season: order days in the coming days' place of last year over what is promised; 1 if unknown
        - volume: kilograms of the last ``horizon_days`` over the usual
        - breadth: different products of the last ``horizon_days`` over those of ``rhythm_days``
        - tenure: days since the first order
    """
    known = sales[(sales["sold_on"] < as_of) & (sales["quantity_kg"] > 0)]
    known = known.assign(age=(as_of - known["sold_on"]).dt.days, value=value_of(known))
    year = known[known["age"] <= config.rhythm_days]
    by_customer, horizon = year.groupby("customer_code"), config.horizon_days
    order_days = by_customer["age"].nunique()
    order_days = order_days[order_days >= config.min_order_days]
    index = order_days.index
    tenure = known.groupby("customer_code")["age"].max().reindex(index)
    observed = tenure.clip(lower=horizon, upper=config.rhythm_days)
    promised = horizon * order_days / observed

    def in_days(first: int, last: int, column: str, how: str) -> pd.Series:
        """Of the customer's sales that are ``first`` to ``last`` days old."""
        found = known[known["age"].between(first, last)].groupby("customer_code")[column].agg(how)
        return found.reindex(index, fill_value=0)

    recency = by_customer["age"].min().reindex(index)
    lately = in_days(1, horizon, "age", "nunique")
    last_year = in_days(365 - horizon + 1, 365, "age", "nunique") / promised
    frame = pd.DataFrame(
        {
            "as_of": as_of,
            "promised": promised,
            "value_promised": by_customer["value"].sum().reindex(index) * horizon / observed,
            "overdue": recency * order_days / observed,
            "silence": recency / _longest_gap(year).reindex(index),
            "interval": observed / order_days,
            "lately": lately / promised,
            "before": in_days(horizon + 1, 2 * horizon, "age", "nunique") / promised,
            "same_season": last_year.where(tenure >= 365, 1.0),
            "volume": in_days(1, horizon, "quantity_kg", "sum")
            / (by_customer["quantity_kg"].sum().reindex(index) * horizon / observed),
            "breadth": in_days(1, horizon, "product", "nunique") / by_customer["product"].nunique().reindex(index),
            "tenure": tenure,
        }
    )
    return frame.reset_index()[FOUND]


def with_outcome(rows: pd.DataFrame, sales: pd.DataFrame, config: RiskConfig) -> pd.DataFrame:
    """Rows of ``rhythms`` with what came: ``came`` (order days) and ``was_at_risk``, by the definition in conf/risk."""
    bought = sales[sales["quantity_kg"] > 0]
    parts = []
    for as_of, part in rows.groupby("as_of"):
        ahead = (bought["sold_on"] - pd.Timestamp(str(as_of))).dt.days
        after = bought[ahead.between(0, config.horizon_days - 1)]
        came = part["customer_code"].map(after.groupby("customer_code")["sold_on"].nunique()).fillna(0.0)
        parts.append(part.assign(came=came, was_at_risk=came < config.below_share * part["promised"]))
    return pd.concat(parts, ignore_index=True)


def value_of(sales: pd.DataFrame) -> pd.Series:
    """What each sale was worth: KRW where every sale has its price, otherwise kg for all."""
    is_priced = bool(sales["unit_price_krw"].notna().all())
    value: pd.Series = sales["quantity_kg"] * sales["unit_price_krw"] if is_priced else sales["quantity_kg"]
    return value


def _longest_gap(year: pd.DataFrame) -> pd.Series:
    """Most days between two order days, by customer; at least 1."""
    days = year[["customer_code", "age"]].drop_duplicates().sort_values(["customer_code", "age"])
    gaps = days.groupby("customer_code")["age"].diff()
    return gaps.groupby(days["customer_code"]).max().clip(lower=1.0).fillna(1.0)


def features_of(rows: pd.DataFrame) -> pd.DataFrame:
    """The features as models take them: log1p, since twice the usual is as far from it as half."""
    return rows[list(FEATURES)].astype("float64").apply(np.log1p)
