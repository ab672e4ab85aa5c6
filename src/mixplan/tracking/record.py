"""What a candidate left behind: the files that its stage wrote, read as one record."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from mixplan.artifacts.files import read_json, sha256_of, write_json
from mixplan.config.base import Candidate


@dataclass(frozen=True)
class Record:
    """A candidate's result in one task, as its files have it."""

    task: str
    candidate: str
    data_version: str
    parameters: dict[str, Any]
    """The configuration that was trained, the target class included."""
    model: Path
    """Folder of the fitted model, with ``input_example.parquet``."""
    predictions: Path
    """The backtest: every forecast with its actual."""
    metrics: Path
    """JSON: ``scores`` by name, and ``by_horizon`` by name and horizon."""

    @property
    def scores(self) -> dict[str, float]:
        """One number a metric."""
        scores: dict[str, float] = read_json(self.metrics)["scores"]
        return scores

    @property
    def by_horizon(self) -> dict[str, dict[str, float]]:
        """Metrics that are known for each horizon."""
        by_horizon: dict[str, dict[str, float]] = read_json(self.metrics).get("by_horizon", {})
        return by_horizon

    @cached_property
    def fingerprint(self) -> str:
        """Hash of everything that makes this result what it is: equal results have one record in the store."""
        parts = [self.task, self.candidate, self.data_version, repr(sorted(self.parameters.items()))]
        parts += [sha256_of(path) for path in (self.model, self.predictions, self.metrics)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Scored:
    """A result with scores and no model of its own: a policy's replay, a number of segments, a day's figures."""

    task: str
    candidate: str
    data_version: str
    parameters: dict[str, Any]
    """All that makes the scores what they are."""
    scores: dict[str, float]

    @property
    def fingerprint(self) -> str:
        """Hash of everything that makes this result what it is: equal results have one record in the store."""
        content = (self.task, self.candidate, self.data_version, self.parameters, self.scores)
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def record_of(task: str, name: str, candidate: Candidate, root: Path = Path()) -> Record:
    """The record of a candidate whose stage has run, from the project's folders."""
    data_version = read_json(root / "metrics" / "mart.json")["data_version"]
    return record_at(task, name, data_version, candidate.model_dump(by_alias=True), root)


def record_at(task: str, name: str, data_version: str, parameters: dict[str, Any], root: Path = Path()) -> Record:
    """The record of what the project's folders hold of a candidate."""
    return Record(
        task=task,
        candidate=name,
        data_version=data_version,
        parameters=parameters,
        model=root / "models" / task / name,
        predictions=root / "predictions" / task / f"{name}.parquet",
        metrics=root / "metrics" / task / f"{name}.json",
    )


@dataclass(frozen=True)
class Chosen:
    """A winner as the later stages know it: they depend on it alone, so that a loser's change does not run them."""

    candidate: str
    parameters: dict[str, Any]
    fingerprint: str
    scores: dict[str, float]
    """What it was chosen by."""
    losses: dict[str, float]
    """Its loss at each origin, by the origin's day; empty where one time alone was scored."""

    @classmethod
    def of(cls, record: Record, losses: Mapping[str, float] | None = None) -> Self:
        """What is kept of a record that won, with its losses by origin."""
        return cls(record.candidate, record.parameters, record.fingerprint, record.scores, dict(losses or {}))


def write_chosen(path: Path, chosen: Mapping[str, Chosen]) -> None:
    """Write winners by what they were chosen for: a driver, or the task itself."""
    write_json(path, {name: asdict(winner) for name, winner in chosen.items()})


def chosen(forecasts: Path) -> dict[str, Chosen]:
    """Every winner of a run: ``demand``, ``recommend``, and ``<driver>-<band>`` for each driver and days ahead."""
    tasks = ("demand", "recommend", "drivers")
    return {name: winner for task in tasks for name, winner in read_chosen(forecasts / task / "winners.json").items()}


def read_chosen(path: Path) -> dict[str, Chosen]:
    """What ``write_chosen`` wrote."""
    return {name: Chosen(**winner) for name, winner in read_json(path).items()}
