"""Stage: the source as found, a folder of Parquet files a table, everything text, with file and line of origin."""

from pathlib import Path

from mixplan.artifacts.files import replace_folder, write_json, write_parquet
from mixplan.config.params import Params
from mixplan.config.source import SampleSource
from mixplan.config.stage import run_stage
from mixplan.sources.ingest import ingest_files
from mixplan.sources.sample import load_catalogue, simulate, write_exports

RAW, MEMO = Path("data/raw"), Path(".mixplan/ingest")


def main(params: Params) -> None:
    """Read the exports into ``data/raw``; a sample is simulated and written as exports first."""
    source = params.source
    with replace_folder(RAW) as raw:
        folder = Path(source.path)
        if isinstance(source, SampleSource):
            folder = raw / "exports"
            plant = simulate(source.simulation, load_catalogue(Path(source.path)), params.seed)
            write_parquet(raw / "ledger.parquet", write_exports(plant, folder, source.simulation, params.seed))
        coverage = ingest_files(source.exports, folder, raw, MEMO)
        write_json(raw / "coverage.json", coverage)


if __name__ == "__main__":
    run_stage(main)
