"""Segments of customers by K-means on how they buy, named by what they are like."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.artifacts.files import read_json, write_json
from mixplan.config.base import MixplanError
from mixplan.config.customers import CustomersConfig
from mixplan.customers.clusters import best, firm, nearest, try_all
from mixplan.customers.naming import MEASURES, name_groups

Values = npt.NDArray[np.float64]
COUNTED = ("recency_days", "frequency", "monetary", "products")
"""Measures whose doubling is as far as their halving: taken as log1p."""


class TooFewCustomersError(MixplanError):
    """There are fewer kinds of customers than segments to try."""


class MonetaryUnitError(MixplanError):
    """Customers valued in one unit were put to segments found in another."""


@dataclass(frozen=True)
class Segments:
    """Segments that customers are assigned to, in the order of the kinds in ``conf/segments.yaml``, then by value.

    The columns of ``means``, ``scales`` and ``centroids`` are the ``MEASURES``, each as (transformed - mean) / scale.
    """

    monetary_unit: str
    """The unit of monetary: KRW or kg."""
    means: list[float]
    """Mean of each transformed measure."""
    scales: list[float]
    """Standard deviation of each transformed measure; 1 where it does not vary."""
    centroids: list[list[float]]
    """One row a segment, one column a measure, standardised."""
    kinds: list[str]
    """Key of each segment's kind."""
    names: list[str]
    """What each segment is called."""
    actions: list[str]
    """What to do about a customer of each segment who is not at risk."""
    at_risk_action: str
    """What to do about a customer at risk, whatever the segment."""
    gone_name: str
    """What customers without an order in the window are called; they stand behind the last segment."""
    gone_action: str
    """What to do about them."""
    is_firm: bool
    """Whether samples of the customers find these groups again; where not, they sort customers and are no finding."""
    tried: dict[str, dict[str, float]]
    """By number of segments: silhouette, stability and smallest (share of the smallest segment)."""
    sizes: list[int]
    """How many of the customers that the segments were found in belong to each."""

    def points(self, frame: pd.DataFrame) -> Values:
        """Customers as the segments see them: (customers, measures), transformed and scaled.

        Raises:
            MonetaryUnitError: the frame's monetary_unit is not that of the segments.
        """
        others = set(frame["monetary_unit"]) - {self.monetary_unit}
        if others:
            raise MonetaryUnitError(
                f"customers: values are in {', '.join(sorted(others))}, the segments in {self.monetary_unit}; "
                "find segments again with this data"
            )
        points: Values = (_transformed(frame) - np.array(self.means)) / np.array(self.scales)
        return points

    def positions(self, frame: pd.DataFrame) -> npt.NDArray[np.int64]:
        """The segment of each customer, by the nearest centroid; who is gone stands behind the last."""
        found = nearest(self.points(frame), np.array(self.centroids))
        return np.where(frame["frequency"] > 0, found, len(self.centroids))

    def assign(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The segment of each customer, and what to do.

        Args:
            frame: from ``behaviour``, with at_risk.

        Returns:
            The frame's columns and segment (0, 1, ...), segment_kind (key in ``conf/segments.yaml``, empty for who is
            gone), segment_profile (its name) and action.
        """
        segment = self.positions(frame)
        own = np.array([*self.actions, self.gone_action], dtype=object)[segment]
        actions = np.where(frame["at_risk"], self.at_risk_action, own)
        profiles = np.array([*self.names, self.gone_name], dtype=object)[segment]
        kinds = np.array([*self.kinds, ""], dtype=object)[segment]
        return frame.assign(segment=segment, segment_kind=kinds, segment_profile=profiles, action=actions)

    def metrics(self) -> dict[str, float]:
        """``segments`` (how many), ``firm`` (1 or 0), scores by number tried, and ``size_<segment>``."""
        tried = {f"{name}_{k}": value for k, scores in self.tried.items() for name, value in scores.items()}
        sizes = {f"size_{segment}": float(size) for segment, size in enumerate(self.sizes)}
        return {"segments": float(len(self.sizes)), "firm": float(self.is_firm), **tried, **sizes}

    def save(self, path: Path) -> None:
        """Write the segments as JSON: equal segments are equal bytes."""
        write_json(path, asdict(self))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what ``save`` wrote."""
        return cls(**read_json(path))


def find_segments(frame: pd.DataFrame, config: CustomersConfig, seed: int) -> Segments:
    """Segments in the number that silhouette, stability and size decide on; see ``clusters.best``.

    Customers without an order in the window are left out. Customer codes and the order of rows play no part.

    Args:
        frame: from ``behaviour``.
        config: the numbers of segments to try, and the kinds that they are named after.
        seed: where the random starts of K-means begin.

    Raises:
        TooFewCustomersError: no more customers who differ than segments to try.
    """
    raw = _transformed(frame[frame["frequency"] > 0])
    transformed = raw[np.lexsort(raw.T[::-1])]
    distinct = len(np.unique(transformed, axis=0))
    if distinct <= config.max_segments:
        raise TooFewCustomersError(
            f"customers: {distinct} with different behaviour are too few to try {config.max_segments} segments; "
            f"lower customers.max_segments below {distinct} or bring more sales"
        )
    means, spread = transformed.mean(axis=0), transformed.std(axis=0)
    scales = np.where(spread > 1e-9, spread, 1.0)
    points = (transformed - means) / scales
    tried = try_all(points, config, seed)
    centroids = tried[best(tried, config)].centroids
    kinds, order = name_groups(centroids, config.segments), list(config.segments)
    value = MEASURES.index("monetary")
    ranks = sorted(range(len(kinds)), key=lambda group: (order.index(kinds[group]), -centroids[group, value]))
    centroids, kinds = centroids[ranks], [kinds[group] for group in ranks]
    return Segments(
        monetary_unit=str(frame["monetary_unit"].iloc[0]),
        means=means.tolist(),
        scales=scales.tolist(),
        centroids=centroids.tolist(),
        kinds=kinds,
        names=[config.segments[kind].name for kind in kinds],
        actions=[config.segments[kind].action for kind in kinds],
        at_risk_action=config.at_risk_action,
        gone_name=config.gone_name,
        gone_action=config.gone_action,
        is_firm=bool(firm(tried, config)),
        tried={
            str(k): {"silhouette": one.silhouette, "stability": one.stability, "smallest": one.smallest}
            for k, one in tried.items()
        },
        sizes=np.bincount(nearest(points, centroids), minlength=len(centroids)).tolist(),
    )


def _transformed(frame: pd.DataFrame) -> Values:
    """The measures, counted ones as log1p: (customers, measures)."""
    columns = [np.log1p(frame[name]) if name in COUNTED else frame[name] for name in MEASURES]
    return np.stack([column.to_numpy(dtype=np.float64) for column in columns], axis=1)
