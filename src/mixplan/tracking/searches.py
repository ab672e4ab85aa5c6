"""Searches in MLflow: a run for each search, and under it a run for each trial."""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mixplan.tracking.runs import CANDIDATE, DATA_VERSION, TASK, git_commit
from mixplan.tracking.store import EXPERIMENT, open_store

if TYPE_CHECKING:
    from mlflow.entities import Run


class SearchLog:
    """One search; results of candidates are looked up by fingerprint, so its runs never enter a leaderboard."""

    def __init__(self, task: str, candidate: str, data_version: str) -> None:
        self._client = open_store()
        self._tags = {TASK: task, CANDIDATE: candidate, DATA_VERSION: data_version, "mixplan.kind": "search"}
        self.run_id = self._new(f"tune {task}/{candidate}", {}).info.run_id

    def trial(self, values: Mapping[str, float], scores: Mapping[str, float]) -> None:
        """Log a trial below the search."""
        run = self._new("trial", {"mlflow.parentRunId": self.run_id, "mixplan.kind": "trial"})
        self._write(run.info.run_id, values, scores)

    def close(self, values: Mapping[str, float], scores: Mapping[str, float]) -> None:
        """Log what was found, and end the search."""
        self._write(self.run_id, values, scores)

    def _new(self, name: str, tags: Mapping[str, str]) -> "Run":
        experiment = self._client.get_experiment_by_name(EXPERIMENT)
        commit = {"mlflow.source.git.commit": git_commit()}
        return self._client.create_run(experiment.experiment_id, tags={**self._tags, **commit, **tags}, run_name=name)

    def _write(self, run_id: str, values: Mapping[str, float], scores: Mapping[str, float]) -> None:
        from mlflow.entities import Metric, Param

        now = int(time.time() * 1000)
        metrics = [Metric(name, value, now, 0) for name, value in scores.items()]
        self._client.log_batch(run_id, metrics, [Param(name, str(value)) for name, value in values.items()])
        self._client.set_terminated(run_id)
