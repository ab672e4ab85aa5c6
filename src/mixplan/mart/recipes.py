"""Recipes: shares that add up to one, and materials that are mixed products themselves."""

from collections.abc import Mapping

import pandas as pd
import polars as pl

from mixplan.mart import parse, spellings
from mixplan.mart.accounts import ORIGIN
from mixplan.mart.clean import Sieve
from mixplan.mart.product_names import split_names

EXACT = 1e-9
"""Shares that miss one by no more than this differ by floating point alone."""


def without_silent_cells(raw: pl.DataFrame) -> pl.DataFrame:
    """Raw recipes without the blank and zero cells with which a line of a wide export says what is not in a product.

    Of a line that says nothing else the first cell stays, so that the line is accounted for. A long export has one cell
    a line, so all of its rows stay.
    """
    share = parse.plain(pl.col("share"))
    spelled = pl.coalesce(*spellings.numbers(share, "share").values(), share)
    silent = (share == "") | (parse.numbers(spelled) == 0).fill_null(value=False)
    nothing = silent.all().over(ORIGIN) & pl.struct(ORIGIN).is_first_distinct()
    return raw.filter(~silent | nothing)


def read_recipes(sieve: Sieve) -> pl.DataFrame:
    """Product, material and share, one row a raw row; shares of a product within the tolerance are scaled.

    A recipe with one row that stays out is refused whole: scaling the others would drop a material silently. A row that
    says that a material is not in the product is no loss.
    """
    recipes = pl.DataFrame(
        {
            "product": sieve.filled("product"),
            "material_code": sieve.code("material_code"),
            "share": sieve.optional_number("share"),
        }
    )
    sieve.filled("share")
    share = recipes["share"]
    absent = (share == 0).fill_null(value=False)
    sieve.refuse("absent_material", absent)
    sieve.refuse("negative_quantity", share < 0)
    first = recipes.select(pl.struct("product", "material_code").is_first_distinct()).to_series()
    sieve.refuse("key_repeated", ~first & ~sieve.duplicate)
    lost = ~sieve.kept & ~sieve.duplicate & ~absent
    rows = recipes.with_columns(lost=lost, counted=pl.when(~sieve.duplicate).then("share"))
    incomplete = rows.select(pl.col("lost").any().over("product")).to_series()
    total = rows.select(pl.col("counted").sum().over("product")).to_series()
    miss = (total - 1).abs()
    sieve.refuse("shares_not_100", incomplete | (miss > sieve.config.recipe_share_tolerance))
    scaled = recipes.select(pl.when(miss > EXACT).then(share / total).otherwise(share).alias("share")).to_series()
    reason = "the shares of " + recipes["product"] + " add up to " + total.round(9).cast(pl.String)
    sieve.correct("shares_scaled", "share", miss > EXACT, old=share, new=scaled, reason=reason)
    return recipes.with_columns(scaled)


def add_components(
    sieve: Sieve, recipes: pl.DataFrame, product_of: Mapping[str, str], names: Mapping[str, str]
) -> pl.DataFrame:
    """Recipes with ``component_product``: the product that a material is, null for a raw material.

    Args:
        sieve: where links that would make a product part of itself are logged as corrected.
        recipes: what ``read_recipes`` returned.
        product_of: product code to product.
        names: names of the material codes that the plant does not list as raw materials.
    """
    named = split_names(pd.Series(names, dtype=object), set(product_of.values()))["product"]
    component_of = named.dropna().to_dict() | dict(product_of)
    component = pl.Series([component_of.get(code) for code in recipes["material_code"]], dtype=pl.String)
    linked = recipes.with_columns(component_product=component).with_row_index("row")
    links = linked.filter(sieve.kept & component.is_not_null())
    looping = linked["row"].is_in(_looping_links(links))
    reason = recipes["product"] + " would be part of itself; the material counts as a raw material here"
    sieve.correct(
        "recipe_cycle",
        "component_product",
        looping,
        old=component,
        new=pl.repeat("", len(component), eager=True),
        reason=reason,
    )
    return linked.with_columns(component_product=pl.when(~looping).then("component_product")).drop("row")


def _looping_links(links: pl.DataFrame) -> list[int]:
    """The ``row`` of links that close a cycle when links are laid from the largest share to the smallest."""
    parts: dict[str, set[str]] = {}

    def contains(whole: str, part: str) -> bool:
        return whole == part or any(contains(inner, part) for inner in parts.get(whole, ()))

    looping = []
    by_share = links.sort("share", "product", "material_code", descending=[True, False, False])
    for row, product, component in by_share.select("row", "product", "component_product").iter_rows():
        if contains(component, product):
            looping.append(row)
        else:
            parts.setdefault(product, set()).add(component)
    return looping
