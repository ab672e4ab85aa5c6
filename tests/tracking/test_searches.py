"""A search and its trials in the tracking store."""

from pathlib import Path

import pytest

from mixplan.tracking.searches import SearchLog
from mixplan.tracking.store import open_store


def test_trials_stand_below_their_search_with_values_and_scores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'searches.db'}")
    monkeypatch.chdir(tmp_path)
    log = SearchLog("demand", "ridge", "d1")
    log.trial({"alpha": 3.0}, {"rmse_6m": 12.0})
    log.trial({"alpha": 5.0}, {"rmse_6m": 11.0})
    log.close({"alpha": 5.0}, {"late_rmse_6m": 13.0})
    client = open_store()
    whole = client.get_run(log.run_id)
    experiment = [whole.info.experiment_id]
    trials = client.search_runs(experiment, f"tags.`mlflow.parentRunId` = '{log.run_id}'", order_by=["metrics.rmse_6m"])
    assert [trial.data.params for trial in trials] == [{"alpha": "5.0"}, {"alpha": "3.0"}]
    assert [trial.data.metrics for trial in trials] == [{"rmse_6m": 11.0}, {"rmse_6m": 12.0}]
    assert (whole.data.params, whole.data.metrics) == ({"alpha": "5.0"}, {"late_rmse_6m": 13.0})
    assert {run.info.status for run in [whole, *trials]} == {"FINISHED"}
