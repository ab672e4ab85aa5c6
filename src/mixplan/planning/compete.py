"""Ordering policies that compete in the replay."""

from collections.abc import Mapping

import pandas as pd

from mixplan.config.planning import PlanConfig
from mixplan.evaluation.leaderboard import Entry, rank
from mixplan.planning.policies.interface import OrderingPolicy
from mixplan.planning.replay import Replay, replay


def build_policy(name: str, config: PlanConfig, seed: int) -> OrderingPolicy:
    """The policy of that name; one that draws at random starts from the seed."""
    candidate = config.policies[name]
    policy: OrderingPolicy = candidate.build(**({"random_state": seed} if candidate.draws_at_random else {}))
    return policy


def replay_policies(
    forecasts: pd.DataFrame, tables: Mapping[str, pd.DataFrame], start: pd.Timestamp, config: PlanConfig, seed: int
) -> dict[str, Replay]:
    """Every policy's replay by its name, on the same history with the same drawn lead times; see ``replay``."""
    return {
        name: replay(forecasts, tables, start, config, seed, build_policy(name, config, seed))
        for name in config.policies
    }


def rank_policies(replays: Mapping[str, Replay], config: PlanConfig) -> list[Entry]:
    """The policies from the least cost to the most; those within ``config.tie_margin`` of the least by simplicity."""
    entries = [Entry(name, result.summary, config.simplicity.index(name)) for name, result in replays.items()]
    return rank(entries, "cost_krw", config.tie_margin)
