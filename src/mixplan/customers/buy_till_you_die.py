"""BG/NBD and Gamma-Gamma: how often and how much a customer buys until, after some purchase, it stops.

Fader, Hardie and Lee (2005), "Counting Your Customers the Easy Way", and Fader and Hardie (2013), "The Gamma-Gamma
Model of Monetary Value". The likelihoods are closed forms, which SciPy maximises.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.customers.rhythm import value_of

Values = npt.NDArray[np.float64]
WEEK_DAYS = 7.0
LOG_BOUNDS = (-8.0, 8.0)
"""Of every parameter's logarithm: a plant that no customer leaves has no largest likelihood."""


@dataclass(frozen=True)
class BgNbd:
    """Purchases come at rate Gamma(r, alpha) a week; after each, the customer stops with chance Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float

    def log_likelihood(self, x: Values, last: Values, age: Values) -> float:
        """Equation 6 of the paper, summed over customers.

        Args:
            x: repeat purchases.
            last: weeks from the first purchase to the last.
            age: weeks from the first purchase to the day of study.
        """
        from scipy.special import betaln, gammaln

        purchases = gammaln(self.r + x) - gammaln(self.r) + self.r * np.log(self.alpha)
        stays = betaln(self.a, self.b + x) - betaln(self.a, self.b)
        is_alive = -(self.r + x) * np.log(self.alpha + age)
        return float(np.sum(purchases + stays + np.logaddexp(is_alive, self._stopped(x, last))))

    def alive(self, x: Values, last: Values, age: Values) -> Values:
        """The chance that a customer has not stopped.

        >>> paper = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> paper.alive(np.array([2.0]), np.array([30.43]), np.array([38.86])).round(4).tolist()
        [0.7266]
        """
        odds = self._stopped(x, last) + (self.r + x) * np.log(self.alpha + age)
        chance: Values = 1.0 / (1.0 + np.exp(np.minimum(odds, 700.0)))
        return chance

    def _stopped(self, x: Values, last: Values) -> Values:
        """Log of the second term of the likelihood, without the factors of the first; no repeat cannot have stopped."""
        with np.errstate(divide="ignore"):
            ratio = np.where(x > 0, self.a / (self.b + np.maximum(x, 1.0) - 1.0), 0.0)
            stopped: Values = np.log(ratio) - (self.r + x) * np.log(self.alpha + last)
        return stopped

    def draw_purchases(
        self, histories: pd.DataFrame, weeks: float, draws: int, rng: np.random.Generator
    ) -> npt.NDArray[np.int64]:
        """Purchases in the coming weeks, drawn from the posterior: (histories, draws).

        Of a customer that is alive the rate is Gamma(r + x, alpha + age) and the chance to stop Beta(a, b + x).
        """
        x, last, age = (histories[name].to_numpy(np.float64)[:, None] for name in ("x", "last", "age"))
        size = (len(histories), draws)
        rate = rng.gamma(self.r + x, 1.0 / (self.alpha + age), size)
        until_stop = rng.geometric(np.clip(rng.beta(self.a, self.b + x, size), 1e-12, 1.0))
        purchases = np.minimum(rng.poisson(rate * weeks), until_stop)
        drawn: npt.NDArray[np.int64] = np.where(rng.random(size) < self.alive(x, last, age), purchases, 0)
        return drawn


@dataclass(frozen=True)
class GammaGamma:
    """A purchase is worth Gamma(p, nu), and a customer's nu is Gamma(q, gamma)."""

    p: float
    q: float
    gamma: float

    def log_likelihood(self, n: Values, mean: Values) -> float:
        """Equation 1a of the note, summed over customers who made n purchases of a mean value."""
        from scipy.special import betaln

        whole = self.p * n
        terms = -betaln(whole, self.q) + self.q * np.log(self.gamma) + (whole - 1.0) * np.log(mean)
        return float(np.sum(terms + whole * np.log(n) - (whole + self.q) * np.log(self.gamma + n * mean)))

    def expected(self, n: Values, mean: Values) -> Values:
        """What a customer's purchase is worth on average, given its past.

        >>> GammaGamma(p=6.25, q=3.74, gamma=15.44).expected(np.array([2.0]), np.array([22.35])).round(2).tolist()
        [24.66]
        """
        return self.p * (self.gamma + n * mean) / (self.p * n + self.q - 1.0)

    def draw_worth(self, histories: pd.DataFrame, purchases: npt.NDArray[np.int64], rng: np.random.Generator) -> Values:
        """What drawn purchases (customers, draws) are worth together."""
        n, mean = (histories[name].to_numpy(np.float64)[:, None] for name in ("n", "mean"))
        nu = rng.gamma(self.p * n + self.q, 1.0 / (self.gamma + n * mean), purchases.shape)
        worth: Values = np.where(purchases > 0, rng.gamma(self.p * np.maximum(purchases, 1)) / nu, 0.0)
        return worth


