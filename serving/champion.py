"""Where the champion is, and which of its versions answers."""

import os
from pathlib import Path
from typing import NamedTuple

from mixplan.artifacts.champion import ChampionError, read_champion

VARIABLE = "MIXPLAN_CHAMPION"
DEFAULT = Path(__file__).parents[1] / "models" / "champion"
"""Beside this code, in the project as in a bento."""
TASKS = ("demand", "reorder", "recommend", "customers")
"""What is served."""


def champion_folder() -> Path:
    """The folder that the environment variable names, or the project's ``models/champion``."""
    return Path(os.environ.get(VARIABLE, DEFAULT))


class Source(NamedTuple):
    """Where one task's answers come from."""

    folder: Path
    """The task's files, checked against the manifest."""
    versions: dict[str, str]
    """``model_version`` and ``data_version``, as every answer gives them."""


def open_task(task: str) -> Source:
    """Check the champion folder and find one task in it.

    Raises:
        ChampionError: see ``read_champion``; or the folder has no champion of this task.
    """
    folder = champion_folder()
    manifest = read_champion(folder)
    if task not in manifest.tasks:
        raise ChampionError(f"{folder}: no champion of {task}; run `dvc repro promote` to write it anew")
    versions = {"model_version": manifest.tasks[task].version, "data_version": manifest.data_version}
    return Source(folder / task, versions)
