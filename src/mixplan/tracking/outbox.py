"""Results that wait to be logged.

A stage leaves notes of its results here: importing MLflow would take longer than most candidates take to fit, and a
store that does not answer is no reason to lose what was found. The stage ``track`` logs them all, and so does whoever
needs them sooner.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mixplan.artifacts.files import read_json, read_parquet, write_json, write_parquet
from mixplan.tracking.predictors import Answer, Predictor, answer_of
from mixplan.tracking.record import Record, Scored, record_at

OUTBOX = Path("tracking/outbox")
"""In the folder that a stage runs in, as a note belongs to the files beside it."""
DECISIONS = OUTBOX / "decisions.json"


def leave(record: Record, train_seconds: float, predict: Predictor | None = None) -> None:
    """Leave a note of a candidate's result; a newer one takes its place, as it took that of the files.

    The model answers its input example here, where its library is loaded already.

    Args:
        record: what the candidate's stage has written.
        train_seconds: what it took to backtest and fit it.
        predict: the model as it is in memory, where it takes long to read.
    """
    answer = answer_of(record, predict)
    noted = {
        "data_version": record.data_version,
        "fingerprint": record.fingerprint,
        "parameters": record.parameters,
        "costs": {**answer.costs, "train_seconds": train_seconds},
    }
    write_parquet(_rows(record), answer.rows)
    write_json(_note(record), noted)


def leave_scored(results: Sequence[Scored]) -> None:
    """Leave a note of each result that is scores alone."""
    for result in results:
        write_json(_note(result), asdict(result))


def waiting(task: str = "*") -> Iterator[Record | Scored]:
    """Results that wait, of one task or of all; a note whose files have changed or gone since is passed over."""
    for path in sorted(OUTBOX.glob(f"{task}/*.json")):
        noted = read_json(path)
        if "scores" in noted:
            yield Scored(**noted)
            continue
        record = record_at(path.parent.name, path.stem, noted["data_version"], noted["parameters"])
        if record.fingerprint == noted["fingerprint"]:
            yield record


def leave_decisions(version: str, data_version: str, decisions: Mapping[str, Mapping[str, Any]]) -> None:
    """Leave a note of what became of each task's winner; it is no output of the stage, as a run once more says less.

    Args:
        version: of the champion folder as it is now.
        data_version: what the winners learnt from.
        decisions: by task, whether to ``promote`` and the ``reason``.
    """
    write_json(DECISIONS, {"version": version, "data_version": data_version, "decisions": decisions})


def noted_answer(record: Record) -> Answer | None:
    """What the model answered where it was trained and what it cost, as long as the note waits."""
    noted = _noted(record)
    return Answer(read_parquet(_rows(record)), noted["costs"]) if noted else None


def clear(result: Record | Scored) -> None:
    """The result is logged."""
    if isinstance(result, Scored):
        _note(result).unlink(missing_ok=True)
    elif _noted(result):
        _note(result).unlink()
        _rows(result).unlink()


def _noted(record: Record) -> dict[str, Any] | None:
    path = _note(record)
    noted: dict[str, Any] = read_json(path) if path.is_file() else {}
    return noted if noted.get("fingerprint") == record.fingerprint else None


def _note(result: Record | Scored) -> Path:
    name = result.candidate if isinstance(result, Record) else result.fingerprint
    return OUTBOX / result.task / f"{name}.json"


def _rows(record: Record) -> Path:
    return _note(record).with_suffix(".parquet")