def histories_of(sales: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Each customer's purchases before a day, where a purchase is a day with deliveries; returns are none.

    Returns:
        Indexed by customer_code: n (purchases), x (repeats), last and age in weeks, mean (value of a purchase). Sorted
        by these and not by customer, so that customer numbers play no part in what is drawn.
    """
    known = sales[(sales["sold_on"] < as_of) & (sales["quantity_kg"] > 0)]
    days = known.assign(value=value_of(known)).groupby(["customer_code", "sold_on"], as_index=False)["value"].sum()
    found = days.groupby("customer_code").agg(
        n=("sold_on", "size"), first=("sold_on", "min"), latest=("sold_on", "max"), mean=("value", "mean")
    )
    histories = pd.DataFrame(
        {
            "n": found["n"],
            "x": found["n"] - 1,
            "last": (found["latest"] - found["first"]).dt.days / WEEK_DAYS,
            "age": (as_of - found["first"]).dt.days / WEEK_DAYS,
            "mean": found["mean"],
        }
    )
    return histories.sort_values(["n", "last", "age", "mean"], kind="stable")


def different(histories: pd.DataFrame) -> tuple[pd.DataFrame, npt.NDArray[np.int64]]:
    """Each history once, and the place of every customer's own among them: equal pasts are drawn equal futures."""
    group = histories.groupby(list(histories.columns), sort=False).ngroup()
    places = np.asarray(group, dtype=np.int64)
    return histories[~group.duplicated()], places


def fit_bg_nbd(histories: pd.DataFrame) -> BgNbd:
    """The most likely parameters."""
    x, last, age = (histories[name].to_numpy(np.float64) for name in ("x", "last", "age"))
    found = _most_likely(lambda values: BgNbd(*values).log_likelihood(x, last, age) / len(x), 4)
    return BgNbd(*found)


def fit_gamma_gamma(histories: pd.DataFrame) -> GammaGamma:
    """The most likely parameters, from customers whose purchases are worth something."""
    worth = histories[histories["mean"] > 0]
    n, mean = worth["n"].to_numpy(np.float64), worth["mean"].to_numpy(np.float64)
    scale = float(np.median(mean))
    p, q, gamma = _most_likely(lambda values: GammaGamma(*values).log_likelihood(n, mean / scale) / len(n), 3)
    return GammaGamma(p, q, gamma * scale)


def _most_likely(log_likelihood: Callable[[list[float]], float], count: int) -> list[float]:
    """Parameters above zero that maximise a mean log likelihood."""
    from scipy.optimize import minimize
    from threadpoolctl import threadpool_limits

    def loss(logs: Values) -> float:
        return -log_likelihood([float(value) for value in np.exp(logs)])

    # Four parameters are no work to share: threads would only wait for each other.
    with threadpool_limits(limits=1):
        found = minimize(loss, np.zeros(count), method="L-BFGS-B", bounds=[LOG_BOUNDS] * count)
    return [float(value) for value in np.exp(found.x)]
