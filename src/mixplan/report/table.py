"""A table that both the page and the terminal can show."""

from dataclasses import dataclass

Cells = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table of text: the first column names the row."""

    caption: str
    header: Cells
    rows: tuple[Cells, ...]
    numbers: range = range(0)
    """Positions of the columns that hold numbers."""
    winner: int | None = None
    """Position of the row that won."""
