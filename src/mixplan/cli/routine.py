"""``mixplan run``: what mornings and Mondays need, each as one command that may be run again at any time."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import typer

from mixplan.cli.database import URL
from mixplan.cli.monitor import DUE
from mixplan.cli.screen import show
from mixplan.config.base import MixplanError

routines = typer.Typer(help="Do what a plant's mornings and Mondays need.", no_args_is_help=True)
LOG, LOCK = Path(".mixplan/runs.jsonl"), Path(".mixplan/run.lock")


class Step(NamedTuple):
    """A command of a routine."""

    name: str
    module: str
    """A module that Python runs, and what it is told."""
    arguments: tuple[str, ...]
    allowed: tuple[int, ...] = (0,)
    """Exit codes after which the routine goes on."""


UPDATE = Step("update", "mixplan", ("update",))
MONITOR = Step("monitor", "mixplan", ("monitor",), (0, DUE))
PUBLISH = Step("publish", "mixplan", ("publish",))
DAILY = (UPDATE, Step("plan", "dvc", ("repro", "-s", "plan")), Step("report", "dvc", ("repro", "-s", "report")))
WEEKLY = (UPDATE, MONITOR, Step("train and plan", "dvc", ("repro",)))


class RoutineError(MixplanError):
    """A routine did not come to its end."""


@routines.command(epilog="Example: mixplan run daily")
def daily() -> None:
    """Bring the day's rows in, plan with this week's forecast, and publish where MIXPLAN_PUBLISH_URL is set."""
    with _alone():
        _do("daily", DAILY[:1])
        _check_week()
        _do("daily", (*DAILY[1:], *_publishing(), MONITOR))


@routines.command(epilog="Example: mixplan run weekly")
def weekly() -> None:
    """Bring the week's rows in, say how the forecast did, train, promote, plan, report, and publish as daily does."""
    with _alone():
        _do("weekly", (*WEEKLY, *_publishing()))


@contextmanager
def _alone() -> Iterator[None]:
    """Nobody else runs a routine in this folder meanwhile; a lock that a killed run left behind is none."""
    from filelock import FileLock, Timeout

    LOCK.parent.mkdir(exist_ok=True)
    try:
        with FileLock(LOCK, timeout=0):
            yield
    except Timeout:
        raise RoutineError("another `mixplan run` is under way in this folder: wait for its end") from None


def _publishing() -> Sequence[Step]:
    return (PUBLISH,) if os.environ.get(URL) else ()


def _check_week() -> None:
    """A complete week that the forecast does not know needs another forecast, which is made weekly."""
    from mixplan.artifacts.files import read_parquet
    from mixplan.config.params import load_params
    from mixplan.evaluation.origins import plan_origins
    from mixplan.mart.read import read_table

    forecast = Path("data/forecasts/demand/products.parquet")
    if not forecast.is_file():
        raise RoutineError("there is no forecast to plan with yet: run `mixplan run weekly` first")
    sold = read_table(Path("data/mart"), "sales")["sold_on"]
    monday = plan_origins(sold.min(), sold.max(), load_params().evaluation).final
    origin = read_parquet(forecast)["origin"].iloc[0]
    if monday > origin:
        raise RoutineError(
            f"the forecast starts on {origin.date()}, and sales are complete up to {monday.date()}: "
            "run `mixplan run weekly`"
        )


def _do(routine: str, steps: Sequence[Step]) -> None:
    """Take the steps in their order, up to one that fails."""
    taken = list(_taken(routine, steps))
    rows = [(step.name, f"{seconds:.1f}", _said(step, code)) for step, code, seconds in taken]
    show(f"mixplan run {routine}", ("Step", "Seconds", ""), rows, range(1, 2))
    last, code, _ = taken[-1]
    if code not in last.allowed:
        raise RoutineError(
            f"{last.name} failed: mend what it says above and run `mixplan run {routine}` again; "
            "what is done is not done twice"
        )


def _said(step: Step, code: int) -> str:
    if step is MONITOR and code == DUE:
        return "retraining is due"
    return "done" if code in step.allowed else f"failed with exit code {code}"


def _taken(routine: str, steps: Sequence[Step]) -> Iterator[tuple[Step, int, float]]:
    for step in steps:
        began = time.perf_counter()
        command = [sys.executable, "-m", step.module, *step.arguments]
        code = subprocess.run(command, check=False).returncode  # noqa: S603 - own words
        seconds = time.perf_counter() - began
        _log(routine, step, code, seconds)
        yield step, code, seconds
        if code not in step.allowed:
            return


def _log(routine: str, step: Step, code: int, seconds: float) -> None:
    line = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "routine": routine, "step": step.name}
    with LOG.open("a", encoding="utf-8") as log:
        log.write(json.dumps({**line, "exit_code": code, "seconds": round(seconds, 1)}) + "\n")
