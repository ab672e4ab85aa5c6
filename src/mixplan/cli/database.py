"""``mixplan publish`` and ``mixplan sql``: the mart and the plan for other tools."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from mixplan.cli.screen import show

FOLDERS = (Path("data/mart"), Path("data/plan"))
URL = "MIXPLAN_PUBLISH_URL"


def publish(
    url: Annotated[
        str | None,
        typer.Argument(metavar="[URL]", help=f"SQLAlchemy URL; {URL} where left out, as others can see arguments."),
    ] = None,
) -> None:
    """Write the mart and the plan into a SQL database, whose readers see all of it or what was there before."""
    from mixplan.config.base import MixplanError
    from mixplan.publish.publish import publish as published
    from mixplan.publish.tables import tables_below

    target = url or os.environ.get(URL)
    if not target:
        raise MixplanError(f"no database: give its URL or set {URL}, like postgresql://user:password@host/database")
    rows = published(target, tables_below(*_folders()))
    show("Published", ("Table", "Rows"), [(name, f"{count:,}") for name, count in rows.items()], range(1, 2))


def sql(
    statement: Annotated[str, typer.Argument(metavar="SELECT", help="One statement that reads, in DuckDB's dialect.")],
    *,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV, whole.")] = False,
) -> None:
    """Answer a query on the tables of the mart and the plan."""
    from mixplan.publish.query import query
    from mixplan.publish.tables import tables_below

    answer = query(statement, tables_below(*_folders()))
    if csv:
        answer.to_pandas().to_csv(sys.stdout, index=False)
        return
    columns = [["" if cell is None else str(cell) for cell in column.to_pylist()] for column in answer.columns]
    rows = list(zip(*columns, strict=True))
    show("", answer.column_names, rows)


def _folders() -> list[Path]:
    """The mart, and the plan where it was made."""
    return [folder for folder in FOLDERS if folder == FOLDERS[0] or folder.is_dir()]
