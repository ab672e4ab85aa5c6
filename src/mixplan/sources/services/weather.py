"""Daily weather of the plant's regions, as the rows that an export of it would have."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from statistics import fmean

import pandas as pd

from mixplan.config.services import WeatherService
from mixplan.config.source import RAW_TABLES
from mixplan.sources.services import kma_asos
from mixplan.sources.services.client import Clock, ServiceClient
from mixplan.sources.services.parts import DAY, FIRST_LINE, Item, PartCache
from mixplan.sources.services.rows import as_table, cell

logger = logging.getLogger(__name__)
READINGS = {"temperature_c": "avgTa", "humidity_pct": "avgRhm", "rain_mm": "sumRn", "snow_cm": "ddMefs"}
"""Column to the service's field: daily means, rain of the day, greatest depth of fresh snow."""
NONE_FELL = ("rain_mm", "snow_cm")
"""Columns where a station that reported the day leaves the field blank because nothing fell."""


@dataclass(frozen=True)
class StationDay:
    """What one station reported of one day, and where it is kept."""

    day: date
    readings: dict[str, str]
    """Column to text."""
    source_file: str
    source_line: int


def fetch_weather(
    config: WeatherService,
    first: date,
    last: date,
    today: date,
    cache: Path,
    environment: Mapping[str, str],
    clock: Clock | None = None,
) -> pd.DataFrame:
    """Weather of every region from one day to another, asked for only where the cache lacks it.

    Args:
        config: the service and its stations.
        first: first day.
        last: last day; the service knows days up to yesterday.
        today: the day in Korea.
        cache: folder of kept answers, one file a year and station.
        environment: where the API key stands; it is not needed where nothing has to be asked.
        clock: how to wait; the computer's own where None.

    Returns:
        The raw table ``weather`` with ``source_file`` (relative to the cache) and ``source_line``, by day and region.
        Both name the first station of the region that has the day; the others stand in the files beside it.

    Raises:
        ServiceError: the service gave no usable answer; what it gave before is kept.
    """
    last = min(last, today - DAY)
    kept = PartCache(cache, _day_of, config.final_through(today))
    with ServiceClient(kma_asos.SERVICE, config, kma_asos.KEY_PARAMETER, environment, clock or Clock()) as client:
        by_region = {
            region: _by_day(_station_days(client, config, kept, stations, first, last))
            for region, stations in config.stations.items()
        }
    rows = [
        _row(day, region, by_region[region][day])
        for day in (first + DAY * n for n in range((last - first).days + 1))
        for region in config.stations
        if day in by_region[region]
    ]
    for region in sorted(config.stations.keys() - {row[1] for row in rows}):
        logger.warning("%s: none of its stations reported anything from %s to %s", region, first, last)
    return as_table(rows, RAW_TABLES["weather"])


def _station_days(
    client: ServiceClient,
    config: WeatherService,
    kept: PartCache,
    stations: Iterable[str],
    first: date,
    last: date,
) -> Iterator[StationDay]:
    for year in range(first.year, last.year + 1):
        for station in stations:
            name = f"{kma_asos.SERVICE}/{year}/{station}.json"
            query = kma_asos.station_query(station)
            part = kept.part(
                name,
                query,
                date(year, 1, 1),
                min(last, date(year, 12, 31)),
                partial(kma_asos.fetch_days, client, query, page_size=config.page_size),
            )
            for line, item in enumerate(part.items, FIRST_LINE):
                yield StationDay(_day_of(item), _readings(item), name, line)


def _by_day(station_days: Iterable[StationDay]) -> dict[date, list[StationDay]]:
    by_day: dict[date, list[StationDay]] = {}
    for station_day in station_days:
        by_day.setdefault(station_day.day, []).append(station_day)
    return by_day


def _day_of(item: Item) -> date:
    return date.fromisoformat(item["tm"])


def _readings(item: Item) -> dict[str, str]:
    readings = {column: cell(item, field) for column, field in READINGS.items()}
    if any(readings.values()):
        readings |= {column: readings[column] or "0" for column in NONE_FELL}
    return readings


def _row(day: date, region: str, reports: list[StationDay]) -> list[str | int]:
    means = [mean_text([report.readings[column] for report in reports]) for column in READINGS]
    return [day.isoformat(), region, *means, reports[0].source_file, reports[0].source_line]


def mean_text(texts: list[str]) -> str:
    """The mean of the readings that are there; one that is no number stands as it is, for the mart to refuse.

    >>> mean_text(["12.5", "", "13.0"]), mean_text(["", ""]), mean_text(["12.5", "broken"])
    ('12.75', '', 'broken')
    """
    values = []
    for text in filter(None, texts):
        try:
            values.append(float(text))
        except ValueError:
            return text
    return str(round(fmean(values), 2)) if values else ""
