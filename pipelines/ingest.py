"""Stage: the source as found, one Parquet file a table, everything text, with file and line of origin."""

from pathlib import Path

from mixplan.artifacts.files import replace_folder, write_json, write_parquet
from mixplan.config.database import DatabaseSource
from mixplan.config.params import Params
from mixplan.config.source import SampleSource
from mixplan.config.stage import run_stage
from mixplan.sources.database import ingest_database
from mixplan.sources.ingest import read_exports
from mixplan.sources.sample import load_catalogue, simulate, write_exports

RAW = Path("data/raw")


def main(params: Params) -> None:
    """Read the source into ``data/raw``; a sample is simulated and written as exports first."""
    source = params.source
    with replace_folder(RAW) as raw:
        if isinstance(source, DatabaseSource):
            coverage = ingest_database(source, raw)
        else:
            folder = Path(source.path)
            if isinstance(source, SampleSource):
                folder = raw / "exports"
                plant = simulate(source.simulation, load_catalogue(Path(source.path)), params.seed)
                write_parquet(raw / "ledger.parquet", write_exports(plant, folder, source.simulation, params.seed))
            ingest = read_exports(folder, source.exports)
            for table, frame in ingest.tables.items():
                write_parquet(raw / f"{table}.parquet", frame)
            coverage = ingest.coverage
        write_json(raw / "coverage.json", coverage)


if __name__ == "__main__":
    run_stage(main)
