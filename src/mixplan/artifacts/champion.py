"""The champion folder: everything that serving reads, and a manifest that vouches for every file of it."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, FiniteFloat, ValidationError

from mixplan.artifacts.files import files_below, sha256_of, write_json
from mixplan.config.base import MixplanError, Strict

MANIFEST, CARD = "manifest.json", "card.md"
VERSION_LENGTH = 12

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Version = Annotated[str, Field(pattern=rf"^[0-9a-f]{{{VERSION_LENGTH}}}$")]


class ChampionError(MixplanError):
    """The champion folder is missing, or is not what its manifest says."""


class Winner(Strict):
    """What won a task."""

    candidate: str
    """The candidate's name."""
    metrics: dict[str, FiniteFloat]
    """Its scores by name; of a forecast those on the last window, which chose nothing."""
    chosen_by: dict[str, FiniteFloat]
    """Scores on the windows that chose it; empty where nothing competes."""
    losses: dict[str, FiniteFloat] = Field(default_factory=dict)
    """Its loss in each of these windows, by the day of its origin; empty where there is but one."""


class Task(Winner):
    """A winner, what it learnt from, and the version of its files."""

    data_version: str
    """The data that it learnt from; older than the manifest's where it stayed champion on new data."""
    version: Version
    """See ``version_of``, over the files below the task's folder."""


class Manifest(Strict):
    """What the champion folder holds. Equal folders have equal manifests: it knows no time, host or run."""

    version: Version
    """See ``version_of``, over all files."""
    data_version: str
    """The data of the run that put the folder together."""
    tasks: dict[str, Task]
    """By task, which is also the folder that its files lie in."""
    files: dict[str, Sha256]
    """SHA-256 of each file, by its name relative to the folder; the manifest itself is not among them."""


def version_of(files: Mapping[str, str]) -> str:
    """Twelve hexadecimal digits that change with any file's name or content.

    Args:
        files: SHA-256 by relative name.

    >>> version_of({"demand/a.json": "00ff"})
    'aca1c6a35c8d'
    """
    lines = "".join(f"{name}\0{files[name]}\n" for name in sorted(files))
    return hashlib.sha256(lines.encode()).hexdigest()[:VERSION_LENGTH]


def write_manifest(folder: Path, data_version: str, winners: Mapping[str, Winner]) -> Manifest:
    """Write the manifest of a folder whose files are all in place.

    Args:
        folder: the champion folder, with one folder a task.
        data_version: the data of this run, which its winners learnt from.
        winners: by task; a champion that stays is given as its old manifest's ``Task``, and keeps its data version.

    Raises:
        ChampionError: a task has no files, or files belong to no task.
    """
    files = _hashes(folder)
    folders = {name.partition("/")[0] for name in files}
    if folders != set(winners):
        odd = ", ".join(sorted(folders ^ set(winners)))
        raise ChampionError(f"{folder}: {odd} is a task without files or files without a task; promote both or neither")
    tasks = {
        task: Task(**{"data_version": data_version, **winner.model_dump(), "version": _task_version(files, task)})
        for task, winner in winners.items()
    }
    manifest = Manifest(version=version_of(files), data_version=data_version, tasks=tasks, files=files)
    write_json(folder / MANIFEST, manifest.model_dump())
    return manifest


def read_champion(folder: Path) -> Manifest:
    """The manifest of a champion folder, after every file of it was checked.

    Raises:
        ChampionError: the folder or its manifest is missing or unreadable, a file is missing, extra or changed, or a
            version is not that of its files.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise ChampionError(f"{path} is missing, so there is no champion to serve: run `make demo` first")
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        mistake = error.errors()[0]
        where = ".".join(str(part) for part in mistake["loc"]) or "the whole file"
        raise ChampionError(f"{path}: {where}: {mistake['msg']}; run `dvc repro promote` to write it anew") from None
    found = _hashes(folder)
    _check("missing", folder, manifest.files.keys() - found.keys())
    _check("not in the manifest", folder, found.keys() - manifest.files.keys())
    _check("not the file that was promoted", folder, {name for name in found if found[name] != manifest.files[name]})
    wrong = {task for task, entry in manifest.tasks.items() if entry.version != _task_version(found, task)}
    _check("given a version that is not that of its files", folder, wrong)
    if manifest.version != version_of(found):
        raise ChampionError(f"{path}: its version is not that of its files; run `dvc repro promote` to write it anew")
    return manifest


def _check(what: str, folder: Path, names: set[str]) -> None:
    if names:
        raise ChampionError(f"{folder}: {', '.join(sorted(names))} is {what}; run `dvc repro promote` to write it anew")


def _hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file but the manifest, by relative name."""
    files = {path.relative_to(folder).as_posix(): path for path in files_below(folder)}
    return {name: sha256_of(path) for name, path in files.items() if name != MANIFEST}


def _task_version(files: Mapping[str, str], task: str) -> str:
    return version_of({name: digest for name, digest in files.items() if name.startswith(f"{task}/")})
