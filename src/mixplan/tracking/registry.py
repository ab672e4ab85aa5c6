"""Champions in MLflow's registry: a version for each content, and the alias that points at what is served."""

import logging
from pathlib import Path

from mixplan.tracking.runs import git_commit
from mixplan.tracking.store import open_store, workspace

ALIAS = "champion"
VERSION = "mixplan.version"


def register_champion(name: str, run_id: str, version: str, data_version: str, scores: dict[str, float]) -> None:
    """Make a run's model the champion of its name; the same version again changes nothing.

    An experiment that DVC runs in a copy of the workspace is a trial, and leaves the registry alone.

    Args:
        name: registered model, such as ``mixplan-demand``.
        run_id: the run that logged the model.
        version: hash of the champion's files, see ``mixplan.artifacts.champion``.
        data_version: what it learnt from.
        scores: kept with the version as tags.
    """
    from mlflow.exceptions import MlflowException

    if Path.cwd().resolve() != workspace():
        logging.info("registry: %s is left as it is, this is an experiment in a copy of the workspace", name)
        return
    client = open_store()
    try:
        client.get_registered_model(name)
    except MlflowException:
        client.create_registered_model(name)
    known = [found for found in client.search_model_versions(f"name = '{name}'") if found.tags.get(VERSION) == version]
    if known:
        number = known[0].version
    else:
        tags = {VERSION: version, "mixplan.data_version": data_version, "mixplan.git_commit": git_commit()}
        tags |= {"mixplan.run_id": run_id} | {f"score.{metric}": f"{value:.6g}" for metric, value in scores.items()}
        number = client.create_model_version(name, f"runs:/{run_id}/model", run_id, tags=tags).version
        logging.info("registry: %s version %s is %s", name, number, version)
    if client.get_registered_model(name).aliases.get(ALIAS) != str(number):
        client.set_registered_model_alias(name, ALIAS, number)
