"""Materials that recipes alone name: in a wide export, whatever stands in the header counts as one."""

import logging
from pathlib import Path

from pyarrow import parquet as pq

logger = logging.getLogger(__name__)
KNOWING = ("materials", "purchases", "lot_materials", "stock_counts")
"""Raw tables whose ``material_code`` proves that something is a material."""


def tell_unlisted(raw: Path) -> None:
    """Warn of materials of the raw recipes that no other raw table knows; not where no other table knows any."""
    known = {code for table in KNOWING for code in _codes(raw / table, "material_code")}
    mixed = _codes(raw / "products", "product_code")
    unlisted = sorted(_codes(raw / "recipes", "material_code") - known - mixed)
    if known and unlisted:
        logger.warning(
            "recipes: %s count as materials, and no other table knows them; name those that are none as personal "
            "headers of the map, which are dropped",
            ", ".join(unlisted),
        )


def _codes(folder: Path, column: str) -> set[str]:
    """What stands in a column, without the decimals of codes that went through a column of floats."""
    codes = pq.read_table(folder, columns=[column], read_dictionary=[column]).column(column).unique().to_pylist()
    return {code.strip().removesuffix(".0") for code in codes} - {""}
