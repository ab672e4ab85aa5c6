"""Ordering policies that compete in the replay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mixplan.config.planning import PlanConfig
from mixplan.evaluation.leaderboard import Entry, rank
from mixplan.planning.history import History
from mixplan.planning.policies.interface import OrderingPolicy
from mixplan.planning.replay import Replay, replay


@dataclass(frozen=True)
class Setting:
    """A policy and the service level at which it is tried."""

    policy: str
    service_level: float | None = None
    """Share of order cycles without a shortage; None for a policy that knows no such share."""

    @property
    def label(self) -> str:
        """What leaderboards call it.

        >>> Setting("min_max", 0.98).label, Setting("max_minus_mean").label
        ('min_max 0.98', 'max_minus_mean')
        """
        return self.policy if self.service_level is None else f"{self.policy} {self.service_level:g}"

    def parameters(self, config: PlanConfig) -> dict[str, Any]:
        """What is replayed: the policy's configuration and its service level."""
        level = {} if self.service_level is None else {"service_level": self.service_level}
        return config.policies[self.policy].model_dump(by_alias=True) | level


PLANT_SETTING = Setting("max_minus_mean")
"""What the plant has always done, and every other setting is compared with."""


def settings_of(config: PlanConfig) -> list[Setting]:
    """Every policy at each of ``config.service_levels``, from the simplest on."""
    return [
        Setting(name, level)
        for name in sorted(config.policies, key=config.simplicity.index)
        for level in (config.service_levels if config.policies[name].has_service_level else (None,))
    ]


def build_policy(setting: Setting, config: PlanConfig, seed: int) -> OrderingPolicy:
    """The policy at that service level; one that draws at random starts from the seed."""
    candidate = config.policies[setting.policy]
    level = {} if setting.service_level is None else {"service_level": setting.service_level}
    chance = {"random_state": seed} if candidate.draws_at_random else {}
    policy: OrderingPolicy = candidate.build(**level, **chance)
    return policy


def replay_all(history: History, config: PlanConfig, seed: int) -> dict[Setting, Replay]:
    """Every setting's replay, on the same history with the same drawn lead times."""
    return {setting: replay(history, config, build_policy(setting, config, seed)) for setting in settings_of(config)}


def leaderboard(board: Sequence[Setting], replays: Mapping[Setting, Replay]) -> dict[str, Any]:
    """The winner and every setting's scores, for ``metrics/plan.json``."""
    return {
        "winner": board[0].label,
        "policy": board[0].policy,
        "service_level": board[0].service_level,
        "leaderboard": [{"candidate": setting.label, **replays[setting].summary} for setting in board],
    }


def rank_settings(replays: Mapping[Setting, Replay], config: PlanConfig) -> list[Setting]:
    """From the least cost to the most among those that hold ``config.minimum_fill_rate``.

    Those within ``config.tie_margin`` of the least go by simplicity. The ones that do not hold it follow, the highest
    fill rate first; where none holds it, the first of these wins.
    """
    by_label = {setting.label: setting for setting in replays}
    fill_rates = {setting.label: result.summary["fill_rate"] for setting, result in replays.items()}
    entries = [
        Entry(setting.label, result.summary, config.simplicity.index(setting.policy))
        for setting, result in replays.items()
        if fill_rates[setting.label] >= config.minimum_fill_rate
    ]
    ranked = [entry.candidate for entry in rank(entries, "cost_krw", config.tie_margin)] if entries else []
    others = sorted(fill_rates.keys() - set(ranked), key=lambda label: (-fill_rates[label], label))
    return [by_label[label] for label in [*ranked, *others]]
