"""What the platform does without where a source lacks a table or a column; said once, as the source is read."""

import logging
from collections.abc import Iterator, Mapping, Sequence

from mixplan.config.source import RAW_TABLES, ColumnMap
from mixplan.sources.sheet import clean_header

logger = logging.getLogger(__name__)
WITHOUT = {
    "products": "no code leads to a product",
    "customers": "codes of customers are not checked, and have no names",
    "materials": "materials have no names",
    "recipes": "nothing can be planned",
    "sales": "nothing can be forecast",
    "orders": "plans go by the forecast alone",
    "purchases": "lead times and prices are assumed",
    "lots": "recipes are not compared with what was made",
    "lot_materials": "recipes are not compared with what was made",
    "stock_counts": "opening stock is assumed at the reorder point",
    "planner_forecasts": "forecasts are not compared with the planners' own",
    "weather": "demand is forecast without weather",
    "construction": "demand is forecast without construction starts",
}
"""By raw table."""
WITHOUT_COLUMN = {
    ("customers", "customer_name"): "customers have no names",
    ("materials", "material_name"): "materials have no names",
    ("sales", "unit_price_krw"): "customers are valued in kilograms",
    ("orders", "unit_price_krw"): "amounts of orders are not checked",
    ("purchases", "unit_price_krw"): "what is bought has no price",
    ("purchases", "received_on"): "lead times are assumed",
    ("purchases", "received_kg"): "nothing counts as received",
    ("lots", "lot_status"): "no lot is left out as taken out of production",
    ("lots", "lot_type"): "no lot is left out as made a second time",
    ("lot_materials", "step"): "equal additions to one lot count as duplicates",
    ("lot_materials", "material_name"): "mixed goods among the materials are not known by their name",
    ("lot_materials", "extra_kg"): "no extra addition is counted",
    ("weather", "temperature_c"): "temperature is not forecast, nor used to forecast demand",
    ("weather", "humidity_pct"): "humidity is not forecast, nor used to forecast demand",
    ("weather", "rain_mm"): "rain is not forecast, nor used to forecast demand",
    ("weather", "snow_cm"): "snow is not forecast, nor used to forecast demand",
}
"""By raw table and column that the mart can do without."""
BLANK = "its cells stay blank"
"""What follows from any other column."""


def tell_lacking(table: str) -> None:
    """Warn that a source has no such table, and what follows."""
    logger.warning("%s: not in this source, so %s", table, WITHOUT[table])


def tell_empty(table: str, places: Sequence[str]) -> None:
    """Warn that a table has no row in its exports, and what follows."""
    logger.warning("%s: no row in %s, so %s", table, ", ".join(places), WITHOUT[table])


def tell_columns(
    table: str, export: ColumnMap, missing: Mapping[str, Sequence[str]], unknown: Mapping[str, Sequence[str]]
) -> None:
    """Warn once of the columns that a table lacks, what follows, and which unknown headers may be theirs.

    Args:
        table: raw table.
        export: its map.
        missing: every file or table that was read, to the optional headers that it lacks.
        unknown: the same, to the headers that the map does not name.
    """
    if parts := list(_lacks(table, export, missing)):
        beside = sorted({header for place, headers in missing.items() if headers for header in unknown.get(place, ())})
        hint = f"; unknown there: {', '.join(beside)}" if beside else ""
        logger.warning("%s: %s%s", table, "; ".join(parts), hint)


def _lacks(table: str, export: ColumnMap, missing: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for header, column in export.optional_columns.items():
        places = [place for place, headers in missing.items() if clean_header(header) in headers]
        if places and len(places) == len(missing):
            yield f"no column {header}, so {WITHOUT_COLUMN.get((table, column), BLANK)}"
        elif places:
            yield f"no column {header} in {', '.join(places)}, so {BLANK} there"
    for column in RAW_TABLES[table]:
        if column not in export.raw_columns:
            yield f"no header for {column} in the map, so {WITHOUT_COLUMN.get((table, column), BLANK)}"
