"""Customers, materials and products: what the other tables refer to."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from mixplan.mart.accounts import Cleaned
from mixplan.mart.clean import Sieve
from mixplan.mart.gazetteer import GAZETTEER, load_gazetteer
from mixplan.mart.product_names import parse_names


@dataclass(frozen=True)
class Known:
    """What accepted rows can be referred to; None where the source lacks the table."""

    customers: frozenset[str] | None
    materials: frozenset[str] | None
    """Listed materials, those that recipes name with any share, and product codes, as lots also use up mixed goods."""
    product_of: dict[str, str]
    """Product code to product."""
    excluded_lots: frozenset[tuple[str, str]]
    """Number and split of the lots that were taken out of production: nothing was used up for them."""


def clean_customers(sieve: Sieve) -> Cleaned:
    """Codes and company names."""
    code = sieve.code("customer_code")
    return sieve.finish(
        pd.DataFrame({"customer_code": code, "customer_name": sieve.text["customer_name"]}), ["customer_code"]
    )


def clean_materials(sieve: Sieve) -> Cleaned:
    """Codes and names of the raw materials."""
    code = sieve.code("material_code")
    return sieve.finish(
        pd.DataFrame({"material_code": code, "material_name": sieve.text["material_name"]}), ["material_code"]
    )


def clean_products(sieve: Sieve, products: Iterable[str]) -> Cleaned:
    """Product codes by the product of the recipes that their name starts with, and what else the name says."""
    code = sieve.code("product_code")
    parts = parse_names(sieve.filled("product_name"), products, load_gazetteer(GAZETTEER))
    sieve.refuse("unknown_product", parts["product"].isna() & (sieve.text["product_name"] != ""))
    return sieve.finish(parts.assign(product_code=code)[["product_code", *parts.columns]], ["product_code"])
