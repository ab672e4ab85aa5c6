"""What a product's long name comes down to: a product of the recipes, and a remark."""

import re
from collections.abc import Iterable

import pandas as pd


def split_names(names: "pd.Series[str]", products: Iterable[str]) -> pd.DataFrame:
    """Split long names, which add customer, site and remarks to the product.

    The product is the longest one that the name starts with, blanks ignored in both.

    Args:
        names: names as the plant writes them.
        products: names of the recipes.

    Returns:
        ``product`` (None where no product fits) and ``remark`` (the rest of the name), on the index of ``names``.

    >>> names = pd.Series(["PEMA-SR3000F  for slump Seongjin", "CSA 5000Seokjin", "water"])
    >>> split_names(names, ["PEMA-SR3000", "PEMA-SR3000F", "CSA5000"]).to_numpy().tolist()
    [['PEMA-SR3000F', 'for slump Seongjin'], ['CSA5000', 'Seokjin'], [None, '']]
    """
    by_spelling = {_spelling(product): product for product in sorted(products)}
    if not by_spelling:
        return pd.DataFrame({"product": None, "remark": ""}, index=names.index, dtype=object)
    longest_first = sorted(by_spelling, key=lambda spelling: (-len(spelling), spelling))
    alternatives = "|".join(r"\s*".join(map(re.escape, spelling)) for spelling in longest_first)
    parts = names.str.extract(rf"^\s*(?P<start>{alternatives})(?P<remark>.*)$", flags=re.DOTALL)
    product = [by_spelling.get(_spelling(start)) for start in parts["start"].fillna("")]
    return pd.DataFrame({"product": product, "remark": parts["remark"].fillna("").str.strip()}, dtype=object)


def _spelling(name: str) -> str:
    return "".join(name.split())
