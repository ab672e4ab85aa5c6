"""The ordering policies that compete, and what their stock, orders and shortages cost."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, NonNegativeFloat, PositiveInt

from mixplan.config.base import Candidate, Strict

Share = Annotated[float, Field(gt=0, lt=1)]


class CostConfig(Strict):
    """Prices of a decision to order, at which a replay is judged."""

    holding_rate_per_year: NonNegativeFloat
    """Cost of keeping stock for a year, as a share of its value: interest, tanks, what spoils."""
    order_krw: NonNegativeFloat
    """Cost of an order line, whatever its size: asking, receiving, checking, paying."""
    shortage_factor: NonNegativeFloat
    """Cost of a kilogram that was lacking, in prices of a kilogram: the margin of the mix that was not made."""


class Policy(Candidate):
    """An ordering policy; most are tried at every service level of the plan."""

    has_service_level: ClassVar[bool] = True
    """Whether the implementing class takes a ``service_level``: the share of order cycles without a shortage."""


class MaxMinusMean(Policy):
    """The plant's own rule: the worst lead time less the usual one."""

    has_service_level: ClassVar[bool] = False
    target: Literal["mixplan.planning.policies.max_minus_mean.MaxMinusMean"] = Field(alias="_target_")


class ServiceLevel(Policy):
    """A quantile of simulated use over the lead time and the review period."""

    draws_at_random: ClassVar[bool] = True
    target: Literal["mixplan.planning.policies.service_level.ServiceLevel"] = Field(alias="_target_")
    draws: PositiveInt
    """Simulated order cycles."""


class PeriodicReview(Policy):
    """(R, S): at every review up to a level from mean and deviation."""

    target: Literal["mixplan.planning.policies.periodic_review.PeriodicReview"] = Field(alias="_target_")


class MinMax(Policy):
    """(s, S): at or below the minimum up to the maximum, which weighs orders against stock."""

    target: Literal["mixplan.planning.policies.min_max.MinMax"] = Field(alias="_target_")


class ForecastCover(Policy):
    """What the forecast needs until the next order arrives, and a margin for its error."""

    target: Literal["mixplan.planning.policies.forecast_cover.ForecastCover"] = Field(alias="_target_")
    interval: Share
    """Level of the forecast's interval."""


PolicyCandidate = Annotated[
    MaxMinusMean | ServiceLevel | PeriodicReview | MinMax | ForecastCover, Field(discriminator="target")
]
