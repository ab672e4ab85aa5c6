"""A step of a trace, and how rows of a source are cited."""

from dataclasses import dataclass, field

import pandas as pd

MOST_ROWS = 5
"""Rows that are named one by one; of more only the file and how many."""


@dataclass(frozen=True)
class Step:
    """What is said, and what it came from or leads to."""

    text: str
    steps: list["Step"] = field(default_factory=list)


def counted(number: int, what: str) -> str:
    """A number of things.

    >>> counted(1, "lot"), counted(1200, "lot")
    ('1 lot', '1,200 lots')
    """
    return f"{number:,} {what}{'s' if number != 1 else ''}"


def cited(rows: pd.DataFrame, what: str) -> Step:
    """Rows of the mart as files and lines of the source.

    >>> rows = pd.DataFrame({"source_file": ["sales.csv"] * 2, "source_line": [9, 3]})
    >>> cited(rows, "sales").text, [step.text for step in cited(rows, "sales").steps]
    ('2 rows of sales', ['sales.csv:3', 'sales.csv:9'])
    >>> [step.text for step in cited(pd.concat([rows] * 3), "sales").steps]
    ['sales.csv: 6 rows, lines 3 to 9']
    """
    said = f"{counted(len(rows), 'row')} of {what}"
    named = sorted(zip(rows["source_file"], rows["source_line"], strict=True))
    if len(named) <= MOST_ROWS:
        return Step(said, [Step(f"{file}:{line}") for file, line in named])
    files = rows.groupby("source_file")["source_line"].agg(["size", "min", "max"])
    lines = [
        Step(f"{file}: {counted(count, 'row')}, lines {first} to {last}")
        for file, (count, first, last) in zip(files.index, files.to_numpy(), strict=True)
    ]
    return Step(said, lines)
