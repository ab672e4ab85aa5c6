"""Results that wait to be logged.

A stage that trains leaves a note of its result here: importing MLflow would take longer than most candidates take to
fit, and a store that does not answer is no reason to lose what was trained. Whoever needs the store next logs it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mixplan.artifacts.files import read_json, write_json
from mixplan.tracking.record import Record, record_at

OUTBOX = Path("tracking/outbox")
"""In the folder that a stage runs in, as a note belongs to the files beside it."""


def leave(record: Record, train_seconds: float) -> None:
    """Leave a note of a result; a newer one of the same candidate takes its place.

    Args:
        record: what the candidate's stage has written.
        train_seconds: what it took to backtest and fit it.
    """
    noted = {
        "data_version": record.data_version,
        "fingerprint": record.fingerprint,
        "parameters": record.parameters,
        "train_seconds": train_seconds,
    }
    write_json(_note(record.task, record.candidate), noted)


def waiting(task: str) -> Iterator[Record]:
    """Results of a task that wait; a note whose files have changed or gone since is passed over."""
    for path in sorted((OUTBOX / task).glob("*.json")):
        noted = read_json(path)
        record = record_at(task, path.stem, noted["data_version"], noted["parameters"])
        if record.fingerprint == noted["fingerprint"]:
            yield record


def train_seconds(record: Record) -> float | None:
    """What the result took to train, where its note still waits."""
    noted = _noted(record)
    return noted["train_seconds"] if noted else None


def clear(record: Record) -> None:
    """The result is logged."""
    if _noted(record):
        _note(record.task, record.candidate).unlink()


def _noted(record: Record) -> dict[str, Any] | None:
    path = _note(record.task, record.candidate)
    noted: dict[str, Any] = read_json(path) if path.is_file() else {}
    return noted if noted.get("fingerprint") == record.fingerprint else None


def _note(task: str, candidate: str) -> Path:
    return OUTBOX / task / f"{candidate}.json"
