"""Recipes followed down to bought materials."""

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import spsolve

from mixplan.planning.errors import PlanningError
from mixplan.planning.tables import Integers, Values

_ROUNDING = 1e-9
"""Shares that add up to one are not always exactly one."""

_OTHER_UNIT = 10.0
"""Yields and additions make no kilogram of so many, or of so little: the recipe is in per cent, grams or tonnes."""


def bill_of_materials(recipes: pd.DataFrame, not_stocked: tuple[str, ...] = ()) -> pd.DataFrame:
    """Kilograms of each bought material in one kilogram of each product.

    With A the shares of mixed goods and B the shares of bought materials in each product, the bill M satisfies
    M = B + A M, so M = (I - A)^-1 B (the total requirement factors of Vazsonyi's Gozinto theorem, 1954). Only products
    that are themselves ingredients need the solution; all others take one product of matrices.

    Args:
        recipes: the mart's ``recipes``.
        not_stocked: materials that are never bought; they are left out.

    Returns:
        Index ``product``, one column a ``material_code``, both sorted.

    Raises:
        PlanningError: a mixed good has no recipe, mixed goods contain one another without end, or ``not_stocked``
            names a material that no recipe uses.

    Half of the grout is the paste, which is three parts cement to one part water:

    >>> recipes = pd.DataFrame({"product": ["grout", "grout", "paste", "paste"],
    ...                         "material_code": ["P1", "sand", "cement", "water"], "share": [0.5, 0.5, 0.75, 0.25],
    ...                         "component_product": ["paste", None, None, None]})
    >>> bill_of_materials(recipes).loc["grout"].to_dict()
    {'cement': 0.375, 'sand': 0.5, 'water': 0.125}
    """
    products = pd.Index(sorted(recipes["product"].unique()), name="product")
    is_mixed = recipes["component_product"].notna()
    bought, materials = _shares(recipes[~is_mixed], "material_code", products)
    mixed, components = _shares(recipes[is_mixed], "component_product", products)
    without = components.difference(products)
    if len(without):
        raise PlanningError(f"recipes: {', '.join(without)} is an ingredient but has no recipe; add its recipe")
    endless = endless_goods(recipes)
    if endless:
        raise PlanningError(
            f"recipes: {', '.join(endless)} contain one another without end, so no bought material is ever reached; "
            "correct the recipes"
        )
    shares = bought + mixed @ _of_components(bought, mixed, products.get_indexer(components))
    bill = pd.DataFrame(shares.toarray(), index=products, columns=materials)
    unknown = sorted(set(not_stocked) - set(materials))
    if unknown:
        raise PlanningError(f"plan.not_stocked: no recipe uses {', '.join(unknown)}; correct the code or take it out")
    return bill.drop(columns=list(not_stocked))


