"""A regressor with everything that turns its answers into kilograms."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.artifacts.files import read_json, write_json
from mixplan.config.demand import DemandCandidate
from mixplan.demand.features import KEYS
from mixplan.demand.fitting import fitted
from mixplan.demand.history import horizon_month
from mixplan.demand.quantiles import column_of, error_points, quantiles
from mixplan.demand.storage import read_regressor, write_regressor
from mixplan.evaluation.origins import HistoryTooShortError


class DemandModel:
    """Forecasts weekly demand in kilograms with an interval.

    The regressor learns the ratio of a week's demand to what is usual for it, see ``FeatureBuilder.rows``; rows weigh
    as much as their usual demand, as a small one's ratio is mostly noise. A few years of history teach a regressor much
    that was chance, so its answers count only as far as they were right on weeks that it had not seen: between the
    mean ratio and the regressor's, at the share (``trust``) that would have had the least squared error there, which is
    stacking with two members (Breiman, Stacked Regressions, Machine Learning 24, 1996). Errors on the same weeks are
    what ``mixplan.demand.quantiles`` makes quantiles of.
    """

    def __init__(self, candidate: DemandCandidate, interval: float, seed: int) -> None:
        self.candidate = candidate
        self.interval = interval
        self.seed = seed

    def fit(self, rows: pd.DataFrame, calibration_from: pd.Timestamp) -> Self:
        """Fit on rows with ``actual_kg``.

        Args:
            rows: from ``FeatureBuilder.training_rows``.
            calibration_from: errors on weeks from here on, by a regressor that has seen only earlier ones, set its
                trust and its quantiles; the regressor that forecasts is then fitted on all rows.

        Raises:
            HistoryTooShortError: no week before ``calibration_from`` to learn from, or no sales from there on.
        """
        seen = rows["week"] < calibration_from
        held_out = rows[~seen & (rows["origin"] <= calibration_from)]
        _check(seen, held_out, calibration_from)
        self.features = [name for name in rows.columns if name not in {*KEYS, "actual_kg"}]
        self._fit(rows[seen])
        is_weighed = self.candidate.learns and not self.candidate.counts_in_full
        self.trust = self._trust(held_out) if is_weighed else 1.0
        expected = self._expected(held_out)
        if self.candidate.learns:
            # Once fitted on all rows it knows how far these weeks came out above those before.
            expected *= held_out["actual_kg"].sum() / expected.sum()
        self.errors = error_points(held_out, expected)
        self._fit(rows)
        return self

    def predict(self, rows: pd.DataFrame, levels: Sequence[float] = ()) -> pd.DataFrame:
        """Expected demand with its interval.

        Args:
            rows: from ``FeatureBuilder.rows``.
            levels: probabilities of further quantiles.

        Returns:
            One row for each of ``rows``, in their order: prediction_kg, lower_kg and upper_kg, which hold the
            prediction, and a column a level, see ``column_of``; none below zero.
        """
        expected = self._expected(rows)
        tail = (1 - self.interval) / 2
        found = quantiles(rows, expected, self.errors, [tail, 1 - tail, *levels])
        answers = {
            "prediction_kg": expected,
            "lower_kg": np.minimum(found[:, 0], expected),
            "upper_kg": np.maximum(found[:, 1], expected),
        }
        further = {column_of(level): found[:, position] for position, level in enumerate(levels, 2)}
        return pd.DataFrame({**answers, **further}, index=rows.index)

    def save(self, folder: Path) -> None:
        """Write the model below ``folder``: equal models are equal files."""
        folder.mkdir(parents=True, exist_ok=True)
        library = write_regressor(folder, self.regressor)
        state = {
            "candidate": self.candidate.model_dump(by_alias=True),
            "mean_ratio": self.mean_ratio,
            "trust": self.trust,
            "errors": self.errors,
            "features": self.features,
            "interval": self.interval,
            "library": library,
            "seed": self.seed,
        }
        write_json(folder / "model.json", state)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote, ready to predict."""
        from pydantic import TypeAdapter

        state = read_json(folder / "model.json")
        candidate = TypeAdapter[DemandCandidate](DemandCandidate).validate_python(state["candidate"])
        model = cls(candidate, state["interval"], state["seed"])
        model.features, model.errors = state["features"], state["errors"]
        model.mean_ratio, model.trust = state["mean_ratio"], state["trust"]
        model.regressor = read_regressor(folder, state["library"])
        return model

    def _fit(self, rows: pd.DataFrame) -> None:
        usual = _usual_kg(rows)
        ratio, weight = rows["actual_kg"] / usual, (usual / usual.mean()).to_numpy()
        self.regressor = fitted(self.candidate, rows[self.features], ratio, weight, self.seed)
        self.mean_ratio = float(rows["actual_kg"].sum() / usual.sum())

    def _trust(self, held_out: pd.DataFrame) -> float:
        """The share of the regressor that has the least squared error at product x month, between 0 and 1."""
        usual = _usual_kg(held_out)
        by_month = pd.DataFrame(
            {
                "answered": self._ratio(held_out) * usual - self.mean_ratio * usual,
                "came": held_out["actual_kg"] - self.mean_ratio * usual,
            }
        )
        month = horizon_month(held_out["horizon_weeks"])
        sums = by_month.groupby([held_out["origin"], held_out["product"], month]).sum()
        size = float((sums["answered"] ** 2).sum())
        return float(np.clip((sums["answered"] * sums["came"]).sum() / size, 0.0, 1.0)) if size else 0.0

    def _ratio(self, rows: pd.DataFrame) -> npt.NDArray[np.float64]:
        return np.asarray(self.regressor.predict(rows[self.features]), dtype=np.float64)

    def _expected(self, rows: pd.DataFrame) -> pd.Series:
        ratio = self.mean_ratio + self.trust * (self._ratio(rows) - self.mean_ratio)
        return (_usual_kg(rows) * ratio).clip(lower=0.0)


def _usual_kg(rows: pd.DataFrame) -> pd.Series:
    return rows["level_kg"] * rows["usual"]


def _check(seen: pd.Series, held_out: pd.DataFrame, calibration_from: pd.Timestamp) -> None:
    """Refuse rows that leave nothing to learn from, or no error to make quantiles of."""
    if not seen.any():
        raise HistoryTooShortError(
            f"demand: no week before {calibration_from.date()} to learn from; "
            "lower evaluation.minimum_history_weeks or evaluation.selection_origins"
        )
    if not (held_out["actual_kg"] > 0).any():
        raise HistoryTooShortError(
            f"demand: no sales from {calibration_from.date()} on were forecast, so no past error tells how far a "
            "forecast may be off; lower evaluation.training_step_weeks"
        )
