"""A regressor with everything that turns its answers into kilograms."""

from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from mixplan.artifacts.files import read_json, write_json
from mixplan.config.demand import DemandCandidate
from mixplan.demand.features import KEYS
from mixplan.demand.history import horizon_month
from mixplan.demand.storage import read_regressor, write_regressor
from mixplan.evaluation.origins import HistoryTooShortError


class DemandModel:
    """Forecasts weekly demand in kilograms with an interval.

    The regressor learns the ratio of a week's demand to the product's level (its mean of the last year); rows weigh as
    much as their level, as a small product's ratio is mostly noise. Errors grow with the root of the level, so the
    interval is the level's root times quantiles of past errors on weeks that the regressor had not seen.
    """

    def __init__(self, candidate: DemandCandidate, interval: float, seed: int) -> None:
        self.candidate = candidate
        self.interval = interval
        self.seed = seed

    def fit(self, rows: pd.DataFrame, calibration_from: pd.Timestamp) -> Self:
        """Fit on rows with ``actual_kg``.

        Args:
            rows: from ``FeatureBuilder.training_rows``.
            calibration_from: errors on weeks from here on, by a regressor that has seen only earlier ones, set the
                width of the interval; the regressor that forecasts is then fitted on all rows.

        Raises:
            HistoryTooShortError: no week before ``calibration_from`` to learn from, or a month of the horizon without
                an error to calibrate its interval.
        """
        seen = rows["week"] < calibration_from
        held_out = rows[~seen & (rows["origin"] <= calibration_from)]
        _check(rows, seen, held_out, calibration_from)
        # A product that nobody has bought yet must not be known by its name either.
        unknown = {name for name in rows.columns if name.startswith("is_") and not rows[name].any()}
        self.features = [name for name in rows.columns if name not in {*KEYS, "actual_kg", *unknown}]
        self.regressor = self._fitted(rows[seen])
        errors = (held_out["actual_kg"] - self._expected(held_out)) / np.sqrt(held_out["level_kg"])
        tail = (1 - self.interval) / 2
        by_month = errors.groupby(horizon_month(held_out["horizon_weeks"]))
        self.error_quantiles = {
            str(month): [float(group.quantile(tail)), float(group.quantile(1 - tail))] for month, group in by_month
        }
        self.regressor = self._fitted(rows)
        return self

    def predict(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Expected demand with its interval.

        Args:
            rows: from ``FeatureBuilder.rows``.

        Returns:
            One row for each of ``rows``, in their order: prediction_kg, lower_kg and upper_kg, none below zero.
        """
        expected = self._expected(rows)
        month = horizon_month(rows["horizon_weeks"]).astype(str)
        low, high = (month.map({key: value[side] for key, value in self.error_quantiles.items()}) for side in (0, 1))
        spread = np.sqrt(rows["level_kg"])
        return pd.DataFrame(
            {
                "prediction_kg": expected,
                "lower_kg": np.minimum((expected + low * spread).clip(lower=0.0), expected),
                "upper_kg": np.maximum(expected + high * spread, expected),
            },
            index=rows.index,
        )

    def save(self, folder: Path) -> None:
        """Write the model below ``folder``: equal models are equal files."""
        folder.mkdir(parents=True, exist_ok=True)
        library = write_regressor(folder, self.regressor)
        state = {
            "candidate": self.candidate.model_dump(by_alias=True),
            "error_quantiles": self.error_quantiles,
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
        model.features, model.error_quantiles = state["features"], state["error_quantiles"]
        model.regressor = read_regressor(folder, state["library"])
        return model

    def _fitted(self, rows: pd.DataFrame) -> Any:
        regressor = self.candidate.build(**({"random_state": self.seed} if self.candidate.draws_at_random else {}))
        # A scikit-learn pipeline hands weights to its last step under that step's name.
        weight = f"{regressor.steps[-1][0]}__sample_weight" if hasattr(regressor, "steps") else "sample_weight"
        ratio = rows["actual_kg"] / rows["level_kg"]
        # Mean 1, as scikit-learn's forests take a share of the weights' sum for the number of rows a tree draws.
        weights = (rows["level_kg"] / rows["level_kg"].mean()).to_numpy()
        regressor.fit(rows[self.features], ratio, **{weight: weights})
        if hasattr(regressor, "n_jobs"):
            # Forests add up their trees in the order in which threads finish, which rounds differently each time.
            regressor.n_jobs = 1
        return regressor

    def _expected(self, rows: pd.DataFrame) -> pd.Series:
        ratio = np.asarray(self.regressor.predict(rows[self.features]), dtype=np.float64)
        return pd.Series(ratio, index=rows.index).clip(lower=0.0) * rows["level_kg"]


def _check(rows: pd.DataFrame, seen: pd.Series, held_out: pd.DataFrame, calibration_from: pd.Timestamp) -> None:
    """Refuse rows that leave nothing to learn from, or a month of the horizon without an interval."""
    if not seen.any():
        raise HistoryTooShortError(
            f"demand: no week before {calibration_from.date()} to learn from; "
            "lower evaluation.minimum_history_weeks or evaluation.selection_origins"
        )
    months, calibrated = (set(horizon_month(part["horizon_weeks"])) for part in (rows, held_out))
    if missing := sorted(months - calibrated):
        raise HistoryTooShortError(
            f"demand: no past error calibrates the interval of month {', '.join(map(str, missing))} of the horizon; "
            "lower evaluation.training_step_weeks"
        )
