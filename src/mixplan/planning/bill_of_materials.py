"""Recipes followed down to bought materials."""

import numpy as np
import pandas as pd

from mixplan.planning.errors import PlanningError
from mixplan.planning.tables import Values

_ENDLESS_STEPS = 2**20
"""After so many rounds of replacing mixed goods by their recipes, what is still mixed goes round for ever."""


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
    bought = _shares(recipes[~is_mixed], "material_code", products)
    mixed = _shares(recipes[is_mixed], "component_product", products)
    components = mixed.columns
    without = components.difference(products)
    if len(without):
        raise PlanningError(f"recipes: {', '.join(without)} is an ingredient but has no recipe; add its recipe")
    inner = mixed.loc[components].to_numpy()
    _check_that_it_ends(inner, components)
    of_components = np.linalg.solve(np.eye(len(components)) - inner, bought.loc[components].to_numpy())
    bill = bought + mixed.to_numpy() @ of_components
    unknown = sorted(set(not_stocked) - set(bill.columns))
    if unknown:
        raise PlanningError(f"plan.not_stocked: no recipe uses {', '.join(unknown)}; correct the code or take it out")
    return bill.drop(columns=list(not_stocked))


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
    needed = quantities.to_numpy() @ bill.loc[quantities.columns].to_numpy()
    return pd.DataFrame(needed, index=quantities.index, columns=bill.columns)


def _shares(recipes: pd.DataFrame, ingredient: str, products: pd.Index) -> pd.DataFrame:
    """Shares by product (all of them) and ingredient."""
    shares = recipes.pivot_table("share", "product", ingredient, aggfunc="sum", fill_value=0)
    return shares.reindex(products, fill_value=0.0).astype("float64")


def _check_that_it_ends(inner: Values, components: pd.Index) -> None:
    """Refuse mixed goods that come back to themselves undiminished (spectral radius of at least one)."""
    with np.errstate(over="ignore", invalid="ignore"):
        left = np.linalg.matrix_power(inner, _ENDLESS_STEPS).sum(axis=1)
    endless = components[~(left < 1e-6)]
    if len(endless):
        raise PlanningError(
            f"recipes: {', '.join(endless)} contain one another without end, so no bought material is ever reached; "
            "correct the recipes"
        )
