"""``params.yaml`` as typed objects: a wrong key or value stops a stage before it starts, and is named."""

import json
from pathlib import Path

import yaml
from pydantic import ValidationError

from mixplan.config.base import ConfigError, Strict
from mixplan.config.customers import CustomersConfig
from mixplan.config.demand import DemandConfig
from mixplan.config.drivers import DriversConfig
from mixplan.config.evaluation import EvaluationConfig
from mixplan.config.mart import MartConfig
from mixplan.config.planning import PlanConfig
from mixplan.config.promote import PromoteConfig
from mixplan.config.recommend import RecommendConfig
from mixplan.config.source import SourceConfig

PARAMS_FILE = Path("params.yaml")


class Params(Strict):
    """Everything that a run may be told."""

    seed: int
    """Where all chance starts."""
    source: SourceConfig
    mart: MartConfig
    evaluation: EvaluationConfig
    drivers: DriversConfig
    demand: DemandConfig
    customers: CustomersConfig
    recommend: RecommendConfig
    plan: PlanConfig
    promote: PromoteConfig


def parse_params(text: str) -> Params:
    """Typed parameters from YAML text.

    Raises:
        ConfigError: names every wrong key or value by its dotted path.
    """
    try:
        return Params.model_validate_json(json.dumps(yaml.safe_load(text)))
    except ValidationError as error:
        mistakes = (f"{_dotted(mistake['loc'])}: {mistake['msg']}" for mistake in error.errors())
        raise ConfigError("params.yaml: " + "; ".join(mistakes) + " (mend it in conf/)") from None


def _dotted(location: tuple[int | str, ...]) -> str:
    """The key's path as Hydra spells it: pydantic puts the class of a candidate into it, which has dots of its own."""
    return ".".join(str(part) for part in location if "." not in str(part))


def load_params(path: Path = PARAMS_FILE) -> Params:
    """Typed parameters from ``params.yaml``.

    Raises:
        ConfigError: the file is missing, or something in it is wrong.
    """
    if not path.is_file():
        raise ConfigError(f"{path} is missing: run `mixplan compose` to write it from conf/")
    return parse_params(path.read_text(encoding="utf-8"))
