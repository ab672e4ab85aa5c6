"""Records in MLflow: a parent run for each task and data version, a child run for each candidate's result."""

import logging
import subprocess
import time
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from mixplan.artifacts.files import files_below
from mixplan.tracking import outbox
from mixplan.tracking.model import log_model
from mixplan.tracking.predictors import answer_of
from mixplan.tracking.record import Record, Scored
from mixplan.tracking.store import EXPERIMENT, open_store, said_in_a_sentence, store_lock

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Metric

FINGERPRINT, TASK, DATA_VERSION, CANDIDATE = (
    f"mixplan.{name}" for name in ("fingerprint", "task", "data_version", "candidate")
)
_BATCH = 800
"""Metrics at once: MLflow takes 1,000 of all kinds."""
_QUICK = {"pil_kwargs": {"compress_level": 1}}
"""A figure that is written in half the time is a few kilobytes larger."""


@said_in_a_sentence()
def ensure_recorded(records: Sequence[Record]) -> dict[str, str]:
    """Log each result that the store does not have yet, with what its note in the outbox knows.

    Returns:
        The run id by candidate.
    """
    client = open_store()
    runs = {}
    for record in records:
        run_id = find_run(client, {FINGERPRINT: record.fingerprint})
        runs[record.candidate] = run_id or _log(client, record)
        outbox.clear(record)
    return runs


def log_waiting(task: str = "*") -> None:
    """Log the results that wait in the outbox, of one task or of all."""
    waiting = list(outbox.waiting(task))
    ensure_recorded([result for result in waiting if isinstance(result, Record)])
    ensure_scored([result for result in waiting if isinstance(result, Scored)])


@said_in_a_sentence()
def ensure_scored(results: Sequence[Scored]) -> None:
    """Log each result that the store does not have yet."""
    from mlflow.entities import Metric

    client, now = open_store(), int(time.time() * 1000)
    for result in results:
        if find_run(client, {FINGERPRINT: result.fingerprint}) is None:
            metrics = [Metric(name, value, now, 0) for name, value in result.scores.items()]
            _finish(client, _new_run(client, result), result, metrics)
        outbox.clear(result)


def _new_run(client: "MlflowClient", result: Record | Scored) -> str:
    run = client.create_run(
        _experiment_id(client),
        tags=_tags(result, _parent(client, result.task, result.data_version)),
        run_name=f"{result.task}/{result.candidate}",
    )
    return str(run.info.run_id)


@said_in_a_sentence()
def add_scores(records: Sequence[Record], group: str, scores: Mapping[str, Mapping[str, float]]) -> None:
    """Log what is known of results only beside the others, named ``<group>/<metric>``; the same again changes nothing.

    Args:
        records: results that ``ensure_recorded`` may have logged before.
        group: what the scores have in common.
        scores: by candidate and metric.
    """
    from mlflow.entities import Metric

    client, now = open_store(), int(time.time() * 1000)
    for candidate, run_id in ensure_recorded(records).items():
        known = client.get_run(run_id).data.metrics
        values = {f"{group}/{name}": value for name, value in scores[candidate].items()}
        changed = [Metric(name, value, now, 0) for name, value in values.items() if known.get(name) != value]
        client.log_batch(run_id, metrics=changed)


def _log(client: "MlflowClient", record: Record) -> str:
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    run_id = _new_run(client, record)
    rows, costs = outbox.noted_answer(record) or answer_of(record)
    model_id = log_model(client, _experiment_id(client), run_id, record, rows)
    costs = {**costs, "model_kb": sum(path.stat().st_size for path in files_below(record.model)) / 1000}
    values = {**record.scores, **{f"cost/{name}": value for name, value in costs.items()}}
    metrics = [Metric(name, value, now, 0, model_id=model_id) for name, value in values.items()]
    metrics += [
        Metric(f"horizon/{name}", value, now, int(horizon))
        for name, of_horizon in record.by_horizon.items()
        for horizon, value in of_horizon.items()
    ]
    client.log_figure(run_id, _actual_against_predicted(record), "actual_against_predicted.png", save_kwargs=_QUICK)
    _finish(client, run_id, record, metrics)
    logging.info("MLflow: run %s logged for %s/%s", run_id[:8], record.task, record.candidate)
    return run_id


def _finish(client: "MlflowClient", run_id: str, result: Record | Scored, metrics: "list[Metric]") -> None:
    """End a run with its numbers; the fingerprint comes last, so that one cut short is not taken for a whole one."""
    from mlflow.entities import Param, RunTag

    client.set_terminated(run_id)
    for start in range(_BATCH, len(metrics), _BATCH):
        client.log_batch(run_id, metrics=metrics[start : start + _BATCH])
    params = [Param(name, str(value)) for name, value in result.parameters.items()]
    client.log_batch(run_id, metrics[:_BATCH], params, [RunTag(FINGERPRINT, result.fingerprint)])


def _actual_against_predicted(record: Record) -> Any:
    from matplotlib.figure import Figure
    from pyarrow.parquet import read_schema, read_table

    names = read_schema(record.predictions).names
    predicted = next(name for name in ("prediction_kg", "prediction", "mean") if name in names)
    actual = "actual_kg" if "actual_kg" in names else "actual"
    known = read_table(record.predictions, columns=[actual, predicted]).to_pandas().dropna()
    sample = known.iloc[:: max(len(known) // 4000, 1)]
    # With margins that are given: to find them, matplotlib would draw everything twice.
    figure = Figure(figsize=(5, 5))
    axes = figure.add_axes((0.18, 0.12, 0.78, 0.8), xlabel="predicted", ylabel="actual")
    axes.set_title(f"{record.task}/{record.candidate}")
    axes.scatter(sample[predicted], sample[actual], s=4, alpha=0.3)
    axes.axline((0, 0), slope=1, color="grey", linewidth=1)
    axes.locator_params(nbins=4)
    return figure


@lru_cache(maxsize=8)
def _parent(client: "MlflowClient", task: str, data_version: str) -> str:
    """The run under which the candidates of one task and data version stand."""
    tags = {"mixplan.kind": "parent", TASK: task, DATA_VERSION: data_version}
    with store_lock():
        found = find_run(client, tags)
        if found:
            return found
        run = client.create_run(_experiment_id(client), tags=tags, run_name=f"{task} on {data_version}")
        client.set_terminated(run.info.run_id)
        return str(run.info.run_id)


def _tags(record: Record | Scored, parent: str) -> dict[str, str]:
    return {
        "mlflow.parentRunId": parent,
        "mlflow.source.git.commit": git_commit(),
        TASK: record.task,
        CANDIDATE: record.candidate,
        DATA_VERSION: record.data_version,
    }


@cache
def git_commit() -> str:
    """The commit that the code stands on, or a word that there is none."""
    command = ["git", "rev-parse", "HEAD"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - nothing from outside
    return found.stdout.strip() if found.returncode == 0 else "unknown"


def find_run(client: "MlflowClient", tags: dict[str, str]) -> str | None:
    """The run with these tags, if there is one; values come from mixplan's own hashes and names."""
    where = " and ".join(f"tags.`{name}` = '{value}'" for name, value in tags.items())
    found = client.search_runs([_experiment_id(client)], where, max_results=1)
    return str(found[0].info.run_id) if found else None


@lru_cache(maxsize=1)
def _experiment_id(client: "MlflowClient") -> str:
    experiment = client.get_experiment_by_name(EXPERIMENT)
    return str(experiment.experiment_id)
