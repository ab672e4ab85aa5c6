"""The configuration that is shipped, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from mixplan.config.drivers import DriversConfig

CONF = Path(__file__).parents[2] / "conf" / "drivers"


@pytest.fixture
def shipped() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((CONF / "default.yaml").read_text(encoding="utf-8"))
    paths = sorted((CONF / "candidates").glob("*.yaml"))
    candidates = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths}
    # An average takes its members from their own files.
    candidates["average"]["members"] = {name: candidates[name] for name in candidates["average"]["members"]}
    return content | {"candidates": candidates}


def test_shipped_candidates_can_be_built(shipped: dict[str, Any]) -> None:
    config = DriversConfig.model_validate_json(json.dumps(shipped))
    facts = config.series["rain_mm"]
    for name, candidate in config.candidates.items():
        chance = {"random_state": 1} if candidate.draws_at_random else {}
        model = candidate.build(facts=facts, interval=config.interval, **chance)
        assert {key: getattr(model, key) for key in candidate.hyper_parameters()} == candidate.hyper_parameters(), name


def test_candidate_without_a_rank_is_refused(shipped: dict[str, Any]) -> None:
    without = [name for name in shipped["simplicity"] if name != "gru"]
    with pytest.raises(ValidationError, match="simplicity must name every candidate; it lacks gru"):
        DriversConfig.model_validate_json(json.dumps(shipped | {"simplicity": without}))


@pytest.mark.parametrize(
    ("bands", "message"),
    [({"D": [1, 7]}, "they lack MS"), ({"D": [7, 1], "MS": [30]}, "bands of D must grow, got 7, 1")],
)
def test_wrong_bands_are_refused(shipped: dict[str, Any], bands: dict[str, list[int]], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        DriversConfig.model_validate_json(json.dumps(shipped | {"bands": bands}))


@pytest.mark.parametrize(
    ("key", "value"),
    [("_target_", "os.system"), ("harmonics", 6), ("harmonics", "2"), ("unknown", 1)],
)
def test_wrong_candidate_is_refused(shipped: dict[str, Any], key: str, value: object) -> None:
    shipped["candidates"]["climatology"][key] = value
    with pytest.raises(ValidationError):
        DriversConfig.model_validate_json(json.dumps(shipped))
