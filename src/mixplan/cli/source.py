"""``mixplan source``: what a source has, before anything runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mixplan.cli.screen import show

if TYPE_CHECKING:
    from mixplan.sources.check import FileCheck

source = typer.Typer(help="Look at a source before anything runs.", no_args_is_help=True)


@source.callback()
def group() -> None:
    """Keep ``check`` a command of a group."""


@source.command(epilog="Example: mixplan source check ../exports --source admixture")
def check(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the exports.")],
    name: Annotated[str, typer.Option("--source", help="Whose map: a file below conf/source.")] = "admixture",
) -> None:
    """Tell which files and columns match the map, which are missing and which are unknown; 1 if ingest would stop."""
    from mixplan.config.compose import compose
    from mixplan.config.params import parse_params
    from mixplan.config.source import FilesSource, SampleSource
    from mixplan.sources.check import check_source

    configured = parse_params(compose(Path("conf"), [f"source={name}"])).source
    if not isinstance(configured, (FilesSource, SampleSource)):
        raise typer.BadParameter(f"{name} is no source of files", param_hint="--source")
    checks = check_source(folder, configured.exports)
    rows = [(found.table, found.file, _size(found), found.verdict, _columns(found)) for found in checks]
    show(f"{folder} by the map of {name}", ("Table", "File", "Encoding", "Verdict", "Columns"), rows)
    stops = sum(found.stops for found in checks)
    typer.echo(f"{stops} would stop ingest" if stops else "ingest can read this folder", err=True)
    raise typer.Exit(1 if stops else 0)


def _size(found: "FileCheck") -> str:
    return found.encoding if found.rows is None else f"{found.encoding}, {found.rows:,} rows"


def _columns(found: "FileCheck") -> str:
    """Headers by what becomes of them; of those that are fine only the number."""
    matched = len(found.required) + len(found.optional)
    named: tuple[tuple[str, Sequence[str]], ...] = (
        ("missing", found.missing_required),
        ("optional, missing", found.missing_optional),
        ("personal, dropped", found.personal),
        ("unknown, ignored", found.ignored),
    )
    parts = [f"{matched} match"] if found.file and matched else []
    return "; ".join(parts + [f"{what}: {', '.join(headers)}" for what, headers in named if headers])
