"""What the study of customers may be told: its window, its rule of risk and how segments are found."""

from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from mixplan.config.base import Strict

Sentence = Annotated[str, Field(min_length=1)]


class Actions(Strict):
    """What to do about a customer, in plain words; the first that fits is taken, in this order."""

    at_risk: Sentence
    """The customer is overdue."""
    high_value: Sentence
    """The customer's segment is worth more than the typical customer."""
    typical_value: Sentence
    """The customer's segment is worth about as much as the typical customer."""
    low_value: Sentence
    """The customer's segment is worth less than the typical customer."""


class CustomersConfig(Strict):
    """Behaviour, risk and segments of customers."""

    window_days: PositiveInt
    """Days before the day of study over which orders, value and products are counted."""
    at_risk_above: PositiveFloat
    """A customer is at risk when the time since the last order exceeds the usual interval this many times …"""
    at_risk_after_days: PositiveInt
    """… and this many days: who orders every other day is not lost after a weekend."""
    min_segments: Annotated[int, Field(ge=2)]
    """Fewest segments tried."""
    max_segments: Annotated[int, Field(ge=2)]
    """Most segments tried; there must be more customers than this."""
    silhouette_margin: Annotated[float, Field(ge=0, lt=1)]
    """Difference in silhouette that does not count as better: fewer segments win such a tie."""
    n_init: PositiveInt
    """Random starts of K-means; the best is kept."""
    typical_within: Annotated[float, Field(ge=0, lt=1)]
    """Relative distance from the median customer that still counts as typical in a segment's profile."""
    actions: Actions
    """What to do about a customer."""

    @model_validator(mode="after")
    def _in_order(self) -> "CustomersConfig":
        if self.max_segments < self.min_segments:
            raise ValueError("max_segments must not be below min_segments")
        return self
