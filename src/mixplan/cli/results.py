"""``mixplan leaderboard`` and ``mixplan compare``: results side by side, as MLflow has them."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mixplan.cli.screen import show
from mixplan.config.base import MixplanError

if TYPE_CHECKING:
    from mixplan.report.boards import Column
    from mixplan.tracking.results import Result

CLASSES = ("A", "B", "C", "X", "Y", "Z")


class Task(StrEnum):
    """What competes."""

    DEMAND = "demand"
    DRIVERS = "drivers"
    RECOMMEND = "recommend"
    REORDER = "reorder"
    RISK = "risk"


class By(StrEnum):
    """What a demand leaderboard may be divided by."""

    MONTH = "month"
    CLASS = "class"


def leaderboard(
    task: Annotated[Task, typer.Argument(help="What competes.")],
    by: Annotated[By | None, typer.Option(help="For demand: WAPE by month of the horizon, or by class.")] = None,
    data_version: Annotated[str | None, typer.Option(help="Version of the data; the mart's where left out.")] = None,
) -> None:
    """Show every result of a task on one version of the data, best first, with what it costs and who is champion."""
    from mixplan.artifacts.files import read_json
    from mixplan.tracking.results import results_of
    from mixplan.tracking.runs import log_waiting

    if by and task is not Task.DEMAND:
        raise MixplanError(f"{task} is not scored by {by}: leave --by out")
    mart = Path("metrics/mart.json")
    if not (data_version or mart.is_file()):
        raise MixplanError("there is no mart yet: run `dvc repro` first, or give --data-version")
    version = data_version or read_json(mart)["data_version"]
    if not version.isalnum():
        raise MixplanError(f"{version!r} is no version of data: give it as `mixplan update` shows it")
    log_waiting(task.value)
    found = _best_first(task, results_of(task, version))
    if not found:
        raise MixplanError(f"no result of {task} on data {version}: run `dvc repro` first")
    if by:
        _show_by(by, version, found)
    else:
        _show_scores(task, version, found)


def compare(
    one: Annotated[str, typer.Argument(help="Id of a run, or how it begins.")],
    other: Annotated[str, typer.Argument(help="Id of another.")],
) -> None:
    """Show the parameters, metrics and data in which two results differ."""
    from mixplan.tracking.results import SHORT, differences, find_result

    results = [find_result(run) for run in (one, other)]
    rows = [
        (
            each.what,
            each.name,
            _written(each.one),
            _written(each.other),
            _change(each.one, each.other),
        )
        for each in differences(*results)
    ]
    names = [f"{result.candidate} {result.run_id[:SHORT]}" for result in results]
    show(f"{len(rows)} differences", ("Of", "Name", *names, "Change"), rows, range(2, 5))


def _show_scores(task: Task, version: str, found: list["Result"]) -> None:
    known = {name for result in found for name in result.metrics}
    columns = [column for column in _columns(task) if column[1] in known]
    rows = [[_cell(result, name, text) for _, name, text in columns] for result in found]
    _show(task, version, found, [heading for heading, _, _ in columns], rows)


def _show_by(by: By, version: str, found: list["Result"]) -> None:
    from mixplan.report.words import percent
    from mixplan.tracking.results import by_month

    if by is By.CLASS:
        header = [f"WAPE {name}" for name in CLASSES]
        rows = [[_cell(result, f"class_{name}/wape", percent) for name in CLASSES] for result in found]
    else:
        months = [by_month(result, "wape") for result in found]
        header = [f"WAPE month {month}" for month in sorted(months[0])]
        rows = [[percent(value) for _, value in sorted(of.items())] for of in months]
    _show(Task.DEMAND, version, found, header, rows)


def _show(task: Task, version: str, found: list["Result"], header: list[str], rows: list[list[str]]) -> None:
    from mixplan.report.words import plain
    from mixplan.tracking.results import SHORT, champion_run

    champion = champion_run(task)
    caption = f"{task} on data {version}, best first"
    if champion and champion not in {result.run_id for result in found}:
        caption += f"; the champion (run {champion[:SHORT]}) was not scored on these data"
    named = [
        [result.run_id[:SHORT], plain(result.candidate), "champion" if result.run_id == champion else "", *cells]
        for result, cells in zip(found, rows, strict=True)
    ]
    show(caption, ("Run", "Candidate", "Role", *header), named, range(3, 3 + len(header)))


def _columns(task: Task) -> tuple["Column", ...]:
    """What is shown of a task: scores, then what a model costs."""
    from mixplan.report import boards
    from mixplan.report.words import count, percent, score, tenths

    skill = (("WAPE A", "class_A/wape", percent), ("p", "against_winner/p_value", score))
    scores: dict[Task, tuple[Column, ...]] = {
        Task.DEMAND: (*boards.DEMAND, *skill),
        Task.DRIVERS: tuple((f"R² {driver}", f"{driver}/r2", score) for driver in boards.DRIVER_NAMES),
        Task.RECOMMEND: boards.RECOMMEND,
        Task.REORDER: boards.ORDERING,
        Task.RISK: boards.RISK,
    }
    return (
        *scores[task],
        ("Train, s", "cost/train_seconds", tenths),
        ("Answer, ms", "cost/predict_ms", tenths),
        ("Size, kB", "cost/model_kb", count),
    )


def _best_first(task: Task, found: list["Result"]) -> list["Result"]:
    """By the metric that picks the task's winner; of drivers by temperature's."""
    from mixplan.config.params import load_params
    from mixplan.evaluation.metrics import GREATER_IS_BETTER

    params = load_params()
    metric, name = {
        Task.DEMAND: (params.demand.select.metric, f"{params.demand.select.metric}_6m"),
        Task.DRIVERS: (params.drivers.select.metric, f"temperature_c/{params.drivers.select.metric}"),
        Task.RECOMMEND: (params.recommend.select.metric, params.recommend.select.metric),
        Task.REORDER: ("cost", "cost_krw"),
        Task.RISK: (params.risk.select.metric, params.risk.select.metric),
    }[task]
    sign = -1.0 if GREATER_IS_BETTER[metric] else 1.0
    worst = float("inf")
    return sorted(found, key=lambda each: (sign * each.metrics.get(name, sign * worst), each.candidate, each.run_id))


def _cell(result: "Result", name: str, text: Callable[[float], str]) -> str:
    return text(result.metrics[name]) if name in result.metrics else ""


def _written(value: str | float | None) -> str:
    return value if isinstance(value, str) else "" if value is None else f"{value:,.6g}"


def _change(one: str | float | None, other: str | float | None) -> str:
    return f"{other - one:+,.4g}" if isinstance(one, float) and isinstance(other, float) else ""
