"""``mixplan monitor``: whether forecasts still come true, and whether it is time to train anew."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mixplan.cli.screen import show

if TYPE_CHECKING:
    from mixplan.monitoring.watch import Watch
    from mixplan.report.table import Table

DUE = 3
"""Exit code that says that retraining is due."""
REPORT, PAGE = Path(".mixplan/monitor.json"), Path(".mixplan/monitor.html")
"""Outside of what a stage writes: DVC clears a stage's outputs before it runs."""


def monitor(
    today: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day on which rows are missed; today's where left out."),
    ] = None,
    prometheus: Annotated[
        Path | None,
        typer.Option(help="File for Prometheus' textfile collector, ending in .prom; by default monitor.gauges."),
    ] = None,
) -> None:
    """Compare forecasts with the sales that came; exit code 3 says that retraining is due."""
    import pandas as pd

    from mixplan.config.params import load_params
    from mixplan.monitoring.gauges import write_gauges
    from mixplan.monitoring.watch import watch
    from mixplan.report.page import render_tables

    day = today.date() if today else date.today()  # noqa: DTZ011 - the plant's day is the machine's
    params = load_params()
    found = watch(Path(), pd.Timestamp(day), params)
    table, sentences = _told(found)
    show(table.caption, table.header, table.rows, table.numbers)
    typer.echo("\n".join(sentences))
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(render_tables(f"Monitor of {day}", sentences, [table]), encoding="utf-8")
    _keep(found, day)
    gauges = prometheus or (Path(params.monitor.gauges) if params.monitor.gauges else None)
    if gauges:
        write_gauges(gauges, found)
    if found.is_due:
        raise typer.Exit(DUE)


def _told(found: "Watch") -> tuple["Table", list[str]]:
    """What the terminal and the page say."""
    import pandas as pd

    from mixplan.report.table import Table

    rows = tuple(
        (
            kind,
            check.name,
            _number(check.value),
            "" if check.expected is None else _number(check.expected),
            _range(check.lowest, check.highest),
            "RINGS" if check.rings else "",
        )
        for kind, checks in found.checks.items()
        for check in checks
    )
    judged = "no forecast is old enough to be judged" if pd.isna(found.origin) else f"forecast of {found.origin.date()}"
    past = found.rehearsal
    rehearsed = (
        f"On the backtest accuracy would have rung at {past.rang} of {past.times} origins, {past.rightly} of these "
        f"rightly; it missed {past.missed}."
    )
    due = "Retraining is due: run `dvc repro`" if found.is_due else "Retraining is not due."
    header = ("Of", "Figure", "Today", "Usually", "Expected", "")
    return Table(f"Monitor: {judged}", header, rows, range(2, 5)), [rehearsed, due]


def _keep(found: "Watch", day: date) -> None:
    """Leave what was found in ``REPORT`` and in MLflow."""
    from mixplan.artifacts.files import read_json, write_json
    from mixplan.monitoring.gauges import figures
    from mixplan.tracking.outbox import leave_scored
    from mixplan.tracking.record import Scored
    from mixplan.tracking.runs import log_waiting

    ringing = [f"{kind}/{check.name}" for kind, checks in found.checks.items() for check in checks if check.rings]
    report = {"figures": figures(found), "ringing": ringing, "rehearsal": found.rehearsal._asdict()}
    write_json(REPORT, report)
    data_version = read_json(Path("metrics/mart.json"))["data_version"]
    parameters = {"origin": str(found.origin), "today": str(day)}
    leave_scored([Scored("monitor", "monitor", data_version, parameters, figures(found))])
    log_waiting()


def _number(value: float) -> str:
    """A figure with as many digits as people need.

    >>> _number(0.04337), _number(2158.0)
    ('0.0434', '2,158')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _range(lowest: float, highest: float) -> str:
    """Where a figure should lie.

    >>> _range(float("-inf"), 0.25), _range(0.75, float("inf")), _range(-0.1, 0.1)
    ('at most 0.25', 'at least 0.75', '-0.1 to 0.1')
    """
    least, most = lowest != float("-inf"), highest != float("inf")
    if least and most:
        return f"{_number(lowest)} to {_number(highest)}"
    if most:
        return f"at most {_number(highest)}"
    return f"at least {_number(lowest)}" if least else "anything: too little is known"
