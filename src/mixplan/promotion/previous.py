"""The champion before this one, kept to go back to, and why people went back."""

import logging
import shutil
from pathlib import Path

from mixplan.artifacts.champion import ChampionError, Manifest, read_champion
from mixplan.artifacts.files import read_json, replace_folder, write_json
from mixplan.config.base import Strict
from mixplan.promotion.decide import Contender, Decision

CHAMPION, PREVIOUS = Path("models/champion"), Path(".mixplan/previous")
ROLLBACKS = Path(".mixplan/rollbacks.json")


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
    """Versions of its tasks, by task."""
    data_version: str
    """What the one that was taken back had learnt from."""
    candidates: dict[str, str]
    """What had won, by task."""


def current() -> Manifest | None:
    """What is served now; a folder that does not fit its manifest counts as none, so that it is replaced."""
    try:
        return read_champion(CHAMPION) if CHAMPION.exists() else None
    except ChampionError as error:
        logging.warning("%s", error)
        return None


def keep_previous(champion: Manifest | None, challenger: Manifest) -> None:
    """Keep a copy of the champion folder where another content is about to take its place."""
    if champion and champion.version != challenger.version:
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
    restored, taken_back = read_champion(PREVIOUS), current()
    # The inner one is replaced first: an end between the two loses the way forward, but not the way back.
    with replace_folder(PREVIOUS) as kept, replace_folder(CHAMPION) as served:
        shutil.copytree(PREVIOUS, served, dirs_exist_ok=True)
        shutil.copytree(CHAMPION if taken_back else PREVIOUS, kept, dirs_exist_ok=True)
    rollback = Rollback(
        who=who,
        when=when,
        why=why,
        version=taken_back.version if taken_back else "",
        restored=restored.version,
        serves={task: entry.version for task, entry in restored.tasks.items()},
        data_version=taken_back.data_version if taken_back else "",
        candidates={task: entry.candidate for task, entry in taken_back.tasks.items()} if taken_back else {},
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
    if not last or not champion or champion.tasks[task].version != last[0].serves.get(task):
        return None
    if (challenger.data_version, challenger.candidate) != (last[0].data_version, last[0].candidates.get(task)):
        return None
    return Decision(
        False,
        f"{champion.tasks[task].candidate} stays: {last[0].who} took {challenger.candidate} on "
        f"{challenger.data_version} back on {last[0].when[:10]} ({last[0].why})",
        servable=False,
    )
