"""Plain words for a segment: how its typical customer compares with the median customer."""

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from mixplan.config.customers import CustomersConfig

Values = npt.NDArray[np.float64]
MEASURES = ("recency_days", "frequency", "monetary")
"""What segments are found in, in the order of every array of centroids."""


class Level(IntEnum):
    """Where a value stands against the median."""

    LOW = -1
    TYPICAL = 0
    HIGH = 1


VALUE_WORDS = {Level.HIGH: "high value", Level.TYPICAL: "typical value", Level.LOW: "low value"}
FREQUENCY_WORDS = {Level.HIGH: "frequent", Level.TYPICAL: "typical frequency", Level.LOW: "infrequent"}
RECENCY_WORDS = {Level.HIGH: "not recent", Level.TYPICAL: "typical recency", Level.LOW: "recent"}


def level(value: float, median: float, typical_within: float) -> Level:
    """Whether a value is below, near or above the median.

    Args:
        value: of the segment.
        median: over all customers.
        typical_within: relative distance from the median that counts as near; the bounds are near.

    >>> level(120.0, 100.0, 0.1).name, level(110.0, 100.0, 0.1).name, level(50.0, 100.0, 0.1).name
    ('HIGH', 'TYPICAL', 'LOW')
    """
    distance = value - median
    if abs(distance) <= typical_within * median:
        return Level.TYPICAL
    return Level.HIGH if distance > 0 else Level.LOW


def profile_of(centre: Values, medians: Values, typical_within: float) -> str:
    """A segment's profile: value, frequency, recency.

    Args:
        centre: the segment's centroid as recency_days, frequency and monetary.
        medians: the same of the median customer.
        typical_within: see ``level``.

    >>> profile_of(np.array([3.0, 40.0, 9e6]), np.array([10.0, 12.0, 2e6]), 0.1)
    'high value, frequent, recent'
    """
    recency, frequency, value = (level(*pair, typical_within) for pair in zip(centre, medians, strict=True))
    return f"{VALUE_WORDS[value]}, {FREQUENCY_WORDS[frequency]}, {RECENCY_WORDS[recency]}"


def action_of(centre: Values, medians: Values, config: CustomersConfig) -> str:
    """What to do about customers of a segment who are not at risk: it depends on the segment's value."""
    actions = config.actions
    by_level = {Level.HIGH: actions.high_value, Level.TYPICAL: actions.typical_value, Level.LOW: actions.low_value}
    value = MEASURES.index("monetary")
    return by_level[level(centre[value], medians[value], config.typical_within)]
