"""What the mart believes: value ranges, tolerances and the plant's own flags."""

from datetime import date
from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt, field_validator, model_validator

from mixplan.config.base import Strict
from mixplan.config.source import RAW_TABLES

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
    longest_pause_days: PositiveInt
    """Days without a sale; a sale after a longer pause is dated wrongly where less than ``stray_share`` follow it."""
    stray_share: Annotated[float, Field(ge=0, lt=1)]
    """Share of all sales that is nearly none."""
    lot_share_tolerance_pct: PositiveFloat
    """Percentage points by which the shares of a lot may miss 100."""
    recipe_share_tolerance: Annotated[float, Field(gt=0, lt=1)]
    """Share by which a recipe may miss 1 and still be scaled to it."""
    largest_quarantined_share: Annotated[float, Field(gt=0, le=1)]
    """Share of the rows of a table or export, blank ones aside, that may be faulty: with more, columns are swapped."""
    fewest_rows_judged: PositiveInt
    """An export with fewer rows is judged with its table alone."""
    weather_ranges: WeatherRanges
    """Believable weather."""
    largest: dict[str, dict[str, PositiveFloat]]
    """Largest believable number, its sign aside, by raw table and column; a row with a larger one stays out."""
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

    @field_validator("largest")
    @classmethod
    def _known_columns(cls, largest: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        for table, columns in largest.items():
            if unknown := sorted(set(columns) - set(RAW_TABLES.get(table, ()))):
                raise ValueError(f"{table} has no column {', '.join(unknown)}")
        return largest
