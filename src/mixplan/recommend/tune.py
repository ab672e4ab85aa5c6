"""A search for a recommender's values on windows before the one that picks the winner, never on the last."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from mixplan.config.recommend import RecommendCandidate, RecommendConfig
from mixplan.config.search import Space
from mixplan.evaluation.search import Budget, Scores, Trial, search, space_of
from mixplan.recommend.model import new_recommender
from mixplan.recommend.ratings import Split, split
from mixplan.recommend.scores import predict, score

WINDOWS, STEP_WEEKS = 3, 13
"""Earlier test windows that choose values, and their distance."""


class RecommendTuner:
    """Scores a candidate with other values: windows before the selection's choose them, the selection's judges them."""

    def __init__(self, sales: pd.DataFrame, holdout: pd.Timestamp, config: RecommendConfig, seed: int) -> None:
        self.config, self.seed, self.metric = config, seed, "rmse"
        window = pd.Timedelta(weeks=config.window_weeks)
        self.middle = holdout - window
        """First day of the window that judges: no value is chosen by it."""
        ends = [self.middle - pd.Timedelta(weeks=STEP_WEEKS * step) for step in range(WINDOWS)]
        self._early = [split(sales, end - window, end, config.rating) for end in ends]
        self._late = [split(sales, self.middle, holdout, config.rating)]

    def early(self, candidate: RecommendCandidate) -> Scores:
        """Mean scores on the windows that end by the selection's first day."""
        return self._scores(candidate, self._early)

    def late(self, candidate: RecommendCandidate) -> Scores:
        """Scores on the selection's window."""
        return self._scores(candidate, self._late)

    def search(self, name: str, budget: Budget, report: Callable[[Trial], None] | None = None) -> Trial:
        """The best of the values tried; see ``mixplan.evaluation.search.search``."""
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
            MixplanError: nothing.
        """
        return space_of(self.config.search, name, "recommend")

    def _scores(self, candidate: RecommendCandidate, splits: list[Split]) -> Scores:
        each = [
            score(predict(new_recommender(candidate, self.seed).fit(one.train), one.test))[self.metric]
            for one in splits
        ]
        return {self.metric: float(np.mean(each))}
