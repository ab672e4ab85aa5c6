"""The champion that answers: a new one is loaded whole beside it, and takes its place in one step."""
# BentoML's decorators have no types.
# mypy: disable-error-code="untyped-decorator"

import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import bentoml
from pydantic import BaseModel

from mixplan.artifacts.champion import MANIFEST, ChampionError
from mixplan.client.schemas import ModelAnswer
from mixplan.config.base import MixplanError
from serving.champion import champion_folder
from serving.gauges import gauges
from serving.keys import read_keys
from serving.settings import read_serving

Example = tuple[Any, BaseModel]
"""A question and its answer."""


class Part(Protocol):
    """What a service answers from: one champion, or a part of it."""

    model: ModelAnswer
    examples: dict[str, Example]
    """By path. A champion that cannot answer them does not fit."""


T = TypeVar("T")
P = TypeVar("P", bound=Part)
SECONDS_BETWEEN_LOOKS = 1.0
LOOKS_FOR_A_MISSING_ONE = 10
Identity = tuple[int, int, int] | None

logger = logging.getLogger("bentoml.mixplan")


def _identity(folder: Path) -> Identity:
    """What tells one manifest from the next; None where there is none.

    The time of the last write does not: copies keep it, and a new file may have the number of one that is gone. A
    folder that is being replaced is gone for an instant, so one that is missing is looked for again.
    """
    path = folder / MANIFEST
    for _ in range(LOOKS_FOR_A_MISSING_ONE):
        try:
            found = path.stat()
        except OSError:
            time.sleep(0.02)
        else:
            return found.st_ino, found.st_ctime_ns, found.st_size
    return None


class Live(Generic[T]):
    """What was loaded from the newest champion that could be loaded.

    A request reads ``loaded`` once, so its answer is of one champion from end to end. A champion that does not fit
    is refused: the one before goes on, and ``refusal`` says why until a sound one comes.

    Args:
        load: reads the champion; what it raises refuses the champion.
        folder: where the champion's manifest lies; the champion folder where left out.

    Raises:
        ChampionError: there is no sound champion to start with.
    """

    def __init__(self, load: Callable[[], T], folder: Path | None = None) -> None:
        self._folder, self._load = folder or champion_folder(), load
        self._seen = _identity(self._folder)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="champion", daemon=True)
        self.loaded = self._load_whole()
        self.refusal: str | None = None

    def look(self) -> None:
        """Load the champion if it is another than at the last look."""
        if _identity(self._folder) == self._seen:
            return
        try:
            self.loaded = self._load_whole()
        except ChampionError as error:
            self.refusal = str(error)
            logger.error("the new champion is refused and the one before goes on: %s", error)
        else:
            self.refusal = None
            logger.info("%s was loaded anew", self._folder)

    def watch(self) -> None:
        """Look every second, in a thread of its own, until ``stop``."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopped.wait(SECONDS_BETWEEN_LOOKS):
            self.look()

    def _load_whole(self) -> T:
        """Load until the folder was not replaced meanwhile: its files are then all of one champion."""
        while True:
            self._seen = _identity(self._folder)
            try:
                loaded = self._load()
            except Exception as error:
                if _identity(self._folder) == self._seen:
                    raise _refusal(error) from error
            else:
                if _identity(self._folder) == self._seen:
                    return loaded


def _refusal(error: Exception) -> ChampionError:
    """Whatever a champion's files make of a library, it is a champion that does not fit."""
    if isinstance(error, ChampionError):
        return error
    said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return ChampionError(f"{champion_folder()} does not fit this code ({said}); run `dvc repro promote`")


def stop_unless_loaded(load: Callable[[], object]) -> None:
    """End the program with one sentence where a service could not start; BentoML would restart its worker for ever.

    Args:
        load: reads the champion, as for ``Live``.
    """
    try:
        read_keys()
        read_serving()
        Live(load)
    except MixplanError as error:
        raise SystemExit(f"error: {error}") from None


class Watching(Generic[P]):
    """A service that looks for a new champion while it runs."""

    live: Live[P]

    def __metrics__(self, own: str) -> str:
        """BentoML's metrics and those of the champion."""
        return own + gauges(self.live.loaded.model, self.live.refusal, self.asked())

    def asked(self) -> Mapping[tuple[str, str], int]:
        """Questions to a challenger by kind and outcome; a service that stands alone has none."""
        return {}

    @bentoml.on_startup
    def watch(self) -> None:
        """Begin when the server does."""
        self.live.watch()

    @bentoml.on_shutdown
    def stop_watching(self) -> None:
        """End with the server."""
        self.live.stop()
