"""Raw tables on disk as folders of parts, so that no more than one part is in memory."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from mixplan.artifacts.files import sha256_of
from mixplan.config.source import RAW_TABLES
from mixplan.mart.accounts import ORIGIN, MartError
from mixplan.mart.contracts import RAW_CONTRACTS, held

ONLY_PART = "all"
"""The part of a table that is not parted, and of one that the source lacks."""


@dataclass(frozen=True)
class RawPart:
    """One part of a raw table."""

    table: str
    path: Path | None
    """Its file; None where the source lacks the table."""

    @property
    def name(self) -> str:
        """The part's name, which its mart and quarantine share."""
        return self.path.stem if self.path else ONLY_PART

    @property
    def sha256(self) -> str:
        """SHA-256 of its bytes; blank where the source lacks the table."""
        return sha256_of(self.path) if self.path else ""

    def read(self) -> pl.DataFrame:
        """The rows, with the columns in order.

        Raises:
            MartError: the file cannot be read, or breaks the contract of its raw table.
        """
        if self.path is None:
            return no_rows(self.table)
        try:
            return _checked(pl.read_parquet(self.path), self.table, self.path)
        except pl.exceptions.ComputeError as error:
            raise MartError(f"{self.path} cannot be read: {error}; run the ingest stage again") from None


def raw_parts(folder: Path, table: str) -> list[RawPart]:
    """The parts of a raw table in the order of their names, at least one.

    Raises:
        MartError: the table has no folder, so the raw tables are not those of this version.
    """
    if not (folder / table).is_dir():
        raise MartError(f"{folder / table} is missing: run the ingest stage again")
    return [RawPart(table, path) for path in sorted((folder / table).glob("*.parquet"))] or [RawPart(table, None)]


def read_raw(folder: Path, table: str) -> pl.DataFrame:
    """A whole raw table."""
    return pl.concat(part.read() for part in raw_parts(folder, table))


def no_rows(table: str) -> pl.DataFrame:
    """A raw table without a row."""
    return pl.DataFrame(schema={**dict.fromkeys([*RAW_TABLES[table], *ORIGIN], pl.String), "source_line": pl.Int64})


def _checked(part: pl.DataFrame, table: str, path: Path) -> pl.DataFrame:
    part = part.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    if part.is_empty():  # then a column may have been written without its type
        part = part.cast({name: dtype for name, dtype in no_rows(table).schema.items() if name in part.columns})
    return held(part, RAW_CONTRACTS[table], str(path), "run the ingest stage again").select(no_rows(table).columns)
