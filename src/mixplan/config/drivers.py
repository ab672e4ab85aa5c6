"""What the driver forecasts may be told: the facts of each series and the models that compete."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from mixplan.config.base import Candidate, Strict
from mixplan.config.evaluation import OriginSelectConfig

Frequency = Literal["D", "MS"]
"""Daily, or monthly by the month's first day."""
Harmonics = Annotated[int, Field(ge=1, le=5)]
"""Twelve months can tell five waves apart."""


class Climatology(Candidate):
    """The usual course of the year."""

    target: Literal["mixplan.drivers.climatology.Climatology"] = Field(alias="_target_")
    harmonics: Harmonics
    """Pairs of sine and cosine that draw the course of the year."""


class AutoArima(Candidate):
    """The course of the year with ARMA errors of an order that is searched for."""

    target: Literal["mixplan.drivers.auto_arima.AutoArima"] = Field(alias="_target_")
    harmonics: Harmonics
    """Pairs of sine and cosine that draw the course of the year."""
    max_p: NonNegativeInt
    """Most autoregressive terms."""
    max_q: NonNegativeInt
    """Most moving-average terms."""
    information_criterion: Literal["aic", "aicc", "bic"]
    """What the search makes smallest."""
    max_iter: PositiveInt
    """Most steps of the likelihood's optimiser for one order."""


class HarmonicArima(Candidate):
    """The course of the year with ARMA errors; the number of waves and the order are searched for."""

    target: Literal["mixplan.drivers.harmonic_arima.HarmonicArima"] = Field(alias="_target_")
    max_harmonics: Harmonics
    """Most pairs of sine and cosine that draw the course of the year."""
    max_p: NonNegativeInt
    """Most autoregressive terms."""
    max_q: NonNegativeInt
    """Most moving-average terms."""
    information_criterion: Literal["aic", "aicc", "bic"]
    """What the search makes smallest."""


class SeasonalSmoothing(Candidate):
    """The course of the year about a level that is smoothed exponentially."""

    target: Literal["mixplan.drivers.smoothing.SeasonalSmoothing"] = Field(alias="_target_")
    harmonics: Harmonics
    """Pairs of sine and cosine that draw the course of the year."""
    path_days: Annotated[int, Field(ge=1, le=30)]
    """Days ahead whose mean squared error sets the pace of a daily level; statsforecast looks at 30 at most."""
    path_months: Annotated[int, Field(ge=1, le=30)]
    """Months ahead whose mean squared error sets the pace of a monthly level."""


class Gru(Candidate):
    """A gated recurrent network that reads the latest departures from the course of the year."""

    draws_at_random: ClassVar[bool] = True
    target: Literal["mixplan.drivers.gru.Gru"] = Field(alias="_target_")
    harmonics: Harmonics
    """Pairs of sine and cosine that draw the course of the year."""
    context_days: PositiveInt
    """Days that the network reads of a daily series."""
    context_months: PositiveInt
    """Months that the network reads of a monthly series."""
    path_days: PositiveInt
    """Days ahead that training looks at in a daily series."""
    path_months: PositiveInt
    """Months ahead that training looks at in a monthly series."""
    decay_steps: tuple[PositiveFloat, ...] = Field(min_length=1)
    """Steps after which each part of the forecast departure has fallen to 1/e."""
    units: PositiveInt
    """Size of the network's state."""
    epochs: PositiveInt
    """Passes over the training windows."""
    batch_size: PositiveInt
    """Windows in one step of the optimiser."""
    learning_rate: PositiveFloat
    """Step size of the optimiser."""


Member = Annotated[Climatology | AutoArima | HarmonicArima | SeasonalSmoothing, Field(discriminator="target")]
"""What an average may be made of: all that fits without chance."""


class Average(Candidate):
    """The mean of other candidates' forecasts."""

    target: Literal["mixplan.drivers.average.Average"] = Field(alias="_target_")
    members: Annotated[dict[str, Member], Field(min_length=2)]
    """The candidates that are averaged, by name, with their own hyper-parameters."""

    def hyper_parameters(self) -> dict[str, Any]:
        """The members as they are: each is built by its own configuration."""
        return {"members": self.members}


DriverCandidate = Annotated[
    Climatology | AutoArima | HarmonicArima | SeasonalSmoothing | Average | Gru, Field(discriminator="target")
]


class SeriesConfig(Strict):
    """Facts of one driver."""

    frequency: Frequency
    """Daily series come from the mart's ``weather``, monthly ones from ``construction``."""
    minimum: float | None
    """No forecast lies below, in the driver's unit."""
    maximum: float | None
    """No forecast lies above, in the driver's unit."""
    publication_lag_days: NonNegativeInt
    """Days from the end of a day or month until its value is known."""
    longest_gap: NonNegativeInt
    """Most missing days or months in a row that are bridged; more is an error."""


class EventConfig(Strict):
    """Days of a kind that stops pours, told by one driver."""

    driver: str
    """The daily driver that tells."""
    side: Literal["below", "at_least"]
    """Where of the limit the driver lies on such a day."""
    limit: float
    """In the driver's unit."""


class DriversConfig(Strict):
    """Forecasts of what moves demand."""

    interval: Annotated[float, Field(gt=0, lt=1)]
    """Share of outcomes that the interval should hold."""
    select: OriginSelectConfig
    """How the winner of each driver and band is picked."""
    bands: dict[Frequency, tuple[PositiveInt, ...]]
    """By frequency, the last day ahead of each band but the last: each band has a winner of its own."""
    simplicity: tuple[str, ...]
    """Candidates from the simplest to the richest: ties go to the earlier."""
    series: dict[str, SeriesConfig]
    """The drivers by the name of their column in the mart."""
    events: dict[str, EventConfig]
    """Kinds of days that stop pours, by name: how likely each is, is forecast from its driver."""
    candidates: dict[str, DriverCandidate]
    """The models that compete, by name."""

    @model_validator(mode="after")
    def _simplicity_is_complete(self) -> "DriversConfig":
        without = sorted(set(self.candidates) - set(self.simplicity))
        if without:
            raise ValueError(f"simplicity must name every candidate; it lacks {', '.join(without)}")
        return self

    @model_validator(mode="after")
    def _events_are_of_daily_drivers(self) -> "DriversConfig":
        daily = {name for name, facts in self.series.items() if facts.frequency == "D"}
        for name, event in self.events.items():
            if event.driver not in daily:
                raise ValueError(f"events.{name}: {event.driver} is no daily driver of series")
        return self

    @model_validator(mode="after")
    def _bands_follow_one_another(self) -> "DriversConfig":
        lacking = {facts.frequency for facts in self.series.values()} - set(self.bands)
        if lacking:
            raise ValueError(f"bands must be given for every frequency; they lack {', '.join(sorted(lacking))}")
        for frequency, ends in self.bands.items():
            if list(ends) != sorted(set(ends)):
                raise ValueError(f"bands of {frequency} must grow, got {', '.join(map(str, ends))}")
        return self
