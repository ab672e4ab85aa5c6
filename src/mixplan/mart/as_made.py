"""What lots were really made of, beside what the recipe says."""

import pandas as pd

from mixplan.config.mart import AsMadeConfig

COLUMNS = [
    "product",
    "material_code",
    "listed_share",
    "made_share",
    "difference",
    "differs",
    "lots",
    "made_kg",
]


def recipes_as_made(
    lots: pd.DataFrame, lot_materials: pd.DataFrame, recipes: pd.DataFrame, config: AsMadeConfig
) -> pd.DataFrame:
    """The share of each material in a product, as listed and as made.

    The made share is the material's kilograms, extra additions counted, over all kilograms of the product's lots, each
    lot weighing 0.5^(age / half-life): heavy lots and recent ones count most. Age is the time from the lot's request to
    the newest request of all. Reworked lots are left out, as they go through production a second time.

    Args:
        lots: the mart's ``lots``.
        lot_materials: the mart's ``lot_materials``; lots that are not in ``lots`` do not count.
        recipes: the mart's ``recipes``.
        config: half-life, and the difference that is worth a warning.

    Returns:
        ``COLUMNS``, by product and material: shares of 1 (0 where only the other side names the material), ``differs``
        where they differ by more than the tolerance, and the number and weight of the product's lots. Only products
        with both a recipe and a lot have rows.

    An old lot of pure cement counts half as much as a new one with a tenth of water:

    >>> lots = pd.DataFrame({"lot_no": ["1", "2"], "split_no": "0", "product": "grout", "weight_kg": 100.0,
    ...                      "requested_on": pd.to_datetime(["2024-01-01", "2024-01-31"]), "is_rework": False})
    >>> used = pd.DataFrame({"lot_no": ["1", "2", "2"], "split_no": "0", "material_code": ["cement", "cement", "water"],
    ...                      "weight_kg": [100.0, 90.0, 8.0], "extra_kg": [0.0, 0.0, 2.0]})
    >>> recipes = pd.DataFrame({"product": "grout", "material_code": ["cement"], "share": [1.0]})
    >>> made = recipes_as_made(lots, used, recipes, AsMadeConfig(half_life_days=30.0, tolerance=0.05))
    >>> made["made_share"].round(4).tolist(), made["differs"].tolist()
    ([0.9333, 0.0667], [True, True])
    """
    shares = _made_shares(lots[~lots["is_rework"]], lot_materials, config.half_life_days)
    listed = recipes.groupby(["product", "material_code"])["share"].sum().rename("listed_share")
    counts = shares.groupby("product")[["lots", "made_kg"]].first()
    both = counts.index.intersection(pd.Index(recipes["product"]))
    rows = pd.concat([listed, shares["made_share"]], axis=1).fillna(0.0).sort_index().reset_index()
    rows = rows[rows["product"].isin(both)].merge(counts, left_on="product", right_index=True)
    rows["difference"] = rows["made_share"] - rows["listed_share"]
    rows["differs"] = rows["difference"].abs() > config.tolerance
    return rows[COLUMNS].reset_index(drop=True)


def _made_shares(lots: pd.DataFrame, lot_materials: pd.DataFrame, half_life_days: float) -> pd.DataFrame:
    """``made_share`` by product and material, with the number and weight of the product's lots."""
    lot = ["lot_no", "split_no"]
    used = lot_materials.merge(lots[[*lot, "product", "requested_on"]], on=lot)
    used["used_kg"] = used["weight_kg"] + used["extra_kg"]
    age_days = (lots["requested_on"].max() - used["requested_on"]).dt.days
    used["counted_kg"] = used["used_kg"] * 0.5 ** (age_days / half_life_days)
    totals = used.groupby("product").agg(whole_kg=("counted_kg", "sum"), made_kg=("used_kg", "sum"))
    totals["lots"] = used.drop_duplicates(lot).groupby("product").size()
    shares = used.groupby(["product", "material_code"])["counted_kg"].sum().reset_index()
    shares = shares.merge(totals, left_on="product", right_index=True)
    shares["made_share"] = shares["counted_kg"] / shares["whole_kg"]
    return shares.set_index(["product", "material_code"])[["made_share", "lots", "made_kg"]]
