"""Reading a mart table back: only what keeps its contract."""

from pathlib import Path

import pandas as pd

from mixplan.mart.accounts import MartError
from mixplan.mart.contracts import CONTRACTS, checked


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """One table of the mart.

    Args:
        folder: where the mart stage wrote its tables, ``data/mart``.
        name: a table of ``CONTRACTS``.

    Raises:
        MartError: the table is unknown or missing, or it breaks its contract.
    """
    if name not in CONTRACTS:
        raise MartError(f"the mart has no table {name!r}; it has {', '.join(CONTRACTS)}")
    path = folder / f"{name}.parquet"
    if not path.is_file():
        raise MartError(f"{path} is missing: run the mart stage first")
    return checked(name, pd.read_parquet(path))
