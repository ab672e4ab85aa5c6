"""Champions in MLflow's registry: a version for each content, and aliases for what is served, was, and might be."""

import logging
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from mixplan.artifacts.champion import CARD, Manifest, read_champion
from mixplan.artifacts.files import read_json
from mixplan.config.base import MixplanError
from mixplan.tracking.outbox import DECISIONS
from mixplan.tracking.record import chosen
from mixplan.tracking.runs import FINGERPRINT, find_run, git_commit
from mixplan.tracking.store import open_store, said_in_a_sentence, workspace

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

ALIAS, PREVIOUS, CHALLENGER = "champion", "previous", "challenger"
VERSION, CHANGED = "mixplan.version", "mixplan.changed"


class UnknownRunError(MixplanError):
    """The tracking store has no run of a winner."""


@said_in_a_sentence()
def register_decided(champion: Path, forecasts: Path) -> None:
    """Register the winners that ``promote`` has decided on, where its note waits and is of this champion.

    Args:
        champion: the champion folder.
        forecasts: where the selections left their winners.

    Raises:
        UnknownRunError: the store has no run of a winner.
    """
    manifest, noted = read_champion(champion), read_json(DECISIONS) if DECISIONS.is_file() else {}
    if noted.get("version") != manifest.version:
        return
    for name, winner in chosen(forecasts).items():
        task = name if name in noted["decisions"] else "drivers"
        decision, registered = noted["decisions"][task], f"mixplan-{name}"
        if decision["promote"]:
            card = (champion / task / CARD).read_text(encoding="utf-8")
            register_champion(registered, winner.fingerprint, manifest, task, decision["reason"], card)
        else:
            register_challenger(registered, winner.fingerprint, noted["data_version"], decision["reason"])
    DECISIONS.unlink()


def register_champion(name: str, fingerprint: str, manifest: Manifest, task: str, why: str, card: str) -> None:
    """Make a run's model the champion of its name; the same version again changes nothing.

    An experiment that DVC runs in a copy of the workspace is a trial, and leaves the registry alone.

    Args:
        name: registered model, such as ``mixplan-demand``.
        fingerprint: of the record whose run logged the model.
        manifest: of the champion folder; its version of the task and the task's scores become tags.
        task: the task of the manifest that the model belongs to.
        why: the decision in words.
        card: the model card, which describes the version.

    Raises:
        UnknownRunError: no run has this fingerprint.
    """
    if _is_trial(name):
        return
    client, version = open_store(), manifest.tasks[task].version
    run_id = _run_of(client, name, fingerprint)
    aliases = _aliases(client, name)
    known = [found for found in _versions(client, name) if found.tags.get(VERSION) == version]
    if known:
        number = known[0].version
    else:
        tags = {
            VERSION: version,
            "mixplan.data_version": manifest.tasks[task].data_version,
            CHANGED: f"promoted: {why}",
        }
        tags |= {f"score.{metric}": f"{value:.6g}" for metric, value in manifest.tasks[task].metrics.items()}
        number = _new_version(client, name, run_id, tags, card)
        logging.info("registry: %s version %s is %s", name, number, version)
    if _promote(client, name, number, aliases) and known:
        client.set_model_version_tag(name, number, CHANGED, f"promoted: {why}")


def register_challenger(name: str, fingerprint: str, data_version: str, why: str) -> None:
    """Give a winner that did not replace the champion the alias ``challenger``, with the reason.

    Args:
        name: registered model, such as ``mixplan-demand``.
        fingerprint: of the record whose run logged the model.
        data_version: what it learnt from.
        why: the decision in words.

    Raises:
        UnknownRunError: no run has this fingerprint.
    """
    if _is_trial(name):
        return
    client = open_store()
    run_id = _run_of(client, name, fingerprint)
    _aliases(client, name)
    known = [found.version for found in _versions(client, name) if found.run_id == run_id]
    number = known[0] if known else _new_version(client, name, run_id, {"mixplan.data_version": data_version}, "")
    client.set_registered_model_alias(name, CHALLENGER, number)
    client.set_model_version_tag(name, number, CHANGED, f"challenger: {why}")


def restore_champions(manifest: Manifest, why: str) -> list[str]:
    """Point the aliases at a champion folder that people went back to.

    Args:
        manifest: of that folder.
        why: who went back, when and why; a tag of each version that changed.

    Returns:
        The registered models whose champion changed.
    """
    client, served = open_store(), {task.version for task in manifest.tasks.values()}
    changed = []
    for model in client.search_registered_models("name LIKE 'mixplan-%'"):
        known = [found for found in _versions(client, model.name) if found.tags.get(VERSION) in served]
        if known and _promote(client, model.name, known[0].version, _aliases(client, model.name)):
            client.set_model_version_tag(model.name, known[0].version, CHANGED, why)
            changed.append(model.name)
    return changed


def _is_trial(name: str) -> bool:
    is_trial = Path.cwd().resolve() != workspace()
    if is_trial:
        logging.info("registry: %s is left as it is, this is an experiment in a copy of the workspace", name)
    return is_trial


def _run_of(client: "MlflowClient", name: str, fingerprint: str) -> str:
    run_id = find_run(client, {FINGERPRINT: fingerprint})
    if run_id is None:
        raise UnknownRunError(f"{name}: the tracking store has no run of this winner: run `dvc repro`")
    return run_id


def _versions(client: "MlflowClient", name: str) -> "list[ModelVersion]":
    return list(client.search_model_versions(f"name = '{name}'"))


def _aliases(client: "MlflowClient", name: str) -> dict[str, str]:
    """Version by alias of a registered model, which is made now if it is new."""
    from mlflow.exceptions import MlflowException

    try:
        aliases = client.get_registered_model(name).aliases
    except MlflowException:
        aliases = client.create_registered_model(name).aliases
    # The store answers with numbers where it was given text.
    return {alias: str(version) for alias, version in aliases.items()}


def _new_version(client: "MlflowClient", name: str, run_id: str, tags: dict[str, str], card: str) -> str:
    tags, model_id = tags | {"mixplan.git_commit": git_commit()}, _model_of(client, run_id)
    # By its own id: MLflow 3 keeps models beside runs, and a version of runs:/<id>/model could not be loaded.
    found = client.create_model_version(
        name, f"models:/{model_id}", run_id, tags=tags, description=card, model_id=model_id
    )
    return str(found.version)


@lru_cache(maxsize=32)
def _model_of(client: "MlflowClient", run_id: str) -> str:
    return str(client.get_run(run_id).outputs.model_outputs[0].model_id)


def _promote(client: "MlflowClient", name: str, number: str, aliases: Mapping[str, str]) -> bool:
    """Move the alias, and say whether it pointed elsewhere; what it pointed at is the previous champion."""
    old = aliases.get(ALIAS)
    if old == str(number):
        return False
    if old is not None:
        client.set_registered_model_alias(name, PREVIOUS, old)
    if aliases.get(CHALLENGER) == str(number):
        client.delete_registered_model_alias(name, CHALLENGER)
    client.set_registered_model_alias(name, ALIAS, number)
    return True
