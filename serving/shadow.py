"""The challenger asked in the background: its answers go beside the champion's into a log, and to nobody else."""

import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from mixplan.client.schemas import Answer
from mixplan.config.serving import ShadowConfig
from serving.whole import Champion

BYTES_PER_MB = 1_000_000

logger = logging.getLogger("bentoml.mixplan")


class Counts:
    """What became of the questions to the challenger, by kind (``shadow`` or ``canary``) and outcome."""

    def __init__(self) -> None:
        self._counter: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def add(self, kind: str, outcome: str) -> None:
        """One more."""
        with self._lock:
            self._counter[kind, outcome] += 1

    def read(self) -> Mapping[tuple[str, str], int]:
        """All so far."""
        with self._lock:
            return dict(self._counter)


class Shadowed(NamedTuple):
    """A question that the champion has answered, to be put to the challenger."""

    path: str
    request: BaseModel
    answer: Answer
    seconds: float
    """What the champion took."""
    champion: Champion
    challenger: Champion


class Shadow:
    """Asks the challenger one question after the other, in a thread of its own.

    Args:
        config: how many may wait, and where the log is and how large.
        counts: where outcomes are counted: compared, failed, dropped, too_long and not_written.
    """

    def __init__(self, config: ShadowConfig, counts: Counts) -> None:
        self.config, self.counts = config, counts
        self._most_bytes = int(config.most_mb * BYTES_PER_MB)
        self._room = threading.Semaphore(config.waiting)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="shadow")
        self._log: RotatingFileHandler | None = None

    def offer(self, shadowed: Shadowed) -> None:
        """Take a question if there is room for it; at once in any case."""
        if self._room.acquire(blocking=False):
            self._pool.submit(self._ask, shadowed)
        else:
            self.counts.add("shadow", "dropped")

    def stop(self) -> None:
        """Forget what waits and close the log."""
        self._pool.shutdown(cancel_futures=True)
        if self._log:
            self._log.close()

    def _ask(self, shadowed: Shadowed) -> None:
        try:
            outcome = self._write(_entry(shadowed))
        except OSError as error:
            outcome = "not_written"
            logger.error("%s: %s", self.config.log, error.strerror)
        finally:
            self._room.release()
        self.counts.add("shadow", outcome)

    def _write(self, entry: Mapping[str, Any]) -> str:
        """Append one line, and say what became of the question."""
        line = json.dumps(entry, ensure_ascii=False)
        if len(line.encode()) >= self._most_bytes:
            return "too_long"
        if self._log is None:
            path = Path(self.config.log)
            path.parent.mkdir(parents=True, exist_ok=True)
            self._log = RotatingFileHandler(path, "a", self._most_bytes, self.config.files, encoding="utf-8")
        self._log.emit(logging.makeLogRecord({"msg": line}))
        return "failed" if entry["challenger"]["failure"] else "compared"


def _entry(shadowed: Shadowed) -> dict[str, Any]:
    """The line of the log: the question, and both answers with what they took."""
    started = time.perf_counter()
    answer, failure = None, None
    try:
        answer = shadowed.challenger.answer(shadowed.path, shadowed.request)
    except Exception as error:
        failure = f"{type(error).__name__}: {error}"
    seconds = time.perf_counter() - started
    return {
        "path": shadowed.path,
        "question": shadowed.request.model_dump(mode="json", exclude_unset=True),
        "champion": _side(shadowed.champion, shadowed.answer, shadowed.seconds, None),
        "challenger": _side(shadowed.challenger, answer, seconds, failure),
    }


def _side(asked: Champion, answer: Answer | None, seconds: float, failure: str | None) -> dict[str, Any]:
    return {
        "version": asked.model.version,
        "milliseconds": round(1000 * seconds, 3),
        "answer": answer and answer.model_dump(mode="json"),
        "failure": failure,
    }
