"""The rules and what they did, for people: counts by table and rule, and the rows that stayed out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl

from mixplan.mart.accounts import ORIGIN, MartError
from mixplan.mart.rules import RULES


def rule_counts(metrics: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the rules did, one row a table and rule: ``table``, ``rule``, ``outcome``, ``sentence`` and ``rows``.

    Args:
        metrics: the content of ``metrics/mart.json``.

    >>> rule_counts({"tables": {"sales": {"broken": {"blank_row": 2}, "corrections": {}}}})[0]["sentence"]
    'The row has no text in any column.'
    """
    counts = []
    for table, entry in metrics["tables"].items():
        for name, rows in {**entry["broken"], **entry["corrections"]}.items():
            rule = RULES[name]
            counts.append(
                {"table": table, "rule": name, "outcome": rule.outcome, "sentence": rule.sentence, "rows": rows}
            )
    return counts


def quarantined(quarantine: Path, table: str) -> pd.DataFrame:
    """The rows of a table that stayed out, in the order of the source.

    Args:
        quarantine: where the mart stage wrote them, ``data/quarantine``.
        table: a raw table.

    Returns:
        ``source_file``, ``source_line``, ``rules`` joined by commas, their ``sentences`` joined by blanks,
        ``duplicate_of``, and the raw columns.

    Raises:
        MartError: nothing was written for the table.
    """
    paths = sorted((quarantine / table).glob("*.parquet"))
    if not paths:
        raise MartError(f"{quarantine / table} is missing: run the mart stage first")
    rows = pl.read_parquet(paths).sort(ORIGIN, maintain_order=True)
    broken = rows["rules"].unique().to_list()
    sentences = [" ".join(RULES[name].sentence for name in rules.split(",")) for rules in broken]
    told = rows.with_columns(sentences=rows["rules"].replace_strict(broken, sentences, return_dtype=pl.String))
    return told.select(
        *ORIGIN, "rules", "sentences", "duplicate_of", pl.exclude(*ORIGIN, "rules", "sentences", "duplicate_of")
    ).to_pandas()
