"""Which questions the challenger answers as well, or in the champion's place."""

import hashlib
import logging
import time
from typing import Any

from bentoml.exceptions import BentoMLException
from pydantic import BaseModel

from mixplan.artifacts.champion import MANIFEST
from mixplan.config.serving import ServingConfig
from serving.champion import challenger_folder
from serving.live import Live
from serving.shadow import Counts, Shadow, Shadowed
from serving.whole import Champion

logger = logging.getLogger("bentoml.mixplan")


def place_of(path: str, request: BaseModel) -> float:
    """Where a question lies between 0 and 1: equal questions lie at one place, in every process and version.

    >>> from mixplan.client.schemas import ForecastRequest
    >>> round(place_of("/forecast", ForecastRequest(weeks=4)), 4)
    0.1405
    """
    digest = hashlib.sha256(f"{path}\0{request.model_dump_json(exclude_unset=True)}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def load_challenger() -> Champion | None:
    """The challenger, or None where there is none or it does not fit: it must never be in the champion's way."""
    folder = challenger_folder()
    if not (folder / MANIFEST).is_file():
        return None
    try:
        return Champion(folder)
    except Exception as error:
        logger.error("the challenger is not asked: %s", error)
        return None


class Traffic:
    """Divides questions between the champion and a challenger that learnt from the same data.

    Args:
        config: the shares; where both are 0, no challenger is even loaded.
    """

    def __init__(self, config: ServingConfig) -> None:
        self.canary_share = config.canary_share
        self.challenger_share = config.canary_share + config.shadow.share
        self.live = Live(load_challenger, challenger_folder()) if self.challenger_share else None
        self.counts = Counts()
        self.shadow = Shadow(config.shadow, self.counts)

    def challenger(self, champion: Champion) -> Champion | None:
        """The challenger of this champion; one of other data forecasts other weeks and is none."""
        loaded = self.live.loaded if self.live else None
        if loaded is None:
            return None
        learnt_from = [each.model.tasks["demand"].data_version for each in (loaded, champion)]
        return loaded if learnt_from[0] == learnt_from[1] else None

    def answer(self, path: str, request: BaseModel, champion: Champion) -> Any:
        """The answer to a question, by the champion unless the question is a canary's."""
        challenger = self.challenger(champion)
        place = 1.0 if challenger is None else place_of(path, request)
        if challenger is None or place >= self.challenger_share:
            return champion.answer(path, request)
        if place < self.canary_share:
            return self._canary(path, request, champion, challenger)
        started = time.perf_counter()
        answer = champion.answer(path, request)
        self.shadow.offer(Shadowed(path, request, answer, time.perf_counter() - started, champion, challenger))
        return answer

    def _canary(self, path: str, request: BaseModel, champion: Champion, challenger: Champion) -> Any:
        """The challenger's answer; where it has none, for whatever cause, the champion's."""
        try:
            answer = challenger.answer(path, request).model_copy(update={"model_role": "challenger"})
        except BentoMLException:
            self.counts.add("canary", "refused")
            return champion.answer(path, request)
        except Exception as error:
            logger.warning("the challenger does not answer %s, the champion does: %s", path, error)
            self.counts.add("canary", "failed")
            return champion.answer(path, request)
        self.counts.add("canary", "answered")
        return answer

    def watch(self) -> None:
        """Look for a new challenger while the service runs."""
        if self.live:
            self.live.watch()

    def stop(self) -> None:
        """Look no more, and forget what waits for the challenger."""
        if self.live:
            self.live.stop()
        self.shadow.stop()
