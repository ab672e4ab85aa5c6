"""What the study of customers may be told: its window, how segments are found and what they are called."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, model_validator

from mixplan.config.base import Strict

Sentence = Annotated[str, Field(min_length=1)]
Measure = Literal["recency_days", "frequency", "monetary", "products", "price_level", "seasonality", "trend"]
Share = Annotated[float, Field(ge=0, lt=1)]


class SegmentKind(Strict):
    """A kind of customers as sales people know it."""

    name: Sentence
    """What it is called."""
    profile: dict[Measure, Annotated[float, Field(ge=-1, le=1)]]
    """How it differs from all customers, from -1 (clearly below) to 1 (clearly above)."""
    action: Sentence
    """What to do about such a customer."""
    prefers: Literal["favourite_groups", "often_bought", "premium_and_seasonal"]
    """The products that the action is about."""


class CustomersConfig(Strict):
    """Behaviour and segments of customers."""

    window_days: PositiveInt
    """Days before the day of study over which orders, value and products are counted."""
    min_segments: Annotated[int, Field(ge=2)]
    """Fewest segments tried."""
    max_segments: Annotated[int, Field(ge=2)]
    """Most segments tried; there must be more customers than this."""
    silhouette_margin: Share
    """Difference in silhouette within which the number of segments nearest to that of the named kinds wins."""
    min_stability: Share
    """Mean adjusted Rand index over bootstraps below which a number of segments is not trusted."""
    min_share: Share
    """Share of all customers that the smallest segment must hold."""
    bootstraps: PositiveInt
    """Samples of the customers, with replacement, on which stability is measured."""
    n_init: PositiveInt
    """Random starts of K-means; the best is kept."""
    at_risk_action: Sentence
    """What to do about a customer at risk, whatever the segment."""
    gone_name: Sentence
    """What customers without an order in the window are called: they are in no segment, having no behaviour."""
    gone_action: Sentence
    """What to do about them."""
    history_months: PositiveInt
    """Months back in which changes of segment are looked for."""
    segments: Annotated[dict[str, SegmentKind], Field(min_length=1)]
    """The kinds of customers that groups are named after."""

    @model_validator(mode="after")
    def _in_order(self) -> "CustomersConfig":
        if self.max_segments < self.min_segments:
            raise ValueError("max_segments must not be below min_segments")
        return self
