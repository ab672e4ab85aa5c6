"""Reading a mart table back: only what keeps its contract."""

from pathlib import Path

import pandas as pd
import polars as pl

from mixplan.mart.accounts import ORIGIN, MartError
from mixplan.mart.contracts import CONTRACTS, SORTED_BY, checked


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """One table of the mart, sorted by its key over all parts.

    Args:
        folder: where the mart stage wrote its tables, ``data/mart``.
        name: a table of ``CONTRACTS``.

    Returns:
        Text as objects, days as ``datetime64[ns]``, numbers as ``float64``; None, NaT and NaN where there is none.

    Raises:
        MartError: the table is unknown or missing, or it breaks its contract.
    """
    if name not in CONTRACTS:
        raise MartError(f"the mart has no table {name!r}; it has {', '.join(CONTRACTS)}")
    paths = sorted((folder / name).glob("*.parquet"))
    if not paths:
        raise MartError(f"{folder / name} is missing: run the mart stage first")
    parts = [checked(name, pl.read_parquet(path)) for path in paths]
    return pl.concat(parts).sort([*SORTED_BY[name], *ORIGIN], maintain_order=True).to_pandas()
