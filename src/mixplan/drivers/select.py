"""Which candidate forecasts each driver."""

from collections.abc import Mapping

import pandas as pd

from mixplan.config.drivers import DriversConfig
from mixplan.evaluation.leaderboard import Entry, rank


def leaderboards(scores: Mapping[str, Mapping[str, float]], config: DriversConfig) -> dict[str, list[Entry]]:
    """By driver, the candidates best first by their score over all leads; the first is the winner.

    Args:
        scores: by candidate, the pooled scores named ``<driver>/<metric>``.
        config: the metric that decides, what counts as a tie, and which candidate is simpler.
    """
    drivers = dict.fromkeys(name.partition("/")[0] for of_candidate in scores.values() for name in of_candidate)
    boards = {}
    for driver in drivers:
        entries = [
            Entry(
                candidate,
                {name.partition("/")[2]: value for name, value in own.items() if name.startswith(f"{driver}/")},
                config.simplicity.index(candidate),
            )
            for candidate, own in scores.items()
        ]
        boards[driver] = rank(entries, config.select.metric, config.select.tie_margin)
    return boards


def winners(boards: Mapping[str, list[Entry]]) -> dict[str, str]:
    """The winning candidate by driver."""
    return {driver: entries[0].candidate for driver, entries in boards.items()}


def of_winners(predictions: Mapping[str, pd.DataFrame], winners: Mapping[str, str]) -> pd.DataFrame:
    """Each driver's forecasts by its winner, one driver after the other.

    Args:
        predictions: by candidate, from ``backtest``.
        winners: the candidate by driver.
    """
    of_driver = {driver: predictions[candidate] for driver, candidate in winners.items()}
    return pd.concat([rows[rows["driver"] == driver] for driver, rows in of_driver.items()], ignore_index=True)
