"""Production: the lots that were mixed for the orders, and what went into each."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixplan.config.simulation import Operations
from mixplan.sources.sample.catalogue import Catalogue
from mixplan.sources.sample.customers import Customers
from mixplan.sources.sample.randomness import Counts, Values

NAME_LENGTH = 14
"""The MES cuts the names of materials after as many characters."""


def material_frame(catalogue: Catalogue, customers: Customers) -> pd.DataFrame:
    """Materials by position: those bought, then the mixes of customers that other recipes use.

    Returns:
        material_code, material_name, is_listed, component_product (None where it is bought).
    """
    bought: list[tuple[str, str, bool, str | None]]
    bought = [(material.code, material.name, material.listed, None) for material in catalogue.materials]
    names = [product.name for product in catalogue.products]
    mixed: list[tuple[str, str, bool, str | None]] = []
    for mix in catalogue.mixes:
        own = customers.mixes[customers.mixes["product"] == names.index(mix)].iloc[0]
        spaced = own["product_name"].replace(mix, f"{mix} ", 1).replace("  ", " ")
        mixed.append((own["product_code"], spaced[:NAME_LENGTH], False, mix))
    columns = ["material_code", "material_name", "is_listed", "component_product"]
    return pd.DataFrame(bought + mixed, columns=columns).astype({"component_product": object})


def recipe_shares(catalogue: Catalogue) -> Values:
    """Share (products, materials) of every material in every product; each row adds to 1."""
    keys = [material.code for material in catalogue.materials] + list(catalogue.mixes)
    rows = [[product.recipe.get(key, 0.0) / 100.0 for key in keys] for product in catalogue.products]
    return np.array(rows, dtype=np.float64)


def simulate_lots(
    rng: np.random.Generator, work: Operations, orders: pd.DataFrame, days: pd.DatetimeIndex
) -> pd.DataFrame:
    """One lot for every order row, mixed a day or two before it is due and no later than the last day.

    Returns:
        The mart's lot columns, produced_day, and is_excluded: lots that were called off and used nothing.
    """
    count = len(orders)
    due = orders["due_day"].to_numpy()
    ordered = (orders["ordered_on"] - days[0]).dt.days.to_numpy()
    requested = np.maximum(np.maximum(due - rng.integers(0, 3, count), ordered), 0)
    produced = np.minimum(requested + (rng.random(count) < 0.07), due)
    lots = orders[["order_no", "split_no", "product_code", "product"]].rename(columns={"order_no": "lot_no"})
    lots["weight_kg"] = orders["quantity_kg"]
    lots["requested_on"] = days[0] + pd.to_timedelta(requested, unit="D")
    lots["produced_on"] = days[0] + pd.to_timedelta(produced, unit="D")
    lots.loc[rng.random(count) < work.undated_lots, "produced_on"] = pd.NaT
    lots["produced_day"] = produced
    lots["is_rework"], lots["is_excluded"] = rng.random(count) < work.reworked_lots, False
    lots = lots[lots["produced_day"] < len(days)]
    called_off = lots[rng.random(len(lots)) < work.excluded_lots]
    called_off = called_off.assign(lot_no=called_off["lot_no"] + "9", is_excluded=True)
    called_off["produced_on"] = pd.NaT
    return pd.concat([lots, called_off]).sort_values(["requested_on", "lot_no", "split_no"]).reset_index(drop=True)


@dataclass(frozen=True)
class LotMaterials:
    """What went into the lots: rows by lot, each lot's largest material first."""

    lot: Counts
    """Position of the lot."""
    material: Counts
    """Position of the material."""
    share_pct: Values
    weight_kg: Values
    extra_kg: Values
    """What the operator added to it by judgement."""


def simulate_lot_materials(
    rng: np.random.Generator, work: Operations, shares: Values, product: Counts, weight_kg: Values
) -> LotMaterials:
    """Mix every lot by its product's recipe, with the small changes that customers ask for.

    Args:
        rng: random numbers.
        work: how freely recipes are followed.
        shares: recipe shares (products, materials).
        product: product of every lot.
        weight_kg: weight of every lot.
    """
    order = np.argsort(-shares, axis=1, kind="stable")
    sizes = (shares > 0.0).sum(axis=1)[product]
    lot = np.repeat(np.arange(len(product)), sizes)
    first = np.cumsum(sizes) - sizes
    place = np.arange(len(lot)) - first[lot]
    material = order[product[lot], place]
    share = shares[product[lot], material] * rng.lognormal(0.0, work.recipe_noise, len(lot))
    share_pct = np.maximum(np.round(100.0 * share / np.bincount(lot, share)[lot], 2), 0.01)
    share_pct[first] += 100.0 - np.bincount(lot, share_pct)  # what rounding leaves goes to the largest share
    share_pct = np.round(share_pct, 2)
    added = rng.random(len(lot)) < work.extra_additions
    weight = np.round(share_pct / 100.0 * weight_kg[lot], 2)
    extra = np.where(added, np.round(weight * rng.uniform(0.01, 0.06, len(lot)), 1), 0.0)
    return LotMaterials(lot, material, share_pct, weight, extra)


def material_use(used: LotMaterials, produced_day: Counts, shares: Values, products: Counts, days: int) -> Values:
    """Use (days, bought materials) in kg; a mix counts as the materials of its own recipe.

    Args:
        used: what went into the lots.
        produced_day: day on which every lot was mixed.
        shares: recipe shares (products, materials); the last materials are the mixes.
        products: product of each mix.
        days: number of days.
    """
    use = np.zeros((days, shares.shape[1]))
    np.add.at(use, (produced_day[used.lot], used.material), used.weight_kg + used.extra_kg)
    bought = shares.shape[1] - len(products)
    return np.asarray(use[:, :bought] + use[:, bought:] @ shares[products, :bought], dtype=np.float64)
