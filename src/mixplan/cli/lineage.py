"""``mixplan trace`` and ``mixplan impact``: from a number to its rows, and from a row to its numbers."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.tree import Tree

    from mixplan.lineage.steps import Step

Day = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The day, as 2024-07-01.")]
trace = typer.Typer(help="Follow a number back to model, run, data and rows of the exports.", no_args_is_help=True)


@trace.command(epilog="Example: mixplan trace forecast MPA-HR1000 2024-07-01")
def forecast(product: Annotated[str, typer.Argument(help="A product.")], day: Day) -> None:
    """Say where the forecast of a product's week came from."""
    import pandas as pd

    from mixplan.lineage.trace import trace_forecast

    _print(trace_forecast(Path(), product, pd.Timestamp(day)))


@trace.command(epilog="Example: mixplan trace order SR12070 2024-07-01")
def order(material: Annotated[str, typer.Argument(help="A material's code.")], day: Day) -> None:
    """Say where a purchase order came from: lots, customers' orders, forecasts, recipes, stock, lead times."""
    import pandas as pd

    from mixplan.lineage.order import trace_order

    _print(trace_order(Path(), material, pd.Timestamp(day)))


def impact(
    file: Annotated[str, typer.Argument(help="An export, as the quarantine names it, such as sales/sales_2023.csv.")],
    line: Annotated[int, typer.Argument(min=1, help="Its line.")],
) -> None:
    """Say what a row of an export became, and which forecasts, lots, orders and customers' figures look at it."""
    from mixplan.lineage.impact import impact_of

    _print(impact_of(Path(), file, line))


def _print(step: "Step") -> None:
    import sys

    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else 160, highlight=False).print(_tree(step))


def _tree(step: "Step") -> "Tree":
    from rich.text import Text
    from rich.tree import Tree

    from mixplan.config.terminal import printable

    tree = Tree(Text(printable(step.text)))
    for each in step.steps:
        tree.add(_tree(each))
    return tree
