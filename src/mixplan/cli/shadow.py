"""``mixplan shadow``: how the challenger's answers differ from the champion's."""

from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mixplan.cli.screen import show

if TYPE_CHECKING:
    import pandas as pd

FAILED = 3
"""Exit code that says that the challenger failed to answer."""
WHOLE = {"questions", "failures", "equal", "month", "rows"}


def shadow(
    log: Annotated[
        Path | None, typer.Option(help="The service's log; that of serving.shadow.log where left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object in place of tables.")] = False,
) -> None:
    """Compare the challenger's answers with the champion's; exit code 3 says that it failed to answer some."""
    import json

    from mixplan.config.params import load_params
    from mixplan.promotion.shadow import shadow_difference

    found = shadow_difference(log or Path(load_params().serving.shadow.log))
    if as_json:
        tables = {name: json.loads(getattr(found, name).to_json(orient="records")) for name in ("paths", "demand")}
        typer.echo(json.dumps(found._asdict() | tables, ensure_ascii=False))
    else:
        _show(f"Challenger {found.challenger} beside champion {found.champion}", found.paths, 1)
        if len(found.demand):
            _show("Its forecasts less the champion's, by product and month of the horizon", found.demand, 1)
        typer.echo(f"{found.others} lines are of others, and {found.unreadable} were cut off.")
    if found.paths["failures"].any():
        raise typer.Exit(FAILED)


def _show(caption: str, table: "pd.DataFrame", first_number: int) -> None:
    rows = [[_cell(name, value) for name, value in row.items()] for row in table.to_dict("records")]
    show(caption, [str(name) for name in table], rows, range(first_number, len(table.columns)))


def _cell(name: object, value: object) -> str:
    """Counts as they are, and other numbers with one digit behind the point.

    >>> _cell("rows", 1200), _cell("mean_kg", -3.25), _cell("mean_pct", float("nan")), _cell("product", "AE")
    ('1,200', '-3.2', '-', 'AE')
    """
    if not isinstance(value, int | float):
        return str(value)
    if isnan(value):
        return "-"
    return f"{value:,.0f}" if name in WHOLE else f"{value:,.1f}"
