"""What all candidates share: a forecast is the course of the year plus a departure from it."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.artifacts.files import read_arrays, read_json, write_arrays, write_json
from mixplan.config.drivers import SeriesConfig
from mixplan.drivers.interface import DriverError, DriverModel, Paths, Values
from mixplan.drivers.season import STEPS_PER_YEAR, Season

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(kw_only=True, eq=False)
class SeasonalModel(DriverModel):
    """A driver model but for its departures; ``DriverModel`` says what each public method does.

    A subclass names its hyper-parameters as fields, fits ``season`` and itself, and says how departures go on.
    """

    facts: SeriesConfig
    """Frequency and bounds of the series."""
    interval: float
    """Share of outcomes that the interval should hold."""
    history: pd.Series = field(init=False)
    """Everything observed so far."""
    season: Season = field(init=False)

    @abstractmethod
    def _fit(self, history: pd.Series) -> None:
        """Set ``season`` and the model's own parameters."""

    @abstractmethod
    def _departures(self, observed: pd.Series, known: Sequence[int], horizon: int) -> Values:
        """Expected departures from the season, (origin, step).

        Args:
            observed: departures of the history; an origin may look at its first ``known`` ones only.
            known: steps known at each origin.
            horizon: steps ahead.
        """

    @abstractmethod
    def _uncertainty(self, horizon: int) -> Values:
        """Spread of the errors at each step ahead, relative to the spread of the departures."""

    @abstractmethod
    def _arrays(self) -> Arrays:
        """The model's own fitted parameters."""

    @abstractmethod
    def _restore(self, arrays: Arrays) -> None:
        """Take back what ``_arrays`` gave."""

    def fit(self, history: pd.Series) -> Self:
        """Choose the parameters and stand at the end of ``history``."""
        if len(history) < STEPS_PER_YEAR[self.facts.frequency]:
            unit = "days" if self.facts.frequency == "D" else "months"
            raise DriverError(
                f"driver {history.name}: {len(history)} {unit} of history are too few to know its season, "
                "which takes a year; give a longer history or remove the driver from drivers.series"
            )
        self._check(history)
        self.history = history.astype("float64")
        self._fit(self.history)
        return self

    def observe(self, new: pd.Series) -> Self:
        """Move the origin past ``new``."""
        if new.empty:
            return self
        steps = self.history.index.append(new.index)
        values = np.concatenate([self.history.to_numpy(), new.to_numpy(dtype=np.float64)])
        joined = pd.Series(values, index=steps, name=self.history.name)
        self._check(joined)
        self.history = joined
        return self

    def predict(self, horizon: int) -> pd.DataFrame:
        """Forecast the steps after the last observed one."""
        paths = self.paths(self.history, [len(self.history)], horizon)
        dates = pd.date_range(self.history.index[-1], periods=horizon + 1, freq=self.facts.frequency)[1:]
        return pd.DataFrame({"date": dates, "mean": paths.mean[0], "lower": paths.lower[0], "upper": paths.upper[0]})

    def paths(self, history: pd.Series, known: Sequence[int], horizon: int) -> Paths:
        """Forecast from many origins of one series."""
        calendar = pd.date_range(history.index[0], periods=max(known) + horizon, freq=self.facts.frequency)
        steps = np.asarray(known)[:, None] + np.arange(horizon)
        mean = self.season.mean(calendar)[steps] + self._departures(self.season.departures(history), known, horizon)
        uncertainty = self._uncertainty(horizon)
        lower, upper = (quantile[steps] * uncertainty for quantile in self.season.error_quantiles(calendar))
        return self._within_bounds(mean, mean + lower, mean + upper)

    def save(self, folder: Path) -> None:
        """Write facts, hyper-parameters, history and everything fitted."""
        chosen = {entry.name: getattr(self, entry.name) for entry in fields(self) if entry.init}
        state = {
            "facts": self.facts.model_dump(),
            "first_step": str(self.history.index[0].date()),
            "name": self.history.name,
            "parameters": {name: value for name, value in chosen.items() if name != "facts"},
            "target": f"{type(self).__module__}.{type(self).__name__}",
        }
        season = {"coefficients": self.season.coefficients, "lower": self.season.lower, "upper": self.season.upper}
        own = {f"own_{name}": array for name, array in self._arrays().items()}
        write_json(folder / "model.json", state)
        write_arrays(folder / "model.npz", {"history": self.history.to_numpy(), **season, **own})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote."""
        state, arrays = read_json(folder / "model.json"), read_arrays(folder / "model.npz")
        facts = SeriesConfig.model_validate(state["facts"])
        model = cls(**state["parameters"], facts=facts)
        steps = pd.date_range(state["first_step"], periods=len(arrays["history"]), freq=facts.frequency)
        model.history = pd.Series(arrays["history"], index=steps, name=state["name"])
        model.season = Season(facts.frequency, *(arrays[name] for name in ("coefficients", "lower", "upper")))
        model._restore({name.removeprefix("own_"): value for name, value in arrays.items() if name.startswith("own_")})
        return model

    def _within_bounds(self, mean: Values, lower: Values, upper: Values) -> Paths:
        """Keep the driver's bounds; where most values are 0 the mean can leave its interval, which then stretches."""
        low = -np.inf if self.facts.minimum is None else self.facts.minimum
        high = np.inf if self.facts.maximum is None else self.facts.maximum
        mean, lower, upper = (np.clip(values, low, high) for values in (mean, lower, upper))
        return Paths(mean, np.minimum(lower, mean), np.maximum(upper, mean))

    def _check(self, series: pd.Series) -> None:
        steps = series.index
        complete = steps.equals(pd.date_range(steps[0], steps[-1], freq=self.facts.frequency))
        if not complete or not np.isfinite(series.to_numpy(dtype=np.float64)).all():
            raise DriverError(
                f"driver {series.name}: the series must have one value for each step of frequency "
                f"{self.facts.frequency} and follow what is observed already; fill its gaps first"
            )
