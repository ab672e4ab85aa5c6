"""What becomes of the rows of a raw table, and the law that none is lost."""

from dataclasses import dataclass

import pandas as pd

from mixplan.config.base import MixplanError

ORIGIN = ["source_file", "source_line"]
CORRECTION_COLUMNS = ["table", *ORIGIN, "rule", "column", "old", "new", "reason"]


def no_corrections() -> pd.DataFrame:
    """A log without an entry, typed as any other."""
    return pd.DataFrame({name: pd.Series(dtype=object) for name in CORRECTION_COLUMNS}).astype({"source_line": "int64"})


class MartError(MixplanError):
    """A mart table cannot be built or read."""


class AccountingError(MartError):
    """Rows were lost or made up on their way into the mart."""


@dataclass(frozen=True)
class Account:
    """Where the rows of a raw table went; each went to exactly one place."""

    read: int
    accepted: int
    """Rows of the mart that no correction touched."""
    corrected: int
    quarantined: int
    duplicates: int

    def check(self, table: str) -> None:
        """Hold the law that every row read is somewhere.

        Raises:
            AccountingError: the four places do not add up to the rows read.
        """
        placed = self.accepted + self.corrected + self.quarantined + self.duplicates
        if placed != self.read:
            raise AccountingError(f"{table}: {self.read} rows were read but {placed} accounted for: {self}")


@dataclass(frozen=True)
class Cleaned:
    """What became of one raw table."""

    frame: pd.DataFrame
    """Rows of the mart, sorted by their key."""
    quarantine: pd.DataFrame
    """Raw rows that stayed out, duplicates included, with the ``rules`` that each broke, joined by commas."""
    corrections: pd.DataFrame
    """One row a value that was corrected in a row of the mart: ``CORRECTION_COLUMNS``."""
    account: Account
