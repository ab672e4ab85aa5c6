"""The chance that each customer is at risk, learnt and calibrated on days before, and tried at rolling origins."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.config.risk import RiskCandidate, RiskConfig
from mixplan.customers.rhythm import FEATURES, rhythms, with_outcome
from mixplan.customers.risk_models import new_risk_model

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Calibration:
    """From a score to a chance: 1 / (1 + exp(-(slope * score + intercept))) (Platt 1999)."""

    slope: float
    intercept: float

    def chance(self, scores: Values) -> Values:
        """The chance of each score.

        >>> Calibration(slope=2.0, intercept=-2.0).chance(np.array([1.0])).tolist()
        [0.5]
        """
        chance: Values = 1.0 / (1.0 + np.exp(-(self.slope * scores + self.intercept)))
        return chance


def calibrate(scores: Values, outcomes: npt.NDArray[np.bool_]) -> Calibration:
    """The calibration that past outcomes suggest; a higher score is never a lower chance.

    Where all outcomes were alike nothing tells scores apart: the answer is the share with one more of each kind.
    """
    from sklearn.linear_model import LogisticRegression

    share = (outcomes.sum() + 1.0) / (len(outcomes) + 2.0)
    constant = Calibration(0.0, float(np.log(share / (1.0 - share))))
    if outcomes.all() or not outcomes.any():
        return constant
    fitted = LogisticRegression().fit(scores[:, None], outcomes)
    slope = float(fitted.coef_[0, 0])
    return Calibration(slope, float(fitted.intercept_[0])) if slope > 0 else constant


class RiskBacktest:
    """Rows of past days, made once and shared by all candidates."""

    def __init__(self, sales: pd.DataFrame, config: RiskConfig, seed: int) -> None:
        self.sales, self.config, self.seed = sales, config, seed
        self._rows: dict[pd.Timestamp, pd.DataFrame] = {}
        self._judged: dict[pd.Timestamp, pd.DataFrame] = {}

    def rows_at(self, as_of: pd.Timestamp) -> pd.DataFrame:
        """The customers who have a rhythm on a day."""
        if as_of not in self._rows:
            self._rows[as_of] = rhythms(self.sales, as_of, self.config)
        return self._rows[as_of]

    def known_before(self, origin: pd.Timestamp) -> pd.DataFrame:
        """Rows of past days with their outcome, all of whose windows had ended by ``origin``."""
        last = origin - pd.Timedelta(days=self.config.horizon_days)
        first_sale = self.sales["sold_on"].min() + pd.Timedelta(days=self.config.horizon_days)
        step = pd.Timedelta(weeks=self.config.training_step_weeks)
        days = [last - k * step for k in reversed(range(self.config.training_origins))]
        return self.judged([day for day in days if day > first_sale])

    def judged(self, days: list[pd.Timestamp]) -> pd.DataFrame:
        """Rows of days with their outcome, sorted by what was seen, so that customer numbers change no sum."""
        for day in days:
            if day not in self._judged:
                self._judged[day] = with_outcome(self.rows_at(day), self.sales, self.config)
        rows = pd.concat([self._judged[day] for day in days], ignore_index=True)
        return rows.sort_values(["as_of", *FEATURES, "was_at_risk"], ignore_index=True)

    def predict(self, candidate: RiskCandidate, origin: pd.Timestamp) -> pd.DataFrame:
        """The customers of a day with ``chance``, from what was known on that day.

        A model that has not seen the calibration's days gives the scores that calibrate; what it learns from is older
        than their windows. The model that answers has learnt from all that is known. Where no customer, or every one,
        was at risk so far, there is nothing to learn, and the answer is the calibration's share.
        """
        import sklearn.linear_model  # noqa: F401 - only threads of libraries that are loaded can be limited
        from threadpoolctl import threadpool_limits

        # A few hundred rows are no work to share: threads would only wait for each other.
        with threadpool_limits(limits=1):
            return self._predict(candidate, origin)

    def _predict(self, candidate: RiskCandidate, origin: pd.Timestamp) -> pd.DataFrame:
        known, config = self.known_before(origin), self.config
        days = sorted(known["as_of"].unique())
        calibration_from = days[-min(config.calibration_origins, len(days))]
        later = known[known["as_of"] >= calibration_from].reset_index(drop=True)
        earlier = known[known["as_of"] <= calibration_from - pd.Timedelta(days=config.horizon_days)]
        rows, outcomes = self.rows_at(origin), later["was_at_risk"].to_numpy(bool)
        if candidate.learns and earlier["was_at_risk"].nunique() < 2:
            return rows.assign(chance=calibrate(np.zeros(len(later)), outcomes).chance(np.zeros(len(rows))))
        model = new_risk_model(candidate, self.seed).fit(earlier)
        calibration = calibrate(model.score(later, self.sales, config), outcomes)
        final = new_risk_model(candidate, self.seed).fit(known)
        return rows.assign(chance=calibration.chance(final.score(rows, self.sales, config)))

    def backtest(self, candidate: RiskCandidate, origins: list[pd.Timestamp]) -> pd.DataFrame:
        """``predict`` at each origin, with the outcome."""
        parts = [self.predict(candidate, origin) for origin in origins]
        return with_outcome(pd.concat(parts, ignore_index=True), self.sales, self.config)


def months_within(first: pd.Timestamp, end: pd.Timestamp, config: RiskConfig) -> list[pd.Timestamp]:
    """Days from ``first`` on, ``training_step_weeks`` apart, whose outcome is known at ``end``."""
    step, horizon = pd.Timedelta(weeks=config.training_step_weeks), pd.Timedelta(days=config.horizon_days)
    return list(pd.date_range(first, end - horizon, freq=step))
