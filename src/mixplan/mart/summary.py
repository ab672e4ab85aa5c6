"""The mart in numbers: accounts, rules broken, the days covered and what the source lacks."""

from dataclasses import asdict
from typing import Any

import pandas as pd

from mixplan.mart.build import Mart

DRIVERS = {
    "temperature_c": "weather",
    "humidity_pct": "weather",
    "rain_mm": "weather",
    "snow_cm": "weather",
    "construction_index": "construction",
}
"""What may move demand, and the table that has it."""


def summarise(mart: Mart) -> dict[str, Any]:
    """Accounts and rules by table, first and last day of sales, tables and drivers that the source lacks."""
    sold_on = mart.tables["sales"]["sold_on"]
    return {
        "tables": {table: _table(mart, table) for table in mart.tables},
        "first_sale": None if sold_on.empty else str(sold_on.min().date()),
        "last_sale": None if sold_on.empty else str(sold_on.max().date()),
        "lacking_tables": sorted(table for table, frame in mart.tables.items() if frame.empty),
        "lacking_drivers": sorted(name for name, table in DRIVERS.items() if mart.tables[table][name].isna().all()),
    }


def _table(mart: Mart, table: str) -> dict[str, Any]:
    broken = mart.quarantine[table]["rules"].str.split(",").explode()
    corrected = mart.corrections.loc[mart.corrections["table"] == table, "rule"]
    return {**asdict(mart.accounts[table]), "broken": _counts(broken), "corrections": _counts(corrected)}


def _counts(rules: pd.Series) -> dict[str, int]:
    return {str(rule): int(count) for rule, count in rules.value_counts().items()}
