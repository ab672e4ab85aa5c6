"""``params.yaml`` as typed objects: a wrong key or value stops a stage before it starts, and is named."""

import json
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from mixplan.config.base import ConfigError, Strict
from mixplan.config.customers import CustomersConfig
from mixplan.config.database import AnySource
from mixplan.config.demand import DemandConfig
from mixplan.config.drivers import DriversConfig
from mixplan.config.evaluation import EvaluationConfig
from mixplan.config.mart import MartConfig
from mixplan.config.monitor import MonitorConfig
from mixplan.config.planning import PlanConfig
from mixplan.config.promote import PromoteConfig
from mixplan.config.recommend import RecommendConfig
from mixplan.config.risk import RiskConfig
from mixplan.config.serving import ServingConfig

PARAMS_FILE = Path("params.yaml")


class Params(Strict):
    """Everything that a run may be told."""

    seed: int
    """Where all chance starts."""
    source: AnySource
    mart: MartConfig
    evaluation: EvaluationConfig
    drivers: DriversConfig
    demand: DemandConfig
    risk: RiskConfig
    customers: CustomersConfig
    recommend: RecommendConfig
    plan: PlanConfig
    promote: PromoteConfig
    monitor: MonitorConfig
    serving: ServingConfig


def parse_params(text: str) -> Params:
    """Typed parameters from YAML text.

    Raises:
        ConfigError: names every wrong key or value by its dotted path.
    """
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"params.yaml is not YAML: {error}; write it anew with `mixplan compose`") from None
    try:
        # YAML reads a date without quotes as a date, which JSON spells as text.
        return Params.model_validate_json(json.dumps(content, default=str))
    except ValidationError as error:
        mistakes = (f"{_dotted(mistake['loc'], content)}: {mistake['msg']}" for mistake in error.errors())
        raise ConfigError("params.yaml: " + "; ".join(mistakes) + " (mend it in conf/)") from None


def _dotted(location: tuple[int | str, ...], content: Any) -> str:
    """The key's path as Hydra spells it: pydantic also puts in the value that chose the class of a candidate."""
    keys = []
    for key in location:
        if isinstance(content, dict) and key not in content and key in content.values():
            continue
        keys.append(str(key))
        known = isinstance(content, list) or (isinstance(content, dict) and key in content)
        content = content[key] if known else None
    return ".".join(keys) or "the whole file"


def load_params(path: Path = PARAMS_FILE) -> Params:
    """Typed parameters from ``params.yaml``.

    Raises:
        ConfigError: the file is missing, or something in it is wrong.
    """
    if not path.is_file():
        raise ConfigError(f"{path} is missing: run `mixplan compose` to write it from conf/")
    return parse_params(path.read_text(encoding="utf-8"))
