"""What each customer will be worth, as a distribution that was held against what came on earlier days."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.config.risk import ValueConfig
from mixplan.customers.buy_till_you_die import WEEK_DAYS, different, fit_bg_nbd, fit_gamma_gamma, histories_of
from mixplan.customers.rhythm import value_of
from mixplan.evaluation.metrics import pinball

Values = npt.NDArray[np.float64]
COLUMNS = ["worth_low", "worth_middle", "worth_high"]


@dataclass(frozen=True)
class Drift:
    """How far customers moved away from their past, and where among the futures their truth was found.

    A customer's rate is no constant: plants are built, sites close, a competitor calls. BG/NBD and Gamma-Gamma know
    one rate for each customer, and a busy customer's is known so well that nearly no spread is left.
    """

    ratios: Values
    """What came over what was expected, of every customer and earlier day."""
    levels: Values
    """The levels at which low, middle and high are read, so that earlier truths lay below each as often as promised."""

    def quantiles(self, drawn: Values, seed: int) -> Values:
        """Low, middle and high (customers, 3) of drawn futures (customers, draws)."""
        return np.asarray(np.quantile(self.spread(drawn, seed), self.levels, axis=1).T, dtype=np.float64)

    def spread(self, drawn: Values, seed: int) -> Values:
        """Every drawn future, moved away as far as some customer did; equal futures are moved alike."""
        drifted: Values = drawn * np.random.default_rng(seed).choice(self.ratios, drawn.shape[1])
        return drifted


class WorthStudy:
    """Futures drawn as of any day, each day once."""

    def __init__(self, sales: pd.DataFrame, config: ValueConfig, seed: int) -> None:
        self.sales, self.config, self.seed = sales, config, seed
        self.value = value_of(sales)
        self._drawn: dict[pd.Timestamp, tuple[pd.Index, Values]] = {}

    def worth(self, as_of: pd.Timestamp) -> pd.DataFrame:
        """Quantiles of what each customer buys in the coming ``horizon_days``, from sales before ``as_of`` alone.

        Returns:
            customer_code, worth_low, worth_middle and worth_high, in KRW where every sale has a price, otherwise kg;
            of every customer who bought something within ``history_days``.
        """
        customers, drawn = self._futures(as_of)
        quantiles = self.drift(as_of).quantiles(drawn, self.seed)
        return pd.DataFrame(quantiles, index=customers, columns=COLUMNS).sort_index().reset_index()

    def earlier(self, as_of: pd.Timestamp) -> list[pd.Timestamp]:
        """The days before, ``step_days`` apart, with a year behind them, whose truth was known by ``as_of``."""
        last = as_of - pd.Timedelta(days=self.config.horizon_days)
        first = self.sales["sold_on"].min() + pd.Timedelta(days=self.config.history_days)
        count = max((last - first).days // self.config.step_days + 1, 0)
        return [last - k * pd.Timedelta(days=self.config.step_days) for k in reversed(range(count))]

    def drift(self, as_of: pd.Timestamp) -> Drift:
        """What earlier days taught by ``as_of``; without any, futures are taken as they are drawn."""
        known = [(self._futures(day)[1], self.came(day)) for day in self.earlier(as_of)]
        if not known:
            return Drift(np.ones(1), np.array(self.config.quantiles))
        expected, came = (np.concatenate(parts) for parts in zip(*((d.mean(axis=1), c) for d, c in known), strict=True))
        ratios = came[expected > 0] / expected[expected > 0]
        plain = Drift(ratios, np.array(self.config.quantiles))
        places = np.concatenate([_place(plain.spread(drawn, self.seed), truth) for drawn, truth in known])
        return Drift(ratios, np.quantile(places, self.config.quantiles))

    def came(self, as_of: pd.Timestamp) -> Values:
        """What each customer bought in the ``horizon_days`` from ``as_of``; returns count, but not below zero."""
        ahead = (self.sales["sold_on"] - as_of).dt.days
        after = ahead.between(0, self.config.horizon_days - 1)
        bought = self.value[after].groupby(self.sales.loc[after, "customer_code"]).sum().clip(lower=0.0)
        return bought.reindex(self._futures(as_of)[0], fill_value=0.0).to_numpy(dtype=np.float64)

    def scores(self, holdout: pd.Timestamp, final: pd.Timestamp) -> dict[str, dict[str, float]]:
        """Scores on the days that may choose settings (their year ended by the holdout), and on the latest one.

        Args:
            holdout: first day of the window that chooses nothing.
            final: the day of study; the latest day whose year is over lies a year before it.
        """
        days = [day for day in self.earlier(final) if self.earlier(day)]
        chooses = [day for day in days if day + pd.Timedelta(days=self.config.horizon_days) <= holdout]
        return {"selection": self.score(chooses), "latest": self.score(days[-1:])}

    def score(self, days: list[pd.Timestamp]) -> dict[str, float]:
        """Mean scores over days, each told only what was known on it.

        Returns:
            coverage (share of truths between low and high), below and above (shares outside), wape and bias of the
            middle, pinball (mean loss of low, middle and high, as a share of what came), interval (what coverage
            should be) and days (how many); 0 days have no other scores.
        """
        each = pd.DataFrame([self._score(day) for day in days])
        means = {str(name): float(value) for name, value in each.mean().items()}
        return means | {"interval": self.config.quantiles[2] - self.config.quantiles[0], "days": float(len(days))}

    def _score(self, as_of: pd.Timestamp) -> dict[str, float]:
        low, middle, high = self.worth(as_of).set_index("customer_code").loc[self._futures(as_of)[0]].to_numpy().T
        came = self.came(as_of)
        losses = [
            pinball(came, at, level) for at, level in zip((low, middle, high), self.config.quantiles, strict=True)
        ]
        return {
            "coverage": float(((low <= came) & (came <= high)).mean()),
            "below": float((came < low).mean()),
            "above": float((came > high).mean()),
            "wape": float(np.abs(middle - came).sum() / came.sum()),
            "bias": float((middle - came).sum() / came.sum()),
            "pinball": float(np.mean(losses) / came.mean()),
        }

    def _futures(self, as_of: pd.Timestamp) -> tuple[pd.Index, Values]:
        """Customers who bought within ``history_days`` before a day, and their futures (customers, draws)."""
        if as_of not in self._drawn:
            since = as_of - pd.Timedelta(days=self.config.history_days)
            histories = histories_of(self.sales[self.sales["sold_on"] >= since], as_of)
            rng, weeks = np.random.default_rng(self.seed), self.config.horizon_days / WEEK_DAYS
            once, places = different(histories)
            purchases = fit_bg_nbd(histories).draw_purchases(once, weeks, self.config.draws, rng)
            worth = fit_gamma_gamma(histories).draw_worth(once, purchases, rng)
            self._drawn[as_of] = histories.index, worth[places]
        return self._drawn[as_of]


def _place(futures: Values, came: Values) -> Values:
    """The share of each customer's futures below what came; equal ones count a half."""
    truth = came[:, None]
    return np.asarray(((futures < truth).mean(axis=1) + (futures <= truth).mean(axis=1)) / 2, dtype=np.float64)
