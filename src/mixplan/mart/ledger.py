"""The rules and what they did, for people: counts by table and rule, and the rows that stayed out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl

from mixplan.artifacts.files import read_json
from mixplan.mart.accounts import ORIGIN, MartError
from mixplan.mart.rules import RULES


def read_metrics(path: Path) -> dict[str, Any]:
    """What the mart stage wrote as ``metrics/mart.json``.

    Raises:
        MartError: the file is missing, cannot be read, or is none of this version.
    """
    try:
        metrics: dict[str, Any] = read_json(path)
        rule_counts(metrics)
    except FileNotFoundError:
        raise MartError(f"{path} is missing: run `dvc repro mart` first") from None
    except OSError as error:
        raise MartError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, LookupError, TypeError, AttributeError):
        raise MartError(f"{path} is not what the mart stage writes: run `dvc repro -f mart`") from None
    return metrics


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
        MartError: nothing was written for the table, or it cannot be read.
    """
    paths = sorted((quarantine / table).glob("*.parquet"))
    if not paths:
        raise MartError(f"{quarantine / table} is missing: run the mart stage first")
    try:
        rows = pl.read_parquet(paths).sort(ORIGIN, maintain_order=True)
        broken = rows["rules"].unique().to_list()
        sentences = [" ".join(RULES[name].sentence for name in rules.split(",")) for rules in broken]
    except (OSError, pl.exceptions.PolarsError, KeyError) as error:
        what = str(error).splitlines()[0]
        raise MartError(
            f"{quarantine / table} is not what the mart stage writes ({what}): run `dvc repro -f mart`"
        ) from None
    told = rows.with_columns(sentences=rows["rules"].replace_strict(broken, sentences, return_dtype=pl.String))
    return told.select(
        *ORIGIN, "rules", "sentences", "duplicate_of", pl.exclude(*ORIGIN, "rules", "sentences", "duplicate_of")
    ).to_pandas()
