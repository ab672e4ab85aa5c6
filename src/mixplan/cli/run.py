"""``mixplan …``: from configuration to results."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from mixplan.config.base import MixplanError

app = typer.Typer(
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="From a mixing plant's exports to forecasts, purchase orders, customer segments and recommendations.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command(epilog="Example: mixplan compose source=admixture")
def compose(
    overrides: Annotated[list[str] | None, typer.Argument(help="Hydra overrides such as source=admixture.")] = None,
) -> None:
    """Write params.yaml from conf/, checked, so that `dvc repro` uses it."""
    from mixplan.config.compose import compose as composed
    from mixplan.config.params import PARAMS_FILE, parse_params
    from mixplan.config.source import FilesSource

    text = composed(Path("conf"), overrides or [])
    source = parse_params(text).source
    if isinstance(source, FilesSource) and not Path(source.path).is_dir():
        raise MixplanError(
            f"the folder of exports {source.path} is missing: set MIXPLAN_SOURCE_DIR to where the exports lie"
        )
    if not PARAMS_FILE.is_file() or PARAMS_FILE.read_text(encoding="utf-8") != text:
        PARAMS_FILE.write_text(text, encoding="utf-8")


@app.command(epilog="Example: mixplan setup")
def setup() -> None:
    """Set the tracking store up where it is new, and log what waits for it."""
    from mixplan.tracking.runs import log_waiting

    log_waiting()


@app.command(epilog="Example: mixplan update && dvc repro")
def update() -> None:
    """Bring new days and mended rows of the source into the mart; what did not change is not read or cleaned again."""
    import subprocess

    from mixplan.artifacts.files import read_json
    from mixplan.cli.screen import show
    from mixplan.config.database import DatabaseSource
    from mixplan.config.params import load_params

    metrics = Path("metrics/mart.json")
    before: dict[str, Any] = read_json(metrics) if metrics.is_file() else {"tables": {}, "data_version": "nothing"}
    source = load_params().source
    # DVC sees files change, but neither databases nor services.
    is_unseen = isinstance(source, DatabaseSource) or bool(source.served)
    commands = [*([["repro", "-f", "-s", "ingest"]] if is_unseen else []), ["repro", "mart"]]
    for command in commands:
        if subprocess.run([sys.executable, "-m", "dvc", *command], check=False).returncode:  # noqa: S603 - own words
            raise MixplanError("the mart is as it was: mend what is said above, then run `mixplan update` again")
    after = read_json(metrics)
    rows = []
    for table, account in after["tables"].items():
        old = before["tables"].get(table, {})
        places = ("read", "accepted", "corrected", "quarantined", "duplicates")
        rows.append((table, *(f"{account[place]:,} ({account[place] - old.get(place, 0):+,})" for place in places)))
    header = ("Table", "Read", "As is", "Corrected", "Quarantined", "Duplicates")
    show(f"Data {before['data_version']} -> {after['data_version']}", header, rows, range(1, 6))


@app.command(epilog="Example: mixplan summary")
def summary() -> None:
    """Show the leaderboards, the plan and what to do next."""
    from rich.console import Console

    from mixplan.report.summary import summary as summarised

    Console(width=None if sys.stdout.isatty() else 100).print(summarised(Path()))


@app.command(name="tracking-uri", epilog="Example: mlflow ui --backend-store-uri $(mixplan tracking-uri)")
def tracking_uri() -> None:
    """Print where MLflow keeps the runs."""
    from mixplan.tracking.store import tracking_uri as uri

    typer.echo(uri())
