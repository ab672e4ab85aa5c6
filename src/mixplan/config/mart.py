"""What the mart believes: value ranges, tolerances and the plant's own flags."""

from datetime import date
from typing import Annotated

from pydantic import Field, PositiveFloat, model_validator

from mixplan.config.base import Strict

Range = tuple[float, float]


class WeatherRanges(Strict):
    """Lowest and highest believable daily value; a row with a value outside is a broken reading."""

    temperature_c: Range
    """Daily mean temperature, degrees Celsius."""
    humidity_pct: Range
    """Daily mean relative humidity, per cent; stations write 0 where the sensor failed, so the lower end is above 0."""
    rain_mm: Range
    """Rain of the day, millimetres."""
    snow_cm: Range
    """Fresh snow of the day, centimetres."""

    @model_validator(mode="after")
    def _ordered(self) -> "WeatherRanges":
        for name, (low, high) in self:
            if low >= high:
                raise ValueError(f"{name}: the lowest value must be below the highest")
        return self


class AsMadeConfig(Strict):
    """How recipes are compared with the lots that were made."""

    half_life_days: PositiveFloat
    """A lot that is so much older than the newest counts half."""
    tolerance: Annotated[float, Field(ge=0, lt=1)]
    """Difference of shares that is worth a warning."""


class MartConfig(Strict):
    """What a row must keep to become part of the mart."""

    regions: tuple[str, ...] = Field(min_length=1)
    """Regions that sales and weather may name."""
    earliest_day: date
    """A date before this day is a mistake."""
    latest_day: date
    """A date after this day is a mistake."""
    lot_share_tolerance_pct: PositiveFloat
    """Percentage points by which the shares of a lot may miss 100."""
    recipe_share_tolerance: Annotated[float, Field(gt=0, lt=1)]
    """Share by which a recipe may miss 1 and still be scaled to it."""
    largest_quarantined_share: Annotated[float, Field(gt=0, le=1)]
    """Share of a table's rows, blank ones aside, that may be faulty: with more, columns are swapped."""
    weather_ranges: WeatherRanges
    """Believable weather."""
    as_made: AsMadeConfig
    """Recipes beside lots."""
    excluded_lot_status: str
    """Status of a lot that was taken out of production."""
    rework_lot_type: str
    """Type of a lot that goes through production a second time."""
    yes: str
    """How the exports write yes."""
    no: str
    """How the exports write no."""
