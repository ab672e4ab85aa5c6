"""What products that are new would have sold before they were: as products of like recipes did, at their own scale."""

import numpy as np
import pandas as pd

LIKE_PRODUCTS = 6
NEW_WEEKS = 26
"""So many weeks after its first sale a product's own level is known well enough to be taken as it is."""


def distances(recipes: pd.DataFrame) -> pd.DataFrame:
    """How far recipes are apart: half the sum of absolute differences of shares, 0 for equal and 1 for nothing shared.

    Args:
        recipes: product, material_code and share.

    Returns:
        Products by products.

    >>> recipes = pd.DataFrame({"product": ["A", "A", "B"], "material_code": ["S", "T", "S"],
    ...                         "share": [0.25, 0.75, 1.0]})
    >>> float(distances(recipes).loc["A", "B"])
    0.75
    """
    shares = recipes.pivot_table(index="product", columns="material_code", values="share", aggfunc="sum", fill_value=0)
    found = shares.to_numpy(dtype=np.float64)
    apart = np.stack([np.abs(found - row).sum(axis=1) / 2 for row in found])
    return pd.DataFrame(apart, index=shares.index, columns=list(shares.index))


def before_first_sale(past: pd.DataFrame, apart: pd.DataFrame) -> pd.DataFrame:
    """History in which new products have a past.

    New is a product whose first sale was at most ``NEW_WEEKS`` weeks ago. Its earlier weeks become those of the
    products whose recipes are nearest to its own, scaled by what it sold since its first sale for each kilogram of
    theirs.

    Args:
        past: weekly demand up to an origin, see ``weekly_demand``.
        apart: from ``distances``; a new product without a recipe, or whose like products sold nothing since, stays as
            it is.
    """
    sold = past > 0
    first = sold.idxmax()[sold.any()]
    is_new = first > past.index[-1] - pd.Timedelta(weeks=NEW_WEEKS)
    filled = past.copy()
    for product in first.index[is_new & first.index.isin(apart.index)]:
        older = first.index[~is_new & first.index.isin(apart.index)]
        nearest = apart.loc[product, older].sort_values(kind="stable").index[:LIKE_PRODUCTS]
        like = past[nearest].sum(axis=1)
        since = past.index >= first[product]
        if like[since].sum() > 0:
            filled.loc[~since, product] = like[~since] * past.loc[since, product].sum() / like[since].sum()
    return filled
