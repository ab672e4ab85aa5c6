"""Recipes: shares that add up to one, and materials that are mixed products themselves."""

from collections.abc import Mapping

import pandas as pd

from mixplan.mart import parse
from mixplan.mart.accounts import ORIGIN
from mixplan.mart.clean import Sieve
from mixplan.mart.product_names import split_names

EXACT = 1e-9
"""Shares that miss one by no more than this differ by floating point alone."""


def without_silent_cells(raw: pd.DataFrame) -> pd.DataFrame:
    """Raw recipes without the blank and zero shares, with which a wide export says that a material is not in a product.

    Of a product that has no material the first cell of its line stays, so that the line is accounted for.
    """
    share = parse.plain(raw["share"])
    silent = (share == "") | (parse.numbers(share) == 0)
    nothing = silent.groupby(raw["product"]).transform("all") & ~raw.duplicated(ORIGIN)
    return raw[~silent | nothing]


def read_recipes(sieve: Sieve) -> pd.DataFrame:
    """Product, material and share on the index of the raw rows; shares of a product within the tolerance are scaled.

    A recipe with one unreadable share is refused whole: scaling the others would drop a material silently.
    """
    product, material = sieve.filled("product"), sieve.code("material_code")
    share = sieve.number("share")
    sieve.refuse("negative_quantity", share <= 0)
    total = share.mask(sieve.duplicate).groupby(product).transform("sum")
    unreadable = (~(share > 0)).groupby(product).transform("any")
    miss = (total - 1).abs()
    sieve.refuse("shares_not_100", unreadable | (miss > sieve.config.recipe_share_tolerance))
    scaled = share.where(miss <= EXACT, share / total)
    reason = "the shares of " + product + " add up to " + total.round(9).astype(str)
    sieve.correct("shares_scaled", "share", miss > EXACT, old=share, new=scaled, reason=reason)
    return pd.DataFrame({"product": product, "material_code": material, "share": scaled})


def add_components(
    sieve: Sieve, recipes: pd.DataFrame, product_of: Mapping[str, str], names: Mapping[str, str]
) -> pd.DataFrame:
    """Recipes with ``component_product``: the product that a material is, None for a raw material.

    Args:
        sieve: where links that would make a product part of itself are logged as corrected.
        recipes: what ``read_recipes`` returned.
        product_of: product code to product.
        names: names of the material codes that the plant does not list as raw materials.
    """
    named = pd.Series(names, dtype=object)
    component_of = split_names(named, set(product_of.values()))["product"].dropna().to_dict() | dict(product_of)
    found = [component_of.get(code) for code in recipes["material_code"]]
    component = pd.Series(found, index=recipes.index, dtype=object)
    links = recipes.assign(component_product=component)[sieve.kept & component.notna()]
    looping = pd.Series(recipes.index.isin(_looping_links(links)), index=recipes.index)
    reason = recipes["product"] + " would be part of itself; the material counts as a raw material here"
    sieve.correct(
        "recipe_cycle", "component_product", looping, old=component, new=component.mask(looping, ""), reason=reason
    )
    return recipes.assign(component_product=component.mask(looping, None))


def _looping_links(links: pd.DataFrame) -> list[int]:
    """Links that close a cycle when links are laid from the largest share to the smallest."""
    parts: dict[str, set[str]] = {}

    def contains(whole: str, part: str) -> bool:
        return whole == part or any(contains(inner, part) for inner in parts.get(whole, ()))

    looping = []
    for link in links.sort_values(["share", "product", "material_code"], ascending=[False, True, True]).itertuples():
        product, component = str(link.product), str(link.component_product)
        if contains(component, product):
            looping.append(int(str(link.Index)))
        else:
            parts.setdefault(product, set()).add(component)
    return looping
