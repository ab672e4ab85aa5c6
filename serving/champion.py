"""Where the champion is, and which of its versions answers."""

import os
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from mixplan.artifacts.champion import CARD, ChampionError, read_champion
from mixplan.client.schemas import ModelAnswer, ServedTask

VARIABLE = "MIXPLAN_CHAMPION"
CHALLENGER = "challenger"
"""The folder beside the champion that ``promote`` leaves where the challenger was not promoted."""
DEFAULT = Path(__file__).parents[1] / "models" / "champion"
"""Beside this code, in the project as in a bento."""
TASKS = ("demand", "reorder", "recommend", "customers")
"""What is served."""


def champion_folder() -> Path:
    """The folder that the environment variable names, or the project's ``models/champion``."""
    return Path(os.environ.get(VARIABLE, DEFAULT))


def challenger_folder() -> Path:
    """The folder beside the champion's."""
    return champion_folder().with_name(CHALLENGER)


class Source(NamedTuple):
    """Where one task's answers come from."""

    folder: Path
    """The task's files, checked against the manifest."""
    versions: dict[str, Any]
    """``model_version`` and ``data_version``, as every answer gives them."""


def open_task(task: str, folder: Path | None = None) -> Source:
    """Check a champion folder and find one task in it.

    Args:
        task: one of ``TASKS``.
        folder: the champion's or the challenger's; the champion's where left out.

    Raises:
        ChampionError: see ``read_champion``; or the folder has no champion of this task.
    """
    folder = folder or champion_folder()
    manifest = read_champion(folder)
    if task not in manifest.tasks:
        raise ChampionError(f"{folder}: no champion of {task}; run `dvc repro promote` to write it anew")
    versions = {"model_version": manifest.tasks[task].version, "data_version": manifest.tasks[task].data_version}
    return Source(folder / task, versions)


def model_of(folder: Path | None = None, tasks: Collection[str] | None = None) -> ModelAnswer:
    """Versions, scores and cards of a champion folder.

    Args:
        folder: the champion's or the challenger's; the champion's where left out.
        tasks: which; all of the folder where left out.

    Raises:
        ChampionError: see ``read_champion``.
    """
    folder = folder or champion_folder()
    manifest = read_champion(folder)
    return ModelAnswer(
        version=manifest.version,
        data_version=manifest.data_version,
        tasks={
            name: ServedTask(
                version=task.version,
                candidate=task.candidate,
                data_version=task.data_version,
                scores=task.metrics,
                card=_card(folder / name / CARD),
            )
            for name, task in manifest.tasks.items()
            if tasks is None or name in tasks
        },
        refused=None,
    )


def _card(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
