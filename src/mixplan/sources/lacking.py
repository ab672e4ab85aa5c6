"""What the platform does without where a source lacks a table; said once, as the source is read."""

import logging

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


def tell_lacking(table: str) -> None:
    """Warn that a source has no such table, and what follows."""
    logger.warning("%s: not in this source, so %s", table, WITHOUT[table])
