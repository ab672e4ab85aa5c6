"""Public services that the plant asks for weather and construction starts."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, field_validator

from mixplan.config.base import Strict

StationId = Annotated[str, Field(pattern=r"^[0-9]{1,4}$")]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.+]+$")]


class Service(Strict):
    """How any service is asked."""

    base_url: str
    """Address without a query; the key travels with every request, so it must be encrypted."""
    key_variable: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    """Environment variable that holds the API key; the key itself stands in no file."""
    requests_per_second: PositiveFloat
    """No two requests follow each other faster, repeated ones included."""
    timeout_s: PositiveFloat
    """Seconds to wait for a connection, and for each part of an answer."""
    attempts: PositiveInt
    """How often one request is made before it is given up."""
    first_wait_s: NonNegativeFloat
    """Seconds before the second attempt; each further wait is twice as long."""
    longest_wait_s: NonNegativeFloat
    """No wait between attempts is longer."""
    final_after_days: NonNegativeInt
    """A day or month that ended more than so many days ago no longer changes, and is never asked for twice."""

    @field_validator("base_url")
    @classmethod
    def _encrypted(cls, url: str) -> str:
        if not url.startswith(("https://", "http://127.0.0.1:")):
            raise ValueError("the address must begin with https://, as the key travels with it")
        if "?" in url or "#" in url:
            raise ValueError("the address must have no query: the parameters have fields of their own")
        return url


class WeatherService(Service):
    """Daily weather of the national stations: the ASOS daily service of the Korea Meteorological Administration."""

    page_size: Annotated[int, Field(ge=1, le=999)]
    """Days a page; the service gives no more than 999."""
    stations: dict[str, tuple[StationId, ...]] = Field(min_length=1)
    """Region of the plant to the stations whose mean is its weather."""

    def final_through(self, today: date) -> date:
        """The last day that no longer changes."""
        return today - timedelta(days=self.final_after_days + 1)

    @field_validator("stations")
    @classmethod
    def _one_region_a_station(cls, stations: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        if empty := [region for region, of_region in stations.items() if not of_region]:
            raise ValueError(f"{', '.join(empty)} has no station")
        every = [station for of_region in stations.values() for station in of_region]
        if twice := sorted({station for station in every if every.count(station) > 1}):
            raise ValueError(f"station {', '.join(twice)} stands there more than once")
        return stations


class ConstructionService(Service):
    """A monthly series of the national statistics portal KOSIS: the floor area of construction starts."""

    organisation: Code
    """Who publishes the table (``orgId``)."""
    table: Code
    """The table (``tblId``)."""
    item: Code
    """The one item of the table that is asked for (``itmId``)."""
    classifications: tuple[Code, ...] = Field(min_length=1, max_length=8)
    """The one class of each of the table's classifications (``objL1`` to ``objL8``)."""
    reference: PositiveFloat | None
    """What values are divided by, in the unit of the table; nothing where None."""

    def final_through(self, today: date) -> date:
        """The last day of the last month that no longer changes."""
        return (today - timedelta(days=self.final_after_days)).replace(day=1) - timedelta(days=1)


class ServicesConfig(Strict):
    """The services that a source has; a table whose service is None comes from the exports."""

    first_day: date
    """From when on."""
    weather: WeatherService | None
    construction: ConstructionService | None

    @property
    def tables(self) -> tuple[str, ...]:
        """The raw tables that services give."""
        given = {"weather": self.weather, "construction": self.construction}
        return tuple(table for table, service in given.items() if service is not None)
