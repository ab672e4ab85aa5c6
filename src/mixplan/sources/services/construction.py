"""Monthly construction starts, as the rows that an export of them would have."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from pathlib import Path

import pandas as pd

from mixplan.config.services import ConstructionService
from mixplan.config.source import RAW_TABLES
from mixplan.sources.services import kosis
from mixplan.sources.services.client import Clock, ServiceClient
from mixplan.sources.services.parts import FIRST_LINE, PartCache
from mixplan.sources.services.rows import as_table, cell


def fetch_construction(
    config: ConstructionService,
    first: date,
    last: date,
    today: date,
    cache: Path,
    environment: Mapping[str, str],
    clock: Clock | None = None,
) -> pd.DataFrame:
    """Construction starts of every month from that of one day to that of another, asked for where the cache lacks it.

    Args:
        config: the service and its table.
        first: a day of the first month.
        last: a day of the last month; the service knows months up to the present one.
        today: the day in Korea.
        cache: folder of kept answers, one file a year.
        environment: where the API key stands; it is not needed where nothing has to be asked.
        clock: how to wait; the computer's own where None.

    Returns:
        The raw table ``construction`` with ``source_file`` (relative to the cache) and ``source_line``, by month; a
        month that the service does not have yet is absent.

    Raises:
        ServiceError: the service gave no usable answer; what it gave before is kept.
    """
    first, last = first.replace(day=1), kosis.month_end(min(last, today))
    kept = PartCache(cache, kosis.month_of, config.final_through(today))
    query = kosis.table_query(config)
    rows: list[list[str | int]] = []
    with ServiceClient(kosis.SERVICE, config, kosis.KEY_PARAMETER, environment, clock or Clock()) as client:
        for year in range(first.year, last.year + 1):
            name = f"{kosis.SERVICE}/{year}.json"
            until = min(last, date(year, 12, 31))
            part = kept.part(name, query, date(year, 1, 1), until, partial(kosis.fetch_months, client, query))
            for line, item in enumerate(part.items, FIRST_LINE):
                month = kosis.month_of(item)
                if first <= month <= last:
                    rows.append([f"{month:%Y-%m}", index_text(cell(item, "DT"), config.reference), name, line])
    return as_table(rows, RAW_TABLES["construction"])


def index_text(value: str, reference: float | None) -> str:
    """The value relative to the reference; one that is no number stands as it is, for the mart to refuse.

    >>> index_text("500", 1000.0), index_text("500", None), index_text("-", 1000.0)
    ('0.5', '500', '-')
    """
    try:
        return str(float(value) / reference) if reference else value
    except ValueError:
        return value
