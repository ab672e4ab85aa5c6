"""The mean of other candidates' forecasts: their errors differ, so part of them cancels out.

Bates and Granger (1969), The Combination of Forecasts, doi:10.1057/jors.1969.103.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
from pydantic import TypeAdapter

from mixplan.artifacts.files import read_json, write_json
from mixplan.config.drivers import Member, SeriesConfig
from mixplan.drivers.interface import DriverModel, Paths
from mixplan.drivers.predictor import load_driver_model

_MEMBERS = TypeAdapter[dict[str, Member]](dict[str, Member])


@dataclass(kw_only=True, eq=False)
class Average(DriverModel):
    """Each member forecasts and counts as much as any other; ``DriverModel`` says what the methods do."""

    facts: SeriesConfig
    """Frequency and bounds of the series."""
    interval: float
    """Share of outcomes that the interval should hold."""
    members: Mapping[str, Member]
    """The averaged candidates by name."""
    models: dict[str, DriverModel] = field(init=False)

    def __post_init__(self) -> None:
        """Build the members, not fitted yet."""
        self.models = {
            name: member.build(facts=self.facts, interval=self.interval) for name, member in self.members.items()
        }

    def fit(self, history: pd.Series) -> Self:
        """Fit every member."""
        for model in self.models.values():
            model.fit(history)
        return self

    def observe(self, new: pd.Series) -> Self:
        """Move every member's origin past ``new``."""
        for model in self.models.values():
            model.observe(new)
        return self

    def predict(self, horizon: int) -> pd.DataFrame:
        """Forecast the steps after the last observed one."""
        first, *others = (model.predict(horizon).set_index("date") for model in self.models.values())
        return (sum(others, first) / len(self.models)).reset_index()

    def paths(self, history: pd.Series, known: Sequence[int], horizon: int) -> Paths:
        """Forecast from many origins of one series."""
        paths = [model.paths(history, known, horizon) for model in self.models.values()]
        return Paths(*(np.mean(of_members, axis=0) for of_members in zip(*paths, strict=True)))

    def save(self, folder: Path) -> None:
        """Write each member below a folder of its own."""
        for name, model in self.models.items():
            model.save(folder / name)
        state = {
            "facts": self.facts.model_dump(),
            "interval": self.interval,
            "members": {name: member.model_dump(by_alias=True) for name, member in self.members.items()},
            "target": f"{type(self).__module__}.{type(self).__name__}",
        }
        write_json(folder / "model.json", state)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote."""
        state = read_json(folder / "model.json")
        facts, members = SeriesConfig.model_validate(state["facts"]), _MEMBERS.validate_python(state["members"])
        model = cls(facts=facts, interval=state["interval"], members=members)
        model.models = {name: load_driver_model(folder / name) for name in members}
        return model