def plannable(recipes: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """Recipes from which materials can be reached, and why the other products cannot be planned.

    Returns:
        The recipes without the products that cannot be planned; and by product (or good) the reason.

    Raises:
        PlanningError: no product can be planned.

    >>> recipes = pd.DataFrame({"product": ["grout", "paste", "void"], "material_code": ["P1", "cement", "sand"],
    ...                         "share": [1.0, 1.0, 0.0], "component_product": ["putty", None, None]})
    >>> plannable(recipes)[1]
    {'void': 'its recipe sums to nothing', 'grout': 'it holds putty, which has no recipe'}
    """
    total = recipes.groupby("product")["share"].sum()
    reasons = dict.fromkeys(total.index[~(total > 0)], "its recipe sums to nothing")
    for product, kilograms in total[(total > _OTHER_UNIT) | ((total > 0) & (total < 1 / _OTHER_UNIT))].items():
        reasons[product] = f"its recipe takes {kilograms:,.3g} kg for a kilogram, so it is in another unit"
    endless = endless_goods(recipes)
    reasons |= {good: f"it is in a loop of recipes without end ({', '.join(endless)})" for good in endless}
    parts = recipes.dropna(subset=["component_product"])
    while True:
        is_lost = parts["component_product"].isin(reasons) | ~parts["component_product"].isin(total.index)
        more = parts[is_lost & ~parts["product"].isin(reasons)]
        if more.empty:
            break
        for product, good in zip(more["product"], more["component_product"], strict=True):
            why = "cannot be planned" if good in reasons else "has no recipe"
            reasons[product] = f"it holds {good}, which {why}"
    sound = recipes[~recipes["product"].isin(reasons)]
    if sound.empty:
        first = "; ".join(f"{product}: {reason}" for product, reason in sorted(reasons.items())[:3])
        raise PlanningError(f"recipes: no product can be planned ({first or 'there are none'}); correct the recipes")
    return sound, reasons


def explode(quantities: pd.DataFrame, bill: pd.DataFrame) -> pd.DataFrame:
    """Bought materials that quantities of products need.

    Args:
        quantities: any index (days or weeks), one column a product, kg.
        bill: see ``bill_of_materials``.

    Returns:
        The same index, one column a material, kg.

    Raises:
        PlanningError: a product has no recipe.

    >>> bill = pd.DataFrame({"cement": [0.375], "sand": [0.5]}, index=["grout"])
    >>> explode(pd.DataFrame({"grout": [1000.0, 400.0]}), bill).to_numpy().tolist()
    [[375.0, 500.0], [150.0, 200.0]]
    """
    unknown = quantities.columns.difference(bill.index)
    if len(unknown):
        raise PlanningError(f"recipes: no recipe for {', '.join(unknown)}; add one or leave the product out")
    # Most products hold few of the materials.
    shares = sparse.csr_matrix(bill.loc[quantities.columns].to_numpy())
    needed = (shares.T @ quantities.to_numpy().T).T
    return pd.DataFrame(needed, index=quantities.index, columns=bill.columns)


def endless_goods(recipes: pd.DataFrame) -> list[str]:
    """Mixed goods that come back to themselves undiminished, sorted.

    Goods that contain one another are a strongly connected part of the graph of recipes; what goes once around it is
    left over, and goes round again. That ends where the part's shares have a spectral radius below one.
    """
    parts = recipes.dropna(subset=["component_product"])
    goods = pd.Index(sorted({*parts["product"], *parts["component_product"]}), name="product")
    inner, components = _shares(parts, "component_product", goods)
    square = inner @ sparse.csr_matrix(
        (np.ones(len(components)), (range(len(components)), goods.get_indexer(components))),
        shape=(len(components), len(goods)),
    )
    _, part = connected_components(square, connection="strong")
    loops = [np.flatnonzero(part == number) for number in np.flatnonzero(np.bincount(part) > 1)]
    loops += [np.array([good]) for good in np.flatnonzero(square.diagonal())]
    return sorted({goods[good] for loop in loops if _is_endless(square[loop][:, loop].toarray()) for good in loop})


def _of_components(bought: sparse.csr_matrix, mixed: sparse.csr_matrix, own: Integers) -> sparse.csr_matrix:
    """Bought materials in mixed goods, by the row of each among all products: (I - A)^-1 B."""
    of_own = bought[own].tocsc()
    if not of_own.nnz:
        return of_own.tocsr()
    solved = spsolve((sparse.identity(len(own)) - mixed[own]).tocsc(), of_own)
    return sparse.csr_matrix(solved).reshape(of_own.shape)  # of one column it makes a vector


def _is_endless(shares: Values) -> bool:
    return bool(np.abs(np.linalg.eigvals(shares)).max() > 1 - _ROUNDING)


def _shares(recipes: pd.DataFrame, ingredient: str, products: pd.Index) -> tuple[sparse.csr_matrix, pd.Index]:
    """Shares by product (all of them) and ingredient, and the ingredients in their order."""
    codes = pd.Index(sorted(recipes[ingredient].unique()), name=ingredient)
    cells = (products.get_indexer(pd.Index(recipes["product"])), codes.get_indexer(pd.Index(recipes[ingredient])))
    shares = recipes["share"].to_numpy(dtype="float64")
    return sparse.csr_matrix((shares, cells), shape=(len(products), len(codes))), codes
