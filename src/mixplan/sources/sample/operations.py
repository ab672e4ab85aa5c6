"""Mixing, buying and counting: the frames of the plant's operations."""

import numpy as np
import pandas as pd

from mixplan.sources.sample.customers import Customers
from mixplan.sources.sample.production import (
    LotMaterials,
    material_frame,
    material_use,
    recipe_shares,
    simulate_lot_materials,
    simulate_lots,
)
from mixplan.sources.sample.purchasing import count_stock, purchase_frame, simulate_stockroom
from mixplan.sources.sample.randomness import Values
from mixplan.sources.sample.scenario import Scenario


def simulate_operations(scenario: Scenario, customers: Customers, orders: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What follows from the orders: the plant's frames of materials, recipes, purchases, lots and stock."""
    config, catalogue, days, names = scenario.config, scenario.catalogue, scenario.days, scenario.product_names
    work = config.operations
    shares, materials = recipe_shares(catalogue), material_frame(catalogue, customers)
    lots = simulate_lots(scenario.rng("lots"), work, orders, days)
    mixed = lots[~lots["is_excluded"]].reset_index(drop=True)
    product, weight = pd.Index(names).get_indexer(pd.Index(mixed["product"])), mixed["weight_kg"].to_numpy()
    used = simulate_lot_materials(scenario.rng("lot materials"), work, shares, product, weight)
    of_mixes = np.array([names.index(mix) for mix in catalogue.mixes], dtype=np.int64)
    use = material_use(used, mixed["produced_day"].to_numpy(), shares, of_mixes, len(days))
    stockroom = simulate_stockroom(scenario.rng("stockroom"), work, catalogue, use, days)
    counts = count_stock(scenario.rng("counting"), work, catalogue, stockroom.stock_kg, days)
    kept = scenario.last_months(lots, "requested_on", config.production_months)
    entries = _lot_materials(used, mixed, materials, kept["requested_on"].min())
    return {
        "materials": materials[["material_code", "material_name", "is_listed"]],
        "recipes": _recipes(names, shares, materials),
        "purchases": purchase_frame(scenario.rng("purchase prices"), catalogue, stockroom.purchases, days),
        "lots": _remarked(kept.drop(columns="produced_day"), "work_remark", catalogue.lot_remarks, scenario),
        "lot_materials": _remarked(entries, "material_remark", catalogue.material_remarks, scenario),
        "stock_counts": scenario.last_months(counts, "counted_on", config.stock_count_months),
        "material_use": _use_frame(use, materials, days),
    }


def _remarked(frame: pd.DataFrame, column: str, remarks: tuple[str, ...], scenario: Scenario) -> pd.DataFrame:
    drawn = scenario.rng(column).choice(np.array(remarks, dtype=object), len(frame))
    return frame.assign(**{column: drawn})


def _recipes(names: list[str], shares: Values, materials: pd.DataFrame) -> pd.DataFrame:
    product, material = np.nonzero(shares)
    columns = materials.iloc[material][["material_code", "component_product"]].reset_index(drop=True)
    frame = columns.assign(product=np.array(names, dtype=object)[product], share=shares[product, material])
    return frame[["product", "material_code", "share", "component_product"]]


def _lot_materials(
    used: LotMaterials, lots: pd.DataFrame, materials: pd.DataFrame, first: pd.Timestamp
) -> pd.DataFrame:
    kept = (lots["requested_on"] >= first).to_numpy()[used.lot]
    keys = lots[["lot_no", "split_no"]].iloc[used.lot[kept]].reset_index(drop=True)
    names = materials[["material_code", "material_name"]].iloc[used.material[kept]].reset_index(drop=True)
    amounts = {column: getattr(used, column)[kept] for column in ("weight_kg", "share_pct", "extra_kg")}
    return pd.concat([keys, names], axis=1).assign(**amounts)


def _use_frame(use: Values, materials: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    codes = materials["material_code"].to_numpy()[: use.shape[1]]
    keys = {"date": np.repeat(days.to_numpy(), len(codes)), "material_code": np.tile(codes, len(days))}
    return pd.DataFrame({**keys, "use_kg": use.ravel()})
