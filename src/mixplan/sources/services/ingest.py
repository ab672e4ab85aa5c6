"""What the services have, as parts of the raw folder."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa

from mixplan.config.services import ServicesConfig
from mixplan.sources.matching import raw_schema
from mixplan.sources.parts import WHOLE, write_part
from mixplan.sources.services.client import Clock
from mixplan.sources.services.construction import fetch_construction
from mixplan.sources.services.weather import fetch_weather


def ingest_services(
    config: ServicesConfig,
    raw: Path,
    today: date,
    cache: Path,
    environment: Mapping[str, str],
    clock: Clock | None = None,
) -> dict[str, int]:
    """Write the tables of the services as ``raw/<table>/all.parquet``.

    Only days and months that are final are taken, so that the same day gives the same rows however often it is asked.

    Args:
        config: the services and the first day.
        raw: the raw folder, which lacks these tables.
        today: the day in Korea.
        cache: folder of kept answers.
        environment: where the API keys stand.
        clock: how to wait; the computer's own where None.

    Returns:
        Rows by table.

    Raises:
        ServiceError: a service gave no usable answer; what it gave before is kept.
    """
    found = {}
    setting = (today, cache, environment, clock)
    if weather := config.weather:
        found["weather"] = fetch_weather(weather, config.first_day, weather.final_through(today), *setting)
    if construction := config.construction:
        found["construction"] = fetch_construction(
            construction, config.first_day, construction.final_through(today), *setting
        )
    for table, rows in found.items():
        (raw / table).mkdir(parents=True)
        batch = pa.RecordBatch.from_pandas(rows, schema=raw_schema(table), preserve_index=False)
        write_part(raw / table / f"{WHOLE}.parquet", raw_schema(table), [batch])
    return {table: len(rows) for table, rows in found.items()}
