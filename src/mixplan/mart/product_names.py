"""What a product's long name says: a product of the recipes, and for whom, for which site and with what remarks."""

import re
from collections.abc import Iterable

import pandas as pd

from mixplan.mart.gazetteer import Gazetteer
from mixplan.mart.name_parts import NameParts, parse_rest

COLUMNS = ["product", "brand", "grade", *NameParts._fields]


def parse_names(names: "pd.Series[str]", products: Iterable[str], gazetteer: Gazetteer) -> pd.DataFrame:
    """Take long names apart, which add customer, site and remarks to the product.

    Args:
        names: names as the plant writes them.
        products: names of the recipes.
        gazetteer: where sites lie, and which words are remarks.

    Returns:
        On the index of ``names``: ``product`` (the longest one that the name starts with, blanks ignored; None where
        none fits), ``brand`` (the letters that the product starts with), ``grade`` (the rest of the product) and the
        fields of ``NameParts``. Text is empty, and ``strength_pct`` NaN, where the name says nothing of it.

    >>> from mixplan.mart.gazetteer import GAZETTEER, load_gazetteer
    >>> names = pd.Series(["PEMA-HR1000가야(인천)", "ARE-580FX(50%)크로아티아P", "water"])
    >>> parsed = parse_names(names, ["PEMA-HR1000", "ARE-580FX"], load_gazetteer(GAZETTEER))
    >>> parsed[["product", "brand", "grade", "strength_pct"]].to_numpy().tolist()
    [['PEMA-HR1000', 'PEMA', 'HR1000', nan], ['ARE-580FX', 'ARE', '580FX', 50.0], [None, '', '', nan]]
    >>> parsed[["customer_text", "site_text", "region", "is_export", "remark"]].to_numpy().tolist()
    [['가야', '인천', '인천', False, ''], ['', '크로아티아', '', True, 'P'], ['', '', '', False, '']]
    """
    split = split_names(names, products)
    pairs = list(zip(split["product"], split["remark"], strict=True))
    known = {(product, rest): parse_rest(product or "", rest, gazetteer) for product, rest in set(pairs)}
    parts = pd.DataFrame([known[pair] for pair in pairs], columns=NameParts._fields, index=names.index)
    product = split["product"].fillna("").str.extract(r"^(?P<brand>[A-Za-z]*)[-\s]*(?P<grade>.*)$")
    types = {"strength_pct": "float64", "is_export": "bool"}
    return pd.concat([split["product"], product, parts], axis=1)[COLUMNS].astype(types)


def split_names(names: "pd.Series[str]", products: Iterable[str]) -> pd.DataFrame:
    """Split long names into the product and the rest.

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
