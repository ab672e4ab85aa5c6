"""What becomes of each task's winner: scores, significance, regressions, and whether it may be served at all."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from mixplan.artifacts.champion import Manifest, Winner
from mixplan.config.params import Params
from mixplan.evaluation.significance import OriginTest
from mixplan.promotion.acceptance import accepted, faults_of
from mixplan.promotion.decide import Contender, Decision, decide
from mixplan.promotion.previous import taken_back


def decisions_of(
    winners: Mapping[str, Winner],
    champion: Manifest | None,
    forecast: pd.DataFrame,
    history: pd.DataFrame,
    model: Path,
    took_ms: float,
    data_version: str,
    params: Params,
) -> dict[str, Decision]:
    """The decision on each task that has one; the others follow, see ``DECIDED_WITH``.

    Args:
        winners: by task.
        champion: what is served now, if anything.
        forecast: the demand winner's of the weeks to come.
        history: weekly demand by product.
        model: folder of the demand winner.
        took_ms: what a whole forecast by it takes.
        data_version: what the winners learnt from.
        params: the run's parameters.

    Raises:
        NotAcceptableError: there is no champion yet, and the demand winner must not be served.
    """
    rule, demand = params.promote, params.demand.select
    test = OriginTest(params.evaluation.overlap, demand.level)
    decisions = {}
    for task, metric, noise in (
        ("demand", f"{demand.metric}_6m", test),
        ("recommend", params.recommend.select.metric, None),
    ):
        challenger = Contender.of(winners[task], data_version, metric)
        defender = Contender.of(champion.tasks[task], champion.tasks[task].data_version, metric) if champion else None
        decisions[task] = taken_back(task, challenger, champion) or decide(
            challenger, defender, metric, rule.margin, noise, rule.tolerance
        )
    faults = faults_of(forecast, history, params.evaluation.horizon_weeks, model, took_ms, rule)
    stays = champion.tasks["demand"].candidate if champion else None
    return decisions | {"demand": accepted(decisions["demand"], faults, stays)}
