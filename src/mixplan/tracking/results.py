"""What the store knows of results: side by side, and two of them against each other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from mixplan.config.base import MixplanError
from mixplan.tracking.registry import ALIAS
from mixplan.tracking.runs import CANDIDATE, DATA_VERSION, FINGERPRINT, TASK
from mixplan.tracking.store import EXPERIMENT, open_store

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

SHORT = 8
"""Digits of a run's id that people need."""
_SHOWN_TAGS = (TASK, CANDIDATE, DATA_VERSION, "mlflow.source.git.commit")


class RunNotFoundError(MixplanError):
    """No run of the store has this id, or more than one begins like it."""


@dataclass(frozen=True)
class Result:
    """A candidate's result as the store has it."""

    run_id: str
    candidate: str
    tags: Mapping[str, str]
    params: Mapping[str, str]
    metrics: Mapping[str, float]


class Difference(NamedTuple):
    """Where two results differ; what one of them lacks is empty."""

    what: str
    """``of``, ``parameter`` or ``metric``."""
    name: str
    one: str | float | None
    other: str | float | None


def results_of(task: str, data_version: str) -> list[Result]:
    """Every whole result of a task on one version of the data, experiments included; trials of a search are none."""
    client = open_store()
    where = f"tags.`{TASK}` = '{task}' and tags.`{DATA_VERSION}` = '{data_version}' and tags.`{FINGERPRINT}` LIKE '%'"
    return [_result(run) for run in _pages(client, where)]


def by_month(result: Result, metric: str) -> dict[int, float]:
    """A metric by month of the horizon; empty where it is not known so."""
    points = open_store().get_metric_history(result.run_id, f"horizon/{metric}")
    return {point.step: point.value for point in points}


def champion_run(task: str) -> str | None:
    """The run of the model that carries the alias, if there is one."""
    from mlflow.exceptions import MlflowException

    try:
        return str(open_store().get_model_version_by_alias(f"mixplan-{task}", ALIAS).run_id)
    except MlflowException:
        return None


def find_result(run: str) -> Result:
    """The result whose run's id is, or begins with, ``run``.

    Raises:
        RunNotFoundError: none does, or several do.
    """
    # Only what can be an id goes into the store's query.
    is_id = 0 < len(run) <= 32 and set(run) <= set("0123456789abcdef")
    where = f"attributes.run_id LIKE '{run}%' and tags.`{CANDIDATE}` LIKE '%'"
    found = [_result(each) for each in _pages(open_store(), where)] if is_id else []
    if len(found) != 1:
        how_many = f"{len(found)} runs begin" if found else "no run begins"
        raise RunNotFoundError(f"{how_many} with {run!r}: give an id as `mixplan leaderboard TASK` shows it")
    return found[0]


def differences(one: Result, other: Result) -> Iterator[Difference]:
    """What differs between two results: where they come from, parameters, then metrics.

    >>> one = Result("a", "ridge", {"mixplan.candidate": "ridge"}, {"alpha": "1"}, {"rmse_6m": 2.0, "bias_6m": 0.0})
    >>> other = Result("b", "ridge", {"mixplan.candidate": "ridge"}, {"alpha": "3"}, {"rmse_6m": 2.5, "bias_6m": 0.0})
    >>> [tuple(each) for each in differences(one, other)]
    [('parameter', 'alpha', '1', '3'), ('metric', 'rmse_6m', 2.0, 2.5)]
    """
    for what, own, others in (
        ("of", _shown(one), _shown(other)),
        ("parameter", one.params, other.params),
        ("metric", one.metrics, other.metrics),
    ):
        for name in sorted({*own, *others}):
            if own.get(name) != others.get(name):
                yield Difference(what, name.removeprefix("mixplan."), own.get(name), others.get(name))


def _shown(result: Result) -> dict[str, str]:
    return {name: result.tags[name] for name in _SHOWN_TAGS if name in result.tags}


def _result(run: "Run") -> Result:
    data = run.data
    return Result(run.info.run_id, data.tags[CANDIDATE], data.tags, data.params, data.metrics)


def _pages(client: "MlflowClient", where: str) -> Iterator["Run"]:
    experiment, token = client.get_experiment_by_name(EXPERIMENT).experiment_id, None
    while True:
        page = client.search_runs([experiment], where, page_token=token)
        yield from page
        token = page.token
        if not token:
            return
