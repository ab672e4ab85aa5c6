"""Which candidate forecasts each driver, and how far ahead."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from mixplan.config.drivers import DriversConfig
from mixplan.drivers.bands import Band
from mixplan.drivers.scores import named
from mixplan.evaluation.leaderboard import Entry, rank

Winners = Mapping[str, Mapping[Band, str]]
"""The winning candidate by driver and band."""


def leaderboards(
    scores: Mapping[str, Mapping[str, float]], bands: Mapping[str, Sequence[Band]], config: DriversConfig
) -> dict[str, dict[Band, list[Entry]]]:
    """By driver and band, the candidates best first; the first is the winner.

    Args:
        scores: by candidate, as ``mixplan.drivers.scores.named`` names them.
        bands: by driver; drivers without a score, which the source lacks, are left out.
        config: the metric that decides, what counts as a tie, and which candidate is simpler.
    """
    scored = {name.partition("/")[0] for of_candidate in scores.values() for name in of_candidate}
    return {
        driver: {band: _board(scores, driver, band, config) for band in own}
        for driver, own in bands.items()
        if driver in scored
    }


def _board(scores: Mapping[str, Mapping[str, float]], driver: str, band: Band, config: DriversConfig) -> list[Entry]:
    start, end = f"{driver}/", f"_{band.label}"
    entries = [
        Entry(
            candidate,
            {
                name.removeprefix(start).removesuffix(end): value
                for name, value in own.items()
                if name.startswith(start) and name.endswith(end)
            },
            config.simplicity.index(candidate),
        )
        for candidate, own in scores.items()
    ]
    return rank(entries, config.select.metric, config.select.tie_margin)


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
