"""A search for a candidate's hyper-parameters on the origins that choose winners, never on the last window."""

from collections.abc import Callable

import pandas as pd

from mixplan.config.base import MixplanError
from mixplan.config.demand import DemandCandidate, DemandConfig
from mixplan.config.evaluation import EvaluationConfig
from mixplan.config.search import Space
from mixplan.demand.backtest import backtest
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.scores import score
from mixplan.evaluation.origins import Origins
from mixplan.evaluation.search import Budget, Scores, Trial, search, space_of


class Tuner:
    """Scores a candidate with other values: the earlier weeks choose them, the later weeks tell what they are worth.

    The selection is split at its middle origin. Forecasts made before it are scored on weeks before it, and those made
    from it on later ones, so that no row scores a value that it chose.
    """

    def __init__(
        self, builder: FeatureBuilder, origins: Origins, evaluation: EvaluationConfig, config: DemandConfig, seed: int
    ) -> None:
        self.builder, self.origins, self.evaluation = builder, origins, evaluation
        self.config, self.seed = config, seed
        self.middle = origins.selection[len(origins.selection) // 2]
        self.metric = f"{config.select.metric}_6m"

    def early(self, candidate: DemandCandidate) -> Scores:
        """Scores of forecasts made before the middle of the selection, on weeks before it."""
        predictions = self._predict(candidate, self.origins.selection[self.origins.selection < self.middle])
        return score(predictions[predictions["week"] < self.middle])

    def late(self, candidate: DemandCandidate) -> Scores:
        """Scores of forecasts made from the middle of the selection on."""
        return score(self._predict(candidate, self.origins.selection[self.origins.selection >= self.middle]))

    def search(
        self,
        name: str,
        budget: Budget,
        report: Callable[[Trial], None] | None = None,
    ) -> Trial:
        """The best of the values tried by Optuna's sampler; the first are the present ones.

        Args:
            name: a candidate with a space in ``demand.search``.
            budget: time and trials.
            report: told of each trial when it is scored.

        Raises:
            MixplanError: the candidate has no space to search, or the selection has one origin.
        """
        space, present = self.space(name), self.config.candidates[name]
        return search(
            space,
            present.hyper_parameters(),
            lambda values: self.early(present.with_values(values)),
            self.metric,
            budget,
            self.seed,
            report,
        )

    def space(self, name: str) -> Space:
        """What may be searched of a candidate.

        Raises:
            MixplanError: nothing, or the selection has one origin.
        """
        space = space_of(self.config.search, name, "demand")
        if self.middle == self.origins.selection[0]:
            raise MixplanError("evaluation.selection_origins is 1: a search needs two, one to choose and one to judge")
        return space

    def _predict(self, candidate: DemandCandidate, at: pd.DatetimeIndex) -> pd.DataFrame:
        return backtest(at, self.builder, candidate, self.origins, self.evaluation, self.config.interval, self.seed)
