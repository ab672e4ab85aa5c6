"""What is shipped for the two services fits, and what cannot be meant is refused."""

import json
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from mixplan.config.services import WeatherService

from .conftest import shipped, shipped_services

ROOT = Path(__file__).parents[3]


def test_what_is_shipped_fits_and_names_the_regions_of_the_mart() -> None:
    services = shipped_services()
    regions = yaml.safe_load((ROOT / "conf/mart/default.yaml").read_text(encoding="utf-8"))["regions"]
    assert services.weather is not None
    assert services.construction is not None
    assert list(services.weather.stations) == regions
    assert (services.weather.key_variable, services.construction.key_variable) == ("KMA_SERVICE_KEY", "KOSIS_API_KEY")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"base_url": "http://apis.data.go.kr/x"}, "must begin with https://"),
        ({"base_url": "https://apis.data.go.kr/x?serviceKey=1"}, "must have no query"),
        ({"stations": {"서울": ["108"], "인천": ["112", "108"]}}, "station 108 stands there more than once"),
        ({"stations": {"서울": []}}, "서울 has no station"),
        ({"stations": {"서울": ["../108"]}}, "should match pattern"),
        ({"page_size": 1000}, "less than or equal to 999"),
        ({"requests_per_second": 0.0}, "greater than 0"),
        ({"service_key": "x"}, "Extra inputs are not permitted"),
    ],
)
def test_what_cannot_be_meant_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        WeatherService.model_validate_json(json.dumps(shipped("weather") | change))
