import json

import pytest
import yaml
from pydantic import ValidationError

from mixplan.config.planning import LeadTimeConfig, MaterialTerms, OpenDays, OrderingConfig, PlanConfig
from tests.planning.conftest import ALWAYS_OPEN

LINE = {
    "daily_kg": 1000.0,
    "families": ["special"],
    "weekday_shares": [1.0] * 7,
    "smallest_lot_kg": 1.0,
    "largest_lot_kg": 2.0,
    "cleaning_share": 0.0,
}


def test_default_configuration_is_valid(default_yaml: str) -> None:
    policies = {"max_minus_mean": {"_target_": "mixplan.planning.policies.max_minus_mean.MaxMinusMean"}}
    production = {**yaml.safe_load(default_yaml)["production"], "lines": {"mixer": LINE}}
    config = PlanConfig.model_validate_json(
        json.dumps({**yaml.safe_load(default_yaml), "policies": policies, "production": production})
    )
    assert config.weeks == 13
    assert config.not_stocked == ()


@pytest.mark.parametrize("weekdays", [[True] * 6, [False] * 7, [0.5] * 7])
def test_a_week_has_seven_days_and_some_are_open(weekdays: list[bool | float]) -> None:
    with pytest.raises(ValidationError):
        OpenDays.model_validate_json(json.dumps({"country": "KR", "weekdays": weekdays}))


def test_longest_default_is_not_shorter_than_the_mean() -> None:
    with pytest.raises(ValidationError, match="default_longest_days"):
        LeadTimeConfig(window_days=1, minimum_receipts=1, default_mean_days=5.0, default_longest_days=4.0)


def test_nobody_waits_longer_than_ten_years() -> None:
    with pytest.raises(ValidationError, match="default_longest_days"):
        LeadTimeConfig(window_days=1, minimum_receipts=1, default_mean_days=5.0, default_longest_days=4000.0)


@pytest.mark.parametrize("own", [{"tank_kg": 90.0}, {"tank_kg": 200.0, "pack_kg": 250.0}])
def test_a_tank_that_holds_no_order_is_refused(own: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match=r"materials.M: its tank holds .* so nothing could ever be ordered"):
        OrderingConfig(
            weekday=0,
            pack_kg=50.0,
            minimum_kg=100.0,
            suppliers=ALWAYS_OPEN,
            materials={"M": MaterialTerms.model_validate(own)},
        )


def test_an_unknown_key_is_refused(default_yaml: str) -> None:
    with pytest.raises(ValidationError, match="horizon"):
        PlanConfig.model_validate_json(json.dumps({**yaml.safe_load(default_yaml), "horizon": 3}))
