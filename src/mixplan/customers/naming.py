"""Which group of customers is which kind: by profile, never by number, so that a retrain swaps no names."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from mixplan.config.customers import SegmentKind

Values = npt.NDArray[np.float64]
MEASURES = ("recency_days", "frequency", "monetary", "products", "price_level", "seasonality", "trend")
"""What segments are found in, in the order of every array of centroids."""


def name_groups(centroids: Values, kinds: Mapping[str, SegmentKind]) -> list[str]:
    """The kind of each group.

    Groups and kinds are paired so that, together, profiles lie nearest to the centroids; every kind is used before one
    is used twice. Further groups take the kind that they lie nearest to.

    Args:
        centroids: one row a group, one column a measure, standardised over all customers.
        kinds: profiles by key; a measure that a profile does not name is 0, which is as all customers.

    >>> kinds = {"small": SegmentKind(name="Small", profile={"monetary": -1.0}, action="Call.", prefers="often_bought"),
    ...          "large": SegmentKind(name="Large", profile={"monetary": 1.0}, action="Visit.", prefers="often_bought")}
    >>> groups = np.zeros((3, 7)); groups[:, MEASURES.index("monetary")] = [1.2, -0.8, 0.4]
    >>> name_groups(groups, kinds)
    ['large', 'small', 'large']
    """
    from scipy.optimize import linear_sum_assignment

    keys = list(kinds)
    profiles = np.array([[kinds[key].profile.get(measure, 0.0) for measure in MEASURES] for key in keys])  # type: ignore[call-overload]
    distances = ((centroids[:, None, :] - profiles[None, :, :]) ** 2).sum(axis=2)  # -> (groups, kinds)
    named = distances.argmin(axis=1)
    groups, paired = linear_sum_assignment(distances)
    named[groups] = paired
    return [keys[position] for position in named]
