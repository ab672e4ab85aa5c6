"""``mixplan``: for people at a terminal. Results go to stdout, everything else to stderr."""

import sys

from mixplan.cli.ask import ask
from mixplan.cli.champion import rollback
from mixplan.cli.database import publish, sql
from mixplan.cli.folds import folds
from mixplan.cli.lineage import impact, trace
from mixplan.cli.mart import mart
from mixplan.cli.monitor import monitor
from mixplan.cli.override import override
from mixplan.cli.plan import plan, scenarios
from mixplan.cli.results import compare, leaderboard
from mixplan.cli.routine import routines
from mixplan.cli.run import app
from mixplan.cli.shadow import shadow
from mixplan.cli.source import source
from mixplan.cli.tune import tune
from mixplan.config.base import MixplanError
from mixplan.config.terminal import log_to_stderr, printable

__all__ = ["app", "main"]
app.add_typer(routines, name="run")
app.add_typer(source, name="source")
app.add_typer(mart, name="mart")
app.add_typer(tune, name="tune")
app.add_typer(trace, name="trace")
app.command(epilog="Example: mixplan impact sales/sales_2023.csv 95")(impact)
app.command(epilog="Example: mixplan update; mixplan monitor || dvc repro")(monitor)
app.command(epilog="Example: mixplan leaderboard demand --by class")(leaderboard)
app.command(epilog="Example: mixplan compare 3f2a9c1e 80b7d5aa")(compare)
app.command(epilog="Example: mixplan folds")(folds)
app.add_typer(override, name="override")
app.command(epilog="Example: mixplan publish sqlite:///plant.db")(publish)
app.command(epilog="Example: mixplan sql 'SELECT region, sum(quantity_kg) AS kg FROM sales GROUP BY region'")(sql)
app.command(epilog="Example: mixplan plan --set 'drivers.temperature=+3' --set 'demand.AE=*1.2' --name hot")(plan)
app.command(epilog="Example: mixplan scenarios")(scenarios)
app.command(epilog="Example: mixplan ask forecast questions.parquet answers.parquet")(ask)
app.command(epilog="Example: mixplan shadow --json")(shadow)
app.command(epilog="Example: mixplan rollback --why 'forecasts of grout doubled'")(rollback)


def main() -> None:
    """Run the command line; a mistake that a person can mend is one sentence and exit code 1."""
    log_to_stderr()
    try:
        app()
    except MixplanError as error:
        sys.exit(printable(f"error: {error}"))
