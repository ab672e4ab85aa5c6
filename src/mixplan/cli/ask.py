"""``mixplan ask``: many questions to a running service."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

KEY = "MIXPLAN_API_KEY"


def ask(
    task: Annotated[str, typer.Argument(help="forecast, explain, recommend or customers.")],
    questions: Annotated[Path, typer.Argument(help="Parquet: a question a row, its fields as columns.")],
    answers: Annotated[Path, typer.Argument(help="Parquet, to write.")],
    address: Annotated[str, typer.Option(help="Of the service.")] = "http://127.0.0.1:3000",
) -> None:
    """Ask a running service a Parquet file of questions; MIXPLAN_API_KEY is the key, where one is needed."""
    from mixplan.client import Client
    from mixplan.client.batch import TASKS, ask_all
    from mixplan.config.base import MixplanError

    if task not in TASKS:
        raise MixplanError(f"there is no task {task!r}: tasks are {', '.join(TASKS)}")
    with Client(address, os.environ.get(KEY)) as client:
        refused = ask_all(client, task, questions, answers, _with_bar)
    if refused:
        raise MixplanError(f"{answers}: {_counted(refused)} refused; the column error says why")


def _counted(questions: int) -> str:
    """So many questions in words.

    >>> _counted(1), _counted(2000)
    ('1 question was', '2,000 questions were')
    """
    return "1 question was" if questions == 1 else f"{questions:,} questions were"


def _with_bar(items: Iterable[Any], total: int) -> Iterable[Any]:
    from rich.console import Console
    from rich.progress import track

    return track(items, "Asking", total, console=Console(file=sys.stderr))
