"""Items of answers as rows of a raw table."""

from collections.abc import Sequence

import pandas as pd

from mixplan.sources.services.parts import Item


def cell(item: Item, field: str) -> str:
    """A field as a text cell, blank where the item lacks it."""
    value = item.get(field)
    return "" if value is None else str(value).strip()


def as_table(rows: Sequence[Sequence[str | int]], columns: Sequence[str]) -> pd.DataFrame:
    """Rows that end in file and line as a raw table, like one that was read from an export."""
    frame = pd.DataFrame(rows, columns=[*columns, "source_file", "source_line"], dtype=object)
    return frame.astype({"source_line": "int64"})
