"""What every kind of file is read as: a header, and rows of text that come in batches."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa

from mixplan.config.base import MixplanError

BATCH_ROWS = 1 << 14
"""Rows that a reader in Python hands over at once."""


class SourceError(MixplanError):
    """The exports cannot be read as the map says."""


@dataclass(frozen=True)
class Rows:
    """Some rows of a sheet, in its order."""

    cells: dict[int, pa.StringArray]
    """Position of a header to the text below it, blank where the file has nothing and never null."""
    lines: pa.Int64Array
    """Line of the file on which each row begins; the header's is usually 1."""


@dataclass(frozen=True)
class Sheet:
    """A file as found: one header, and rows that are read only when asked for."""

    header: list[str]
    """Headers without surrounding blanks and quotes; they may repeat."""
    encoding: str
    """``utf-8``, ``utf-8-sig`` (with a mark) or ``cp949`` of a text; ``excel`` or ``parquet``."""
    read: Callable[[Sequence[int]], Iterator[Rows]]
    """Every row, batch by batch, with the cells at the given positions alone."""
    rows: int | None = None
    """Number of rows where the file tells it without being read."""


@contextmanager
def damage_told(what: str, advice: str) -> Iterator[None]:
    """Tell of a damaged file in one sentence: libraries check little, and meet it with any error that Python knows.

    Raises:
        SourceError: what the block ends in, but for errors of the system.
    """
    try:
        yield
    except SourceError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno:
            raise
        reason = str(error).partition("\n")[0].rstrip(".") or type(error).__name__
        raise SourceError(f"{what} ({reason}): {advice}") from None


def clean_header(header: str) -> str:
    """A header without surrounding blanks and quotes, and with single blanks inside.

    >>> clean_header(' "LOT  number" ')
    'LOT number'
    """
    return " ".join(header.strip(' \t\r\n"\ufeff').split())


def fitted(row: Sequence[str], width: int, line: int, name: str) -> Sequence[str]:
    """The row with as many cells as the header; only blank cells may be too many.

    Raises:
        SourceError: a cell that is not blank has no header above it.
    """
    if len(row) == width:
        return row
    if any(cell.strip() for cell in row[width:]):
        raise SourceError(
            f"{name}, line {line}: {len(row)} cells below {width} headers; put quotes round the cell with a comma"
        )
    return [*row[:width], *[""] * (width - len(row))]


def rows_of(records: Sequence[tuple[int, Sequence[str]]], positions: Sequence[int]) -> Rows:
    """Records, each its line and its cells, as columns."""
    cells = {position: pa.array([row[position] for _, row in records], pa.string()) for position in positions}
    return Rows(cells, pa.array([line for line, _ in records], pa.int64()))
