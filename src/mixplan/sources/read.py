"""Any source as raw tables: its files or its database, and the services that it is completed by."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mixplan.artifacts.files import write_parquet
from mixplan.config.database import AnySource, DatabaseSource
from mixplan.config.source import SampleSource
from mixplan.sources.database import ingest_database
from mixplan.sources.ingest import ingest_files
from mixplan.sources.sample import load_catalogue, simulate, write_exports

SERVICE_CACHE = Path(".mixplan/services")
KOREA = ZoneInfo("Asia/Seoul")
"""Where the services and their days are."""


def read_source(source: AnySource, seed: int, raw: Path, memo: Path) -> dict[str, Any]:
    """Write ``raw/<table>/<part>.parquet`` for every raw table; a sample is simulated and written as exports first.

    Args:
        source: what is read.
        seed: where the chance of a sample starts.
        raw: a new folder.
        memo: what was read of each file before.

    Returns:
        What was found, what was not, and what is not known, as plain data.

    Raises:
        SourceError: the source cannot be read as its map says.
        ServiceError: a service gave no usable answer.
    """
    if isinstance(source, DatabaseSource):
        coverage = ingest_database(source, raw)
    else:
        folder = Path(source.path)
        if isinstance(source, SampleSource):
            folder = raw / "exports"
            plant = simulate(source.simulation, load_catalogue(Path(source.path)), seed)
            write_parquet(raw / "ledger.parquet", write_exports(plant, folder, source.simulation, seed))
        exports = {table: export for table, export in source.exports.items() if table not in source.served}
        coverage = ingest_files(exports, folder, raw, memo, source.served)
    if source.services:
        from mixplan.sources.services import ingest_services  # it brings in the client of HTTP

        today = datetime.now(KOREA).date()
        coverage["services"] = ingest_services(source.services, raw, today, SERVICE_CACHE, os.environ)
    return coverage
