"""Tables on a terminal."""

import sys
from collections.abc import Sequence

from mixplan.config.terminal import printable


def show(caption: str, header: Sequence[str], rows: Sequence[Sequence[str]], numbers: range = range(0)) -> None:
    """Print a table to stdout; on no terminal, lines are as wide as they must be, for other programs.

    Args:
        caption: what the table shows.
        header: headings.
        rows: cells by row.
        numbers: positions of the columns that hold numbers.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(title=printable(caption), title_justify="left", box=box.SIMPLE_HEAD, collapse_padding=True)
    for position, heading in enumerate(header):
        grid.add_column(printable(heading), justify="right" if position in numbers else "left", overflow="fold")
    for row in rows:
        # Text, because a cell such as "[PEMA]" is a name and no markup.
        grid.add_row(*(Text(printable(cell)) for cell in row))
    Console(width=None if sys.stdout.isatty() else 160).print(grid)
