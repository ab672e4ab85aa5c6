"""The models that foresee risk: each learns from rows with their outcome, and scores rows, higher is riskier."""

from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.config.risk import RiskCandidate, RiskConfig
from mixplan.customers.buy_till_you_die import WEEK_DAYS, different, fit_bg_nbd, histories_of
from mixplan.customers.rhythm import features_of

Values = npt.NDArray[np.float64]
SMALLEST = 1e-6


class RiskModel(Protocol):
    """A model of risk. Adding one takes a class with these methods, its configuration class and a YAML file."""

    def fit(self, rows: pd.DataFrame) -> Self:
        """Learn from rows of ``rhythms`` with ``was_at_risk``; both outcomes are among them."""

    def score(self, rows: pd.DataFrame, sales: pd.DataFrame, config: RiskConfig) -> Values:
        """Log odds, or what orders rows as these would; ``sales`` may be read up to each row's ``as_of`` alone."""


class Overdue:
    """Log of how many usual intervals have passed since the last order."""

    def fit(self, rows: pd.DataFrame) -> Self:  # noqa: ARG002 - a rule has nothing to learn
        """See ``RiskModel.fit``."""
        return self

    def score(self, rows: pd.DataFrame, sales: pd.DataFrame, config: RiskConfig) -> Values:  # noqa: ARG002 - as all
        """See ``RiskModel.score``."""
        scores: Values = np.log(rows["overdue"].to_numpy(np.float64))
        return scores


class _Classifier:
    """A scikit-learn classifier on the features."""

    fitted: Any

    def score(self, rows: pd.DataFrame, sales: pd.DataFrame, config: RiskConfig) -> Values:  # noqa: ARG002 - as all
        """See ``RiskModel.score``."""
        return log_odds(self.fitted.predict_proba(features_of(rows))[:, 1])


@dataclass
class Logistic(_Classifier):
    """Logistic regression on standardised features."""

    c: float

    def fit(self, rows: pd.DataFrame) -> Self:
        """See ``RiskModel.fit``."""
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        self.fitted = make_pipeline(StandardScaler(), LogisticRegression(C=self.c, max_iter=1000))
        self.fitted.fit(features_of(rows), rows["was_at_risk"])
        return self


@dataclass
class Boosted(_Classifier):
    """LightGBM; one thread, so that every run adds up in one order."""

    n_estimators: int
    learning_rate: float
    num_leaves: int
    min_child_samples: int
    random_state: int

    def fit(self, rows: pd.DataFrame) -> Self:
        """See ``RiskModel.fit``."""
        from lightgbm import LGBMClassifier

        options = {"n_jobs": 1, "deterministic": True, "force_row_wise": True, "verbosity": -1}
        self.fitted = LGBMClassifier(**vars(self), **options).fit(features_of(rows), rows["was_at_risk"])
        return self


@dataclass
class BuyTillYouDie:
    """BG/NBD: how often futures that are drawn of a customer hold less than the share that decides."""

    draws: int
    random_state: int

    def fit(self, rows: pd.DataFrame) -> Self:  # noqa: ARG002 - it learns from each day's histories, not from outcomes
        """See ``RiskModel.fit``."""
        return self

    def score(self, rows: pd.DataFrame, sales: pd.DataFrame, config: RiskConfig) -> Values:
        """See ``RiskModel.score``."""
        chances = pd.Series(0.0, index=rows.index)
        for as_of, part in rows.groupby("as_of"):
            histories = histories_of(sales, pd.Timestamp(str(as_of)))
            own = histories[histories.index.isin(part["customer_code"])]
            rng, weeks = np.random.default_rng(self.random_state), config.horizon_days / WEEK_DAYS
            once, places = different(own)
            drawn = fit_bg_nbd(histories).draw_purchases(once, weeks, self.draws, rng)[places]
            promised = part.set_index("customer_code")["promised"].reindex(own.index)
            is_short = drawn < config.below_share * promised.to_numpy()[:, None]
            # One future more, half of it short, keeps the odds of a sure thing finite.
            chance = pd.Series((is_short.sum(axis=1) + 0.5) / (self.draws + 1.0), index=own.index)
            chances.loc[part.index] = chance.reindex(part["customer_code"]).to_numpy()
        return log_odds(np.asarray(chances, dtype=np.float64))


def new_risk_model(candidate: RiskCandidate, seed: int) -> RiskModel:
    """The candidate's model, not fitted yet; the seed reaches those that draw at random."""
    model: RiskModel = candidate.build(**({"random_state": seed} if candidate.draws_at_random else {}))
    return model


def log_odds(chance: npt.NDArray[Any]) -> Values:
    """Log of p / (1 - p).

    >>> log_odds(np.array([0.5])).tolist()
    [0.0]
    """
    inner = np.clip(chance, SMALLEST, 1.0 - SMALLEST)
    odds: Values = np.log(inner / (1.0 - inner))
    return odds
