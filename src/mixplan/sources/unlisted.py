"""Materials that recipes alone name: in a wide export, whatever stands in the header counts as one."""

import logging
from pathlib import Path

from pyarrow import parquet as pq

logger = logging.getLogger(__name__)
KNOWN = {
    "materials": "material_code",
    "products": "product_code",
    "purchases": "material_code",
    "lot_materials": "material_code",
    "stock_counts": "material_code",
}
"""Raw tables and columns that prove that something is a material; mixed goods go by their product code."""


def tell_unlisted(raw: Path) -> None:
    """Warn of materials of the raw recipes that no other raw table knows; not where no other table knows any."""
    known = {code for table, column in KNOWN.items() for code in _codes(raw / table, column)}
    unlisted = sorted(_codes(raw / "recipes", "material_code") - known)
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
