"""Which lot serves which demand: every kilogram of a lot has one purpose."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.planning.tables import Integers, Values

ROUNDING_KG = 1e-3
"""What the solver may leave of a quantity that is none."""


def matched(supply_kg: npt.ArrayLike, demand_kg: npt.ArrayLike) -> tuple[Integers, Integers, Values]:
    """First come, first served: the pieces into which supplies and demands cut one another.

    Args:
        supply_kg: in the order in which they are used up.
        demand_kg: in the order in which they are served.

    Returns:
        Of each piece the position of its supply, that of its demand, and its kilograms; the pieces of what both have in
        common.

    >>> [found.tolist() for found in matched([5.0, 3.0], [2.0, 4.0])]
    [[0, 0, 1], [0, 1, 1], [2.0, 3.0, 1.0]]
    """
    supplied, demanded = (np.asarray(each, "float64").cumsum() for each in (supply_kg, demand_kg))
    if not supplied.size or not demanded.size:
        nothing = np.zeros(0, dtype="int64")
        return nothing, nothing, np.zeros(0)
    ends = np.unique(np.minimum(np.concatenate([supplied, demanded]), min(supplied[-1], demanded[-1])))
    kilograms = np.diff(ends, prepend=0.0)
    middle = (ends - kilograms / 2)[kilograms > ROUNDING_KG]
    kilograms = kilograms[kilograms > ROUNDING_KG]
    return np.searchsorted(supplied, middle), np.searchsorted(demanded, middle), kilograms


def peg(lots: pd.DataFrame, made_for: pd.DataFrame, demands: pd.DataFrame) -> pd.DataFrame:
    """The demands that each lot serves.

    Within a product, what is made in a bucket is for the kinds of demand that the plan has made it for, the most urgent
    first; and of each kind the demand that is needed first is served first.

    Args:
        lots: lot, product, bucket and quantity_kg, in the order in which they are made.
        made_for: product, bucket, kind and quantity_kg, the most urgent kind first; what it lacks of a bucket's lots is
            surplus.
        demands: see ``demands_of``; its index names them.

    Returns:
        lot, demand (its index; -1 for surplus) and quantity_kg.
    """
    groups = lots.groupby(["product", "bucket"], sort=True)
    own = dict(list(made_for.groupby(["product", "bucket"], sort=False)))
    parts = [_of_kinds(rows, own.get(key, made_for[:0])) for key, rows in groups]
    pieces = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["lot", "product", "kind", "kg"])
    found = [pd.DataFrame({"lot": [], "demand": [], "quantity_kg": []})]
    wanted = dict(list(demands.groupby(["product", "kind"], sort=False)))
    for key, rows in pieces.groupby(["product", "kind"], sort=True):
        own_demands = wanted.get(key, demands[:0])
        supply, served, kilograms = matched(rows["kg"], own_demands["quantity_kg"])
        lot = rows["lot"].to_numpy()
        found.append(pd.DataFrame({"lot": lot[supply], "demand": own_demands.index[served], "quantity_kg": kilograms}))
        left = rows["kg"].to_numpy() - np.bincount(supply, kilograms, len(rows))
        found.append(pd.DataFrame({"lot": lot, "demand": -1, "quantity_kg": left})[left > ROUNDING_KG])
    pegs = pd.concat(found, ignore_index=True).astype({"lot": "int64", "demand": "int64"})
    return pegs.groupby(["lot", "demand"])["quantity_kg"].sum().reset_index()


def _of_kinds(lots: pd.DataFrame, made_for: pd.DataFrame) -> pd.DataFrame:
    """The lots of a product in a bucket, cut by the kinds of demand that they are made for."""
    total = float(lots["quantity_kg"].sum())
    kinds = np.array([*made_for["kind"], "surplus"])
    amounts = np.append(made_for["quantity_kg"], max(total - made_for["quantity_kg"].sum(), 0.0))
    lot, kind, kilograms = matched(lots["quantity_kg"], amounts)
    cut = lots[["lot", "product"]].iloc[lot].reset_index(drop=True)
    return cut.assign(kind=kinds[kind], kg=kilograms)
