"""How many of the products that a customer was shown first it then bought, and how sure a difference in that is."""

import numpy as np
import numpy.typing as npt
import pandas as pd

Values = npt.NDArray[np.float64]
FIRST = 10
"""Products that are shown."""
RESAMPLES, LEVEL = 2000, 0.95


def hits(places: Values, wanted: npt.NDArray[np.bool_], n_wanted: int) -> tuple[float, float]:
    """NDCG of the first ten, every purchase alike, and whether any of them was bought.

    Args:
        places: one a product, the highest first; what is not finite is not shown.
        wanted: which products were bought.
        n_wanted: how many were bought, shown or not.
    """
    first = np.argsort(-places, kind="stable")[:FIRST]
    hit = wanted[first] & np.isfinite(places[first])
    discounts = 1.0 / np.log2(np.arange(2, FIRST + 2))
    return float((hit @ discounts[: len(first)]) / discounts[: min(n_wanted, FIRST)].sum()), float(hit.any())


def means(pairs: list[tuple[float, float]]) -> dict[str, float]:
    """Means of ``hits``; without any, only that there were none."""
    if not pairs:
        return {"n": 0.0}
    ndcg, hit = np.mean(pairs, axis=0)
    return {"ndcg_at_10": float(ndcg), "hit_rate_at_10": float(hit), "n": float(len(pairs))}


def gain_interval(gains: Values, customers: list[str], seed: int) -> tuple[float, float]:
    """Where the mean gain lies in 95 of 100 samples of the customers.

    The cases of one customer resemble each other, so customers are drawn whole (the cluster bootstrap, Davison and
    Hinkley 1997, section 3.8).

    Args:
        gains: one a case.
        customers: whose case it is.
        seed: where chance starts.

    >>> gain_interval(np.array([0.5, 0.5]), ["a", "b"], seed=1)
    (0.5, 0.5)
    """
    cases = pd.DataFrame({"gain": gains, "n": 1.0})
    # Sorted by what they gained, so that customer numbers play no part in what is drawn.
    totals = cases.groupby(customers).sum().sort_values(["gain", "n"]).to_numpy()
    drawn = totals[np.random.default_rng(seed).integers(len(totals), size=(RESAMPLES, len(totals)))].sum(axis=1)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
