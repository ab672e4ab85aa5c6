"""The screen at the end of a run: who won, what to order, what to do next."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table as Grid
from rich.text import Text

from mixplan.config.terminal import printable

if TYPE_CHECKING:
    from mixplan.report.table import Table

ORDERS_SHOWN = 5
NEXT_STEPS = (
    ("make serve", "forecasts, orders and recommendations over HTTP"),
    ("make ui", "every run and model of the comparison"),
    ("reports/index.html", "the planners' page: open it in a browser"),
)


def summary(root: Path) -> RenderableType:
    """What a run found, for a terminal of 100 columns.

    Args:
        root: the project's folder, with ``metrics/`` and ``data/plan/``.

    Raises:
        ReportError: a file is missing.
    """
    return Group(*_parts(root))


def _parts(root: Path) -> Iterator[RenderableType]:
    from mixplan.report import boards, headline, inputs, lists  # pandas comes with them

    metrics, orders = inputs.read_metrics(root), inputs.read_orders(root)
    yield Text(f"Data {metrics['mart']['data_version']}, champion {metrics['promote']['version']}", style="bold")
    yield _grid(boards.demand_board(metrics))
    yield Text(f"{headline.lately(metrics)}\n")
    for table in (boards.drivers_at_a_glance(metrics), boards.recommend_board(metrics)):
        yield _grid(table)
    yield _grid(boards.ordering_at_a_glance(metrics))
    yield _grid(lists.orders_at_a_glance(orders, ORDERS_SHOWN))
    for card in (headline.fill_rate_card(metrics), headline.risk_card(metrics)):
        yield Text.assemble(f"{card.label}: ", (card.figure, "bold"), f", {card.detail}")
    yield Text(f"Segments of customers: {metrics['customers']['segments']:.0f}\n")
    yield _steps()


def _grid(table: "Table") -> Grid:
    """A table of one line a row: where the terminal is too narrow, the last text ends in an ellipsis."""
    grid = Grid(title=table.caption, title_justify="left", box=box.SIMPLE_HEAD, collapse_padding=True)
    for position, heading in enumerate(table.header):
        is_number = position in table.numbers
        grid.add_column(
            heading.replace(" ", "\n", 1) if is_number else heading,
            justify="right" if is_number else "left",
            no_wrap=is_number or position < len(table.header) - 1,  # rich takes room from the columns that may wrap
        )
    for position, row in enumerate(table.rows):
        # Text, because a cell such as "[PEMA]" is a name and no markup.
        cells = (Text(printable(cell), no_wrap=True, overflow="ellipsis") for cell in row)
        grid.add_row(*cells, style="bold green" if position == table.winner else None)
    return grid


def _steps() -> Grid:
    grid = Grid.grid(padding=(0, 2))
    for command, what in NEXT_STEPS:
        grid.add_row(Text(command, style="bold"), Text(what))
    return grid
