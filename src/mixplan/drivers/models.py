"""Driver models from their configuration, and from their files."""

from importlib import import_module
from pathlib import Path
from typing import get_args

from mixplan.artifacts.files import read_json
from mixplan.config.drivers import DriverCandidate, SeriesConfig
from mixplan.drivers.interface import DriverError, DriverModel

TARGETS = tuple(
    get_args(candidate.model_fields["target"].annotation)[0] for candidate in get_args(get_args(DriverCandidate)[0])
)
"""Dotted path of every class that may forecast a driver."""


def build_model(candidate: DriverCandidate, facts: SeriesConfig, interval: float, seed: int) -> DriverModel:
    """A candidate's model for one driver, not fitted yet."""
    chance = {"random_state": seed} if candidate.draws_at_random else {}
    model: DriverModel = candidate.build(facts=facts, interval=interval, **chance)
    return model


def load_model(folder: Path) -> DriverModel:
    """The model that was saved below ``folder``, of whichever candidate it is.

    Raises:
        DriverError: the folder names a class that is no candidate.
    """
    target = read_json(folder / "model.json")["target"]
    if target not in TARGETS:
        raise DriverError(f"{folder}: {target!r} is no driver model of this version of mixplan; train it again")
    module, _, name = target.rpartition(".")
    model: DriverModel = getattr(import_module(module), name).load(folder)
    return model
