"""Champions in MLflow's registry: a version for each content, and the alias that points at what is served."""

import logging
from pathlib import Path

from mixplan.artifacts.champion import Manifest
from mixplan.config.base import MixplanError
from mixplan.tracking.runs import FINGERPRINT, find_run, git_commit
from mixplan.tracking.store import open_store, workspace

ALIAS = "champion"
VERSION = "mixplan.version"


class UnknownRunError(MixplanError):
    """The tracking store has no run of a winner."""


def register_champion(name: str, fingerprint: str, manifest: Manifest, task: str) -> None:
    """Make a run's model the champion of its name; the same version again changes nothing.

    An experiment that DVC runs in a copy of the workspace is a trial, and leaves the registry alone.

    Args:
        name: registered model, such as ``mixplan-demand``.
        fingerprint: of the record whose run logged the model.
        manifest: of the champion folder; its version of the task and the task's scores become tags.
        task: the task of the manifest that the model belongs to.

    Raises:
        UnknownRunError: no run has this fingerprint.
    """
    from mlflow.exceptions import MlflowException

    if Path.cwd().resolve() != workspace():
        logging.info("registry: %s is left as it is, this is an experiment in a copy of the workspace", name)
        return
    client, version = open_store(), manifest.tasks[task].version
    run_id = find_run(client, {FINGERPRINT: fingerprint})
    if run_id is None:
        raise UnknownRunError(
            f"{name}: the tracking store has no run of this winner; run `dvc repro --force {task}_select`"
        )
    try:
        client.get_registered_model(name)
    except MlflowException:
        client.create_registered_model(name)
    known = [found for found in client.search_model_versions(f"name = '{name}'") if found.tags.get(VERSION) == version]
    if known:
        number = known[0].version
    else:
        tags = {VERSION: version, "mixplan.data_version": manifest.data_version, "mixplan.git_commit": git_commit()}
        tags |= {f"score.{metric}": f"{value:.6g}" for metric, value in manifest.tasks[task].metrics.items()}
        # By its own id: MLflow 3 keeps models beside runs, and a version of runs:/<id>/model could not be loaded.
        model_id = client.get_run(run_id).outputs.model_outputs[0].model_id
        number = client.create_model_version(name, f"models:/{model_id}", run_id, tags=tags, model_id=model_id).version
        logging.info("registry: %s version %s is %s", name, number, version)
    if client.get_registered_model(name).aliases.get(ALIAS) != str(number):
        client.set_registered_model_alias(name, ALIAS, number)
