"""K-means for every number of groups, and the three things that decide between them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixplan.config.customers import CustomersConfig

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Clustering:
    """One number of groups, tried."""

    centroids: Values
    silhouette: float
    """Mean over all points: how much nearer the own group is than the next."""
    stability: float
    """Mean adjusted Rand index between these groups and those found in bootstraps of the points."""
    smallest: float
    """Share of the points in the smallest group."""


def try_all(points: Values, config: CustomersConfig, seed: int) -> dict[int, Clustering]:
    """Every number of groups from ``min_segments`` to ``max_segments``."""
    import sklearn.cluster  # noqa: F401 - only threads of libraries that are loaded can be limited
    from threadpoolctl import threadpool_limits

    # Threads add up in any order: one thread gives the same last digit in every run.
    with threadpool_limits(limits=1):
        return {k: _try(points, k, config, seed) for k in range(config.min_segments, config.max_segments + 1)}


def firm(tried: dict[int, Clustering], config: CustomersConfig) -> list[int]:
    """The numbers of groups that samples of the customers find again, and that leave no splinter groups."""
    return [k for k, one in tried.items() if one.stability >= config.min_stability and one.smallest >= config.min_share]


def best(tried: dict[int, Clustering], config: CustomersConfig) -> int:
    """The firm number of groups with the best silhouette, or one that is nearer to what sales has names for.

    The silhouette favours few groups that lie far apart over more that lie near each other, as it is made of
    distances. So within ``silhouette_margin`` of the best, the number nearest to that of the named kinds wins, then
    the better silhouette. Where none is firm, customers form no groups of their own, and are cut into as many as
    sales has names for: a way to sort them, no finding.
    """
    sound = firm(tried, config) or list(tried)
    floor = max(tried[k].silhouette for k in sound) - config.silhouette_margin if firm(tried, config) else -1.0
    enough = [k for k in sound if tried[k].silhouette >= floor]
    return min(enough, key=lambda k: (abs(k - len(config.segments)), -tried[k].silhouette))


def nearest(points: Values, centroids: Values) -> npt.NDArray[np.int64]:
    """For each of n points, which of k centroids is nearest; ties go to the first."""
    distances = ((points[:, None, :] - centroids[None, :, :]) ** 2).sum(axis=2)  # -> (n, k)
    found: npt.NDArray[np.int64] = distances.argmin(axis=1).astype(np.int64)
    return found


def _try(points: Values, k: int, config: CustomersConfig, seed: int) -> Clustering:
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score, silhouette_score

    def found_in(sample: Values) -> Values:
        centres: Values = KMeans(k, n_init=config.n_init, random_state=seed).fit(sample).cluster_centers_
        return centres

    centroids = found_in(points)
    labels = nearest(points, centroids)
    rng = np.random.default_rng(seed)
    samples = [points[rng.integers(0, len(points), len(points))] for _ in range(config.bootstraps)]
    alike = [
        adjusted_rand_score(labels, nearest(points, found_in(sample)))
        for sample in samples
        if len(np.unique(sample, axis=0)) >= k
    ]
    return Clustering(
        centroids=centroids,
        silhouette=float(silhouette_score(points, labels)),
        stability=float(np.mean(alike)) if alike else 0.0,
        smallest=float(np.bincount(labels, minlength=k).min() / len(points)),
    )
