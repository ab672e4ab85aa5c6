"""Segments of customers by K-means on recency, frequency and monetary value."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.artifacts.files import read_json, write_json
from mixplan.config.base import MixplanError
from mixplan.config.customers import CustomersConfig
from mixplan.customers.profiles import MEASURES, action_of, profile_of

Values = npt.NDArray[np.float64]


class TooFewCustomersError(MixplanError):
    """There are fewer kinds of customers than segments to try."""


class MonetaryUnitError(MixplanError):
    """Customers valued in one unit were put to segments found in another."""


@dataclass(frozen=True)
class Segments:
    """Segments that customers are assigned to; segment 0 is the one worth most.

    The three columns of ``means``, ``scales`` and ``centroids`` are recency_days, frequency and monetary, each as
    (log1p(value) - mean) / scale.
    """

    monetary_unit: str
    """The unit of monetary: KRW or kg."""
    means: list[float]
    """Mean of each log1p(measure)."""
    scales: list[float]
    """Standard deviation of each log1p(measure); 1 where it does not vary."""
    centroids: list[list[float]]
    """One row a segment, three columns, standardised."""
    profiles: list[str]
    """One a segment, in plain words."""
    actions: list[str]
    """What to do about a customer of each segment who is not at risk."""
    at_risk_action: str
    """What to do about a customer at risk, whatever the segment."""
    silhouettes: dict[str, float]
    """Mean silhouette of each number of segments that was tried."""
    sizes: list[int]
    """How many of the customers that the segments were found in belong to each."""

    def assign(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The segment of each customer, by the nearest centroid.

        Args:
            frame: from ``behaviour``.

        Returns:
            The frame's columns and segment (0, 1, ...), segment_profile and action.

        Raises:
            MonetaryUnitError: the frame's monetary_unit is not that of the segments.
        """
        others = set(frame["monetary_unit"]) - {self.monetary_unit}
        if others:
            raise MonetaryUnitError(
                f"customers: values are in {', '.join(sorted(others))}, the segments in {self.monetary_unit}; "
                "find segments again with this data"
            )
        segment = _nearest(_standardised(frame, self.means, self.scales), np.array(self.centroids))
        actions = np.where(frame["at_risk"], self.at_risk_action, np.array(self.actions, dtype=object)[segment])
        profiles = np.array(self.profiles, dtype=object)[segment]
        return frame.assign(segment=segment, segment_profile=profiles, action=actions)

    def metrics(self) -> dict[str, float]:
        """``segments`` (how many), ``silhouette_<k>`` for each number tried and ``size_<segment>``."""
        silhouettes = {f"silhouette_{k}": score for k, score in self.silhouettes.items()}
        sizes = {f"size_{segment}": float(size) for segment, size in enumerate(self.sizes)}
        return {"segments": float(len(self.sizes)), **silhouettes, **sizes}

    def save(self, path: Path) -> None:
        """Write the segments as JSON: equal segments are equal bytes."""
        write_json(path, asdict(self))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what ``save`` wrote."""
        return cls(**read_json(path))


def find_segments(frame: pd.DataFrame, config: CustomersConfig, seed: int) -> Segments:
    """Segments with the best mean silhouette; fewer segments win where they are within ``silhouette_margin`` of it.

    Args:
        frame: from ``behaviour``, in any order.
        config: the numbers of segments to try, and the words for what is found.
        seed: where the random starts of K-means begin.

    Raises:
        TooFewCustomersError: no more customers who differ than segments to try.
    """
    ordered = frame.sort_values("customer_code", ignore_index=True)
    logged = np.log1p(ordered[list(MEASURES)].to_numpy(dtype=np.float64))
    distinct = len(np.unique(logged, axis=0))
    if distinct <= config.max_segments:
        raise TooFewCustomersError(
            f"customers: {distinct} with different behaviour are too few to try {config.max_segments} segments; "
            f"lower customers.max_segments below {distinct} or bring more sales"
        )
    means, spread = logged.mean(axis=0), logged.std(axis=0)
    scales = np.where(spread > 0, spread, 1.0)
    points = (logged - means) / scales
    silhouettes, centroids = _best_clustering(points, config, seed)
    centroids = centroids[np.lexsort((centroids[:, 0], -centroids[:, 1], -centroids[:, 2]))]
    centres = np.expm1(centroids * scales + means)
    medians = ordered[list(MEASURES)].median().to_numpy(dtype=np.float64)
    return Segments(
        monetary_unit=str(ordered["monetary_unit"].iloc[0]),
        means=means.tolist(),
        scales=scales.tolist(),
        centroids=centroids.tolist(),
        profiles=[profile_of(centre, medians, config.typical_within) for centre in centres],
        actions=[action_of(centre, medians, config) for centre in centres],
        at_risk_action=config.actions.at_risk,
        silhouettes={str(k): score for k, score in silhouettes.items()},
        sizes=np.bincount(_nearest(points, centroids), minlength=len(centroids)).tolist(),
    )


def _best_clustering(points: Values, config: CustomersConfig, seed: int) -> tuple[dict[int, float], Values]:
    """The silhouette of each number of segments, and the centroids of the number taken."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score
    from threadpoolctl import threadpool_limits

    silhouettes: dict[int, float] = {}
    centroids: dict[int, Values] = {}
    # Threads add up in any order: one thread gives the same last digit in every run.
    with threadpool_limits(limits=1):
        for k in range(config.min_segments, config.max_segments + 1):
            fitted = KMeans(n_clusters=k, n_init=config.n_init, random_state=seed).fit(points)
            silhouettes[k] = float(silhouette_score(points, fitted.labels_))
            centroids[k] = fitted.cluster_centers_
    enough = max(silhouettes.values()) - config.silhouette_margin
    fewest = min(k for k, silhouette in silhouettes.items() if silhouette >= enough)
    return silhouettes, centroids[fewest]


def _standardised(frame: pd.DataFrame, means: list[float], scales: list[float]) -> Values:
    logged: Values = np.log1p(frame[list(MEASURES)].to_numpy(dtype=np.float64))
    standardised: Values = (logged - np.array(means)) / np.array(scales)
    return standardised


def _nearest(points: Values, centroids: Values) -> npt.NDArray[np.int64]:
    """For each of n points, which of k centroids is nearest; ties go to the first."""
    distances = ((points[:, None, :] - centroids[None, :, :]) ** 2).sum(axis=2)  # -> (n, k)
    nearest: npt.NDArray[np.int64] = distances.argmin(axis=1).astype(np.int64)
    return nearest
