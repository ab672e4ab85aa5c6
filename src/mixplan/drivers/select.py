"""Which candidate forecasts each driver, and how far ahead: the best, or the simplest that ties with it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from mixplan.config.drivers import DriversConfig
from mixplan.drivers.bands import Band
from mixplan.drivers.losses import BandLosses, origin_test
from mixplan.drivers.scores import named
from mixplan.evaluation.leaderboard import Entry, rank
from mixplan.evaluation.significance import OriginTest

Scores = Mapping[str, Mapping[str, float]]
"""By candidate and name."""

Winners = Mapping[str, Mapping[Band, str]]
"""The winning candidate by driver and band."""


def leaderboards(
    scores: Scores, losses: BandLosses, bands: Mapping[str, Sequence[Band]], config: DriversConfig
) -> dict[str, dict[Band, list[Entry]]]:
    """By driver and band, the candidates best first; the first is the winner.

    Entries have two metrics beside their scores: ``skill``, the share of the simplest candidate's loss that is saved,
    and ``p_value``, the chance of such a lead over it between equally good models.

    Args:
        scores: by candidate, as ``mixplan.drivers.scores.named`` names them.
        losses: of the same candidates, from ``losses_by_origin``.
        bands: by driver; drivers without a loss, which the source lacks, are left out.
        config: the metric that decides, what counts as a tie or as noise, and which candidate is simpler.
    """
    return {
        driver: {
            band: _board(_of_band(scores, driver, band), losses[driver][band], band, driver, config) for band in own
        }
        for driver, own in bands.items()
        if driver in losses
    }


def _of_band(scores: Scores, driver: str, band: Band) -> dict[str, dict[str, float]]:
    """Scores of one driver and band by candidate and metric."""
    start, end = f"{driver}/", f"_{band.label}"
    return {
        candidate: {
            name.removeprefix(start).removesuffix(end): value
            for name, value in own.items()
            if name.startswith(start) and name.endswith(end)
        }
        for candidate, own in scores.items()
    }


def _board(scores: Scores, losses: pd.DataFrame, band: Band, driver: str, config: DriversConfig) -> list[Entry]:
    rule, order = config.select, config.simplicity
    test, simplest = origin_test(band, config.series[driver], rule.level), losses[min(scores, key=order.index)]
    entries = [
        Entry(name, {**own, **_against(simplest, losses[name], test)}, order.index(name))
        for name, own in scores.items()
    ]
    return rank(entries, rule.metric, rule.tie_margin, lambda best, other: test.is_better(losses[best], losses[other]))


def _against(simplest: pd.Series, own: pd.Series, test: OriginTest) -> dict[str, float]:
    lead, loss = test.lead(own, simplest), float(simplest.mean())
    return {"skill": lead.gain / loss if loss else 0.0, "p_value": lead.p_value}


def winners(boards: Mapping[str, Mapping[Band, Sequence[Entry]]]) -> dict[str, dict[Band, str]]:
    """The winning candidate by driver and band."""
    return {driver: {band: entries[0].candidate for band, entries in of.items()} for driver, of in boards.items()}


def of_winners(predictions: Mapping[str, pd.DataFrame], winners: Winners) -> pd.DataFrame:
    """The winners' forecasts put together: by driver, origin and days ahead, as each candidate's are.

    Args:
        predictions: by candidate, from ``backtest``.
        winners: the candidate by driver and band.
    """
    parts = []
    for driver, of_driver in winners.items():
        for band, candidate in of_driver.items():
            rows = predictions[candidate]
            parts.append(rows[(rows["driver"] == driver) & rows["horizon_days"].between(*band)])
    order = {driver: position for position, driver in enumerate(winners)}
    joined = pd.concat(parts, ignore_index=True)
    keys = joined.assign(driver=joined["driver"].map(order))[["driver", "origin", "horizon_days"]]
    return joined.loc[keys.sort_values([*keys.columns]).index].reset_index(drop=True)


def summary(boards: Mapping[str, Mapping[Band, Sequence[Entry]]], scores: pd.DataFrame) -> dict[str, Any]:
    """What is reported of each driver.

    Args:
        boards: from ``leaderboards``.
        scores: of the winners' forecasts put together, from ``mixplan.drivers.scores.score``.

    Returns:
        By driver: ``scores`` over the whole horizon, and by band ``winner`` and ``leaderboard``.
    """
    together = named(scores)
    return {
        driver: {
            "scores": {metric: together[f"{driver}/{metric}"] for metric in _metrics(scores, driver)},
            "bands": {
                band.label: {
                    "winner": board[0].candidate,
                    "leaderboard": [{"candidate": entry.candidate, **entry.metrics} for entry in board],
                }
                for band, board in of_driver.items()
            },
        }
        for driver, of_driver in boards.items()
    }


def _metrics(scores: pd.DataFrame, driver: str) -> list[str]:
    return list(dict.fromkeys(scores.loc[scores["driver"] == driver, "metric"]))
