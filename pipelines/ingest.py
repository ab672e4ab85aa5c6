"""Stage: the source as found, a folder of Parquet files a table, everything text, with file and line of origin."""

from pathlib import Path

from mixplan.artifacts.files import replace_folder, write_json
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.sources.read import read_source

RAW, MEMO = Path("data/raw"), Path(".mixplan/ingest")


def main(params: Params) -> None:
    """Read the source into ``data/raw``, which is replaced when all was read."""
    with replace_folder(RAW) as raw:
        write_json(raw / "coverage.json", read_source(params.source, params.seed, raw, MEMO))


if __name__ == "__main__":
    run_stage(main)
