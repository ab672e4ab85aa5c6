"""The champion before this one, kept to go back to, and why people went back."""

import logging
import shutil
from collections.abc import Collection
from contextlib import AbstractContextManager
from pathlib import Path

from mixplan.artifacts.champion import ChampionError, Manifest, read_champion
from mixplan.artifacts.files import read_json, replace_folder, write_json
from mixplan.config.base import Strict
from mixplan.promotion.decide import Contender, Decision

CHAMPION, PREVIOUS = Path("models/champion"), Path(".mixplan/previous")
ROLLBACKS, LOCK = Path(".mixplan/rollbacks.json"), Path(".mixplan/champion.lock")


class Rollback(Strict):
    """A champion that people took back."""

    who: str
    when: str
    """Time of day in UTC, as ISO 8601."""
    why: str
    version: str
    """Of the champion that was taken back."""
    restored: str
    """Version of the champion that took its place."""
    serves: dict[str, str]
    """What it serves, by task: the candidate and the data that it learnt from."""
    taken: dict[str, str]
    """The same of the champion that was taken back."""


def champion_lock() -> AbstractContextManager[object]:
    """One process of this folder at a time decides on the champion; others wait for it."""
    from filelock import FileLock

    LOCK.parent.mkdir(exist_ok=True)
    return FileLock(LOCK)


def current() -> Manifest | None:
    """What is served now; a folder that does not fit its manifest counts as none, so that it is replaced."""
    try:
        return read_champion(CHAMPION) if CHAMPION.exists() else None
    except ChampionError as error:
        logging.warning("%s", error)
        return None


def keep_previous(champion: Manifest | None, challenger: Manifest, promoted: Collection[str]) -> None:
    """Keep a copy of the champion folder where another champion is about to take its place.

    What each run makes anew beside champions that stay, such as segments, is no other champion: after a rollback it
    would take the place of what was taken back, and the way forward would be gone.

    Args:
        champion: what is served now, if anything.
        challenger: what takes its place.
        promoted: tasks whose champions do not stay.
    """
    if champion and any(champion.tasks[task].version != challenger.tasks[task].version for task in promoted):
        with replace_folder(PREVIOUS) as folder:
            shutil.copytree(CHAMPION, folder, dirs_exist_ok=True)


def roll_back(who: str, when: str, why: str) -> tuple[Rollback, Manifest]:
    """Put the previous champion in its place again; the two exchange places, so the same again undoes it.

    Args:
        who: goes back.
        when: time of day in UTC, as ISO 8601.
        why: what was wrong, in words.

    Returns:
        What was done, and the manifest of the champion that is served now.

    Raises:
        ChampionError: no champion is kept, or it is not what was promoted.
    """
    if not PREVIOUS.exists():
        raise ChampionError("no champion is kept from before this one, so there is nothing to go back to")
    restored, taken = read_champion(PREVIOUS), current()
    # The inner one is replaced first: an end between the two loses the way forward, but not the way back.
    with replace_folder(PREVIOUS) as kept, replace_folder(CHAMPION) as served:
        shutil.copytree(PREVIOUS, served, dirs_exist_ok=True)
        shutil.copytree(CHAMPION if taken else PREVIOUS, kept, dirs_exist_ok=True)
    rollback = Rollback(
        who=who,
        when=when,
        why=why,
        version=taken.version if taken else "",
        restored=restored.version,
        serves=_named(restored),
        taken=_named(taken) if taken else {},
    )
    write_json(ROLLBACKS, [*(entry.model_dump() for entry in rollbacks()), rollback.model_dump()])
    return rollback, restored


def rollbacks() -> list[Rollback]:
    """Every rollback of this workspace, the oldest first."""
    return [Rollback.model_validate(entry) for entry in read_json(ROLLBACKS)] if ROLLBACKS.exists() else []


def taken_back(task: str, challenger: Contender, champion: Manifest | None) -> Decision | None:
    """A refusal where people took back this very winner, and serve what they went back to; otherwise None.

    Without it, the next run would promote the same content again.
    """
    last = rollbacks()[-1:]
    if not last or not champion or _named(champion).get(task) != last[0].serves.get(task):
        return None
    winner = _name(challenger.candidate, challenger.data_version)
    if winner != last[0].taken.get(task):
        return None
    return Decision(
        False,
        f"{champion.tasks[task].candidate} stays: {last[0].who} took {winner} back on {last[0].when[:10]} "
        f"({last[0].why})",
        servable=False,
    )


def _named(manifest: Manifest) -> dict[str, str]:
    """What a champion folder serves, by task; unlike versions, no refreshed shelf or segment changes it."""
    return {task: _name(entry.candidate, entry.data_version) for task, entry in manifest.tasks.items()}


def _name(candidate: str, data_version: str) -> str:
    return f"{candidate} on {data_version}"
