"""The products to offer to a customer, best first, each with its reason."""

from collections.abc import Sequence

import pandas as pd

from mixplan.config.base import MixplanError
from mixplan.recommend.model import Recommender

AVERAGES_ONLY = "customers on the whole rate it {score:.1f}"
"""The reason for a customer whom the model does not know."""


class UnknownCustomerError(MixplanError):
    """The customer has never bought anything."""


def catalogue(sales: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """What every customer has ever bought: with a model, all that a recommendation needs.

    Args:
        sales: the mart's ``sales``.
        until: first day that does not count.

    Returns:
        customer_code, product, orders (days with an order) and last_bought_on, sorted by the first two.
    """
    known = sales[sales["sold_on"] < until]
    return known.groupby(["customer_code", "product"], as_index=False).agg(
        orders=("sold_on", "nunique"), last_bought_on=("sold_on", "max")
    )


def recommend(
    model: Recommender, catalogue: pd.DataFrame, customer: str, count: int, new_only: bool = False
) -> pd.DataFrame:
    """The products that the model expects the customer to rate highest.

    Args:
        model: fitted; only products that it has ratings of are offered.
        catalogue: from ``catalogue``.
        customer: a customer_code.
        count: most products to return.
        new_only: leave out what the customer has ever bought.

    Returns:
        product, score (1 to 5) and reason, best first; equal scores by name.

    Raises:
        UnknownCustomerError: the catalogue has no purchase of this customer.
    """
    own = catalogue[catalogue["customer_code"] == customer]
    if own.empty:
        raise UnknownCustomerError(f"customer {customer!r} has bought nothing so far: check the customer code")
    bought = {
        str(product): _bought(orders, last)
        for product, orders, last in zip(own["product"], own["orders"], own["last_bought_on"], strict=True)
    }
    offered = [product for product in model.products if not (new_only and product in bought)]
    best = ranked(model, customer, offered).head(count)
    reasons = [
        bought.get(product) or _expected(model, customer, product, score)
        for product, score in zip(best["product"], best["score"], strict=True)
    ]
    return best.assign(reason=reasons)


def ranked(model: Recommender, customer: str, products: Sequence[str]) -> pd.DataFrame:
    """Products and their scores, best first; equal scores by name."""
    scored = pd.DataFrame({"product": products, "score": model.score(customer, products)})
    return scored.sort_values(["score", "product"], ascending=[False, True], ignore_index=True)


def _bought(orders: int, last: pd.Timestamp) -> str:
    return f"bought {'once' if orders == 1 else f'{orders} times'}, last {last.date()}"


def _expected(model: Recommender, customer: str, product: str, score: float) -> str:
    reason = model.reason if model.known(customer, product) else AVERAGES_ONLY
    return reason.format(score=score)
