"""Records in MLflow: a parent run for each task and data version, a child run for each candidate's result."""

import logging
import subprocess
import time
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mixplan.artifacts.files import files_below
from mixplan.tracking import outbox
from mixplan.tracking.record import Record, Scored
from mixplan.tracking.store import EXPERIMENT, open_store, said_in_a_sentence, store_lock

if TYPE_CHECKING:
    from mlflow import MlflowClient

FINGERPRINT, TASK, DATA_VERSION, CANDIDATE = (
    f"mixplan.{name}" for name in ("fingerprint", "task", "data_version", "candidate")
)
SAVED_MODEL = Path(__file__).with_name("saved_model.py")
_BATCH = 1000


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


def log_waiting(task: str) -> None:
    """Log the results of a task that wait in the outbox, as those of a stage that was run alone do."""
    ensure_recorded(list(outbox.waiting(task)))


def scores_in_store(records: Sequence[Record]) -> dict[str, dict[str, float]]:
    """The store's metrics of each record, by candidate: what a leaderboard is made of."""
    client = open_store()
    runs = ensure_recorded(records)
    names = {record.candidate: record.scores for record in records}
    metrics = {candidate: client.get_run(run_id).data.metrics for candidate, run_id in runs.items()}
    return {candidate: {name: metrics[candidate][name] for name in names[candidate]} for candidate in runs}


@said_in_a_sentence()
def ensure_scored(results: Sequence[Scored]) -> None:
    """Log each result that the store does not have yet."""
    from mlflow.entities import Metric, Param

    client, now = open_store(), int(time.time() * 1000)
    for result in results:
        if find_run(client, {FINGERPRINT: result.fingerprint}):
            continue
        run_id = _new_run(client, result)
        metrics = [Metric(name, value, now, 0) for name, value in result.scores.items()]
        params = [Param(name, str(value)) for name, value in result.parameters.items()]
        client.log_batch(run_id, metrics=metrics, params=params)
        client.set_terminated(run_id)
        client.set_tag(run_id, FINGERPRINT, result.fingerprint)


def _new_run(client: "MlflowClient", result: Record | Scored) -> str:
    run = client.create_run(
        _experiment_id(client),
        tags=_tags(result, _parent(client, result)),
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
    client = open_store()
    for candidate, run_id in ensure_recorded(records).items():
        known = client.get_run(run_id).data.metrics
        for name, value in scores[candidate].items():
            if known.get(f"{group}/{name}") != value:
                client.log_metric(run_id, f"{group}/{name}", value)


def _log(client: "MlflowClient", record: Record) -> str:
    import mlflow
    from mlflow.entities import Metric, Param

    now = int(time.time() * 1000)
    run_id = _new_run(client, record)
    metrics = [Metric(name, value, now, 0) for name, value in record.scores.items()]
    metrics += [
        Metric(f"horizon/{name}", value, now, int(horizon))
        for name, values in record.by_horizon.items()
        for horizon, value in values.items()
    ]
    metrics += [Metric(f"cost/{name}", value, now, 0) for name, value in _costs(record).items()]
    params = [Param(name, str(value)) for name, value in record.parameters.items()]
    for start in range(0, len(metrics), _BATCH):
        client.log_batch(run_id, metrics=metrics[start : start + _BATCH], params=params if start == 0 else [])
    client.log_figure(run_id, _actual_against_predicted(record), "actual_against_predicted.png")
    with mlflow.start_run(run_id=run_id):
        _log_model(record)
    client.set_terminated(run_id)
    # The fingerprint comes last: a run that was cut short is not taken for a whole one.
    client.set_tag(run_id, FINGERPRINT, record.fingerprint)
    logging.info("MLflow: run %s logged for %s/%s", run_id[:8], record.task, record.candidate)
    return run_id


def _costs(record: Record) -> dict[str, float]:
    """What the model takes: its size on disk, the time to answer its input example once it is loaded, and to train."""
    import pandas as pd

    from mixplan.tracking.predictors import predictor

    answer = predictor(record.task, record.model)
    example = pd.read_parquet(record.model / "input_example.parquet")
    answer(example)  # what is loaded or compiled at the first call is not part of the second
    began = time.perf_counter()
    answer(example)
    costs = {
        "predict_ms": 1000 * (time.perf_counter() - began),
        "model_kb": sum(path.stat().st_size for path in files_below(record.model)) / 1000,
    }
    seconds = outbox.train_seconds(record)
    return costs if seconds is None else {**costs, "train_seconds": seconds}


def _log_model(record: Record) -> None:
    """The fitted model with its signature, an input example and its requirements, as code and data without a pickle."""
    import mlflow
    import pandas as pd
    from mlflow.models import infer_signature

    from mixplan.tracking.predictors import predictor

    example = pd.read_parquet(record.model / "input_example.parquet")
    with warnings.catch_warnings():
        # Whole numbers are counts here and never missing.
        warnings.filterwarnings("ignore", "Hint: Inferred schema contains integer column")
        mlflow.pyfunc.log_model(
            name="model",
            python_model=str(SAVED_MODEL),
            # Named after the task; MLflow would log a model_config among the parameters that were trained.
            artifacts={record.task: str(record.model)},
            signature=infer_signature(example, predictor(record.task, record.model)(example)),
            input_example=example,
            pip_requirements=_requirements(record.parameters["_target_"]),
        )


def _requirements(target: str) -> list[str]:
    """Pinned requirements of the library that the model needs to predict, and of mixplan's own."""
    from importlib.metadata import version

    libraries = {"lightgbm": "lightgbm", "xgboost": "xgboost-cpu", "sklearn": "scikit-learn"}
    own = libraries.get(target.partition(".")[0], "scikit-learn")
    return [f"{name}=={version(name)}" for name in sorted({own, "mixplan", "numpy", "pandas", "pyarrow", "skops"})]


def _actual_against_predicted(record: Record) -> Any:
    import pandas as pd
    from matplotlib.figure import Figure

    rows = pd.read_parquet(record.predictions)
    predicted = next(name for name in ("prediction_kg", "prediction", "mean") if name in rows)
    actual = "actual_kg" if "actual_kg" in rows else "actual"
    sample = rows[[actual, predicted]].dropna().iloc[:: max(len(rows) // 4000, 1)]
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.add_subplot(xlabel="predicted", ylabel="actual", title=f"{record.task}/{record.candidate}")
    axes.scatter(sample[predicted], sample[actual], s=4, alpha=0.3)
    axes.axline((0, 0), slope=1, color="grey", linewidth=1)
    return figure


def _parent(client: "MlflowClient", record: Record | Scored) -> str:
    """The run under which the candidates of one task and data version stand."""
    tags = {"mixplan.kind": "parent", TASK: record.task, DATA_VERSION: record.data_version}
    with store_lock():
        found = find_run(client, tags)
        if found:
            return found
        name = f"{record.task} on {record.data_version}"
        run = client.create_run(_experiment_id(client), tags=tags, run_name=name)
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


def _experiment_id(client: "MlflowClient") -> str:
    experiment = client.get_experiment_by_name(EXPERIMENT)
    return str(experiment.experiment_id)
