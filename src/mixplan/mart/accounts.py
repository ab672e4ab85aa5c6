"""What becomes of the rows of a raw table, and the law that none is lost."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from mixplan.config.base import MixplanError

ORIGIN = ["source_file", "source_line"]
CORRECTION_COLUMNS = ["table", *ORIGIN, "rule", "column", "old", "new", "reason"]


class MartError(MixplanError):
    """A mart table cannot be built or read."""


class AccountingError(MartError):
    """Rows were lost or made up on their way into the mart."""


@dataclass(frozen=True)
class Account:
    """Where the rows of a raw table went; each went to exactly one place."""

    read: int = 0
    accepted: int = 0
    """Rows of the mart that no correction touched."""
    corrected: int = 0
    quarantined: int = 0
    duplicates: int = 0

    def check(self, table: str) -> None:
        """Hold the law that every row read is somewhere.

        Raises:
            AccountingError: the four places do not add up to the rows read.
        """
        placed = self.accepted + self.corrected + self.quarantined + self.duplicates
        if placed != self.read:
            raise AccountingError(f"{table}: {self.read} rows were read but {placed} accounted for: {self}")

    def __add__(self, other: "Account") -> "Account":
        return Account(
            self.read + other.read,
            self.accepted + other.accepted,
            self.corrected + other.corrected,
            self.quarantined + other.quarantined,
            self.duplicates + other.duplicates,
        )


@dataclass(frozen=True)
class Faults:
    """How many rows of one export, or of all, have something wrong with them."""

    rows: int = 0
    """Rows that are not blank."""
    faulty: int = 0
    broken: Mapping[str, int] = field(default_factory=dict)
    """Rule that tells of a fault to the rows that broke it; a row counts under each of its rules."""
    examples: Mapping[str, str] = field(default_factory=dict)
    """The same rules to ``file:line`` of the first row that broke each."""

    def __add__(self, other: "Faults") -> "Faults":
        return Faults(
            self.rows + other.rows,
            self.faulty + other.faulty,
            _summed(self.broken, other.broken),
            {**other.examples, **self.examples},
        )


@dataclass(frozen=True)
class Tally:
    """The account of a table or a part of it, by rule and by export."""

    account: Account = field(default_factory=Account)
    broken: Mapping[str, int] = field(default_factory=dict)
    """Rule to the rows that broke it; a row counts under each of its rules."""
    corrections: Mapping[str, int] = field(default_factory=dict)
    """Rule to the values that it changed."""
    files: Mapping[str, Faults] = field(default_factory=dict)
    """What is wrong with the rows of each ``source_file``."""

    @property
    def faults(self) -> Faults:
        """What is wrong with the rows of all files."""
        return sum(self.files.values(), Faults())

    def __add__(self, other: "Tally") -> "Tally":
        files = sorted({*self.files, *other.files})
        return Tally(
            self.account + other.account,
            _summed(self.broken, other.broken),
            _summed(self.corrections, other.corrections),
            {name: self.files.get(name, Faults()) + other.files.get(name, Faults()) for name in files},
        )


def _summed(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {rule: one.get(rule, 0) + other.get(rule, 0) for rule in sorted({*one, *other})}


@dataclass(frozen=True)
class Cleaned:
    """What became of one raw table, or of one part of it."""

    frame: pl.DataFrame
    """Rows of the mart, sorted by their key."""
    quarantine: pl.DataFrame
    """Raw rows that stayed out, duplicates included: ``rules`` that each broke, joined by commas, ``duplicate_of``
    (``file:line`` of the row that it repeats, else blank), and the raw columns whole."""
    corrections: pl.DataFrame
    """One row a value that was corrected in a row of the mart: ``CORRECTION_COLUMNS``."""
    tally: Tally
