"""The folds of the backtest as a table: what each forecast may learn from, and which weeks it is scored on."""

import pandas as pd

from mixplan.config.evaluation import EvaluationConfig
from mixplan.evaluation.origins import Origins

SELECTION, LAST, TO_COME = "chooses winners", "scores the winner once", "is acted on"


def folds(origins: Origins, config: EvaluationConfig) -> pd.DataFrame:
    """One row for each origin at which a demand model is fitted, oldest first.

    Args:
        origins: from ``plan_origins``.
        config: the horizon and the distance between the origins that a model learns from.

    Returns:
        use; origin, the first day that is forecast, of which everything before is known; until, the last day that is
        forecast; and the origins that the model learns from: how many (training_origins) and since when
        (training_from, NaT where there are none).

    >>> from mixplan.evaluation.origins import plan_origins
    >>> config = EvaluationConfig(horizon_weeks=4, grid_weeks=2, training_step_weeks=2, selection_step_weeks=4,
    ...                           selection_origins=1, holdout_weeks=4, minimum_history_weeks=5)
    >>> origins = plan_origins(pd.Timestamp("2024-01-01"), pd.Timestamp("2024-05-28"), config)
    >>> table = folds(origins, config)
    >>> table["use"].tolist(), table["training_origins"].tolist()
    (['chooses winners', 'scores the winner once', 'is acted on'], [4, 6, 8])
    >>> str(table["origin"][0].date()), str(table["until"][0].date())
    ('2024-04-01', '2024-04-28')
    """
    uses = [*((origin, SELECTION) for origin in origins.selection), (origins.holdout, LAST), (origins.final, TO_COME)]
    rows = []
    for origin, use in uses:
        training = origins.training(origin, config.training_step_weeks)
        until = origin + pd.Timedelta(weeks=config.horizon_weeks) - pd.Timedelta(days=1)
        rows.append((use, origin, until, len(training), training.min()))
    return pd.DataFrame(rows, columns=["use", "origin", "until", "training_origins", "training_from"])
