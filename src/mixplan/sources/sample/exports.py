"""Write the plant's exports as its systems would, with the defects that the ledger records."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from mixplan.config.simulation import SimulationConfig
from mixplan.sources.sample.defects import plant_defects
from mixplan.sources.sample.master_exports import master_sheets
from mixplan.sources.sample.order_exports import order_sheets
from mixplan.sources.sample.plant import Plant
from mixplan.sources.sample.randomness import generator
from mixplan.sources.sample.series_exports import series_sheets


def write_exports(plant: Plant, folder: Path, config: SimulationConfig, seed: int) -> pd.DataFrame:
    """Write every export below ``folder``.

    Args:
        plant: the truth.
        folder: made where it is missing; files of the same names are overwritten.
        config: the defect rates are used.
        seed: equal plants and seeds make equal bytes.

    Returns:
        The ledger, a row a planted defect: table (raw table), file (relative name), line (header is line 1),
        column (export header, empty for a whole row), kind, original, written.
    """
    masters = master_sheets(plant, generator(seed, "master exports"))
    orders = order_sheets(plant, generator(seed, "order exports"))
    ledgers = []
    for sheet in [*masters, *orders, *series_sheets(plant)]:
        rng = generator(seed, f"defects of {sheet.file}")
        frame, ledger = plant_defects(rng, config.defects, sheet.table, sheet.file, sheet.frame)
        replace(sheet, frame=frame).write(folder)
        ledgers.append(ledger)
    return pd.concat(ledgers).astype({"line": "int64"}).sort_values(["file", "line"]).reset_index(drop=True)
