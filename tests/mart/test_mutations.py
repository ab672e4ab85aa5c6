"""Tables spoiled at random: nothing fails, no row is lost, and what stays keeps its contract.

Each case is one spoiled table. A few hundred run by default; MIXPLAN_MUTATIONS=10000 runs as many.
"""

import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from mixplan.config.mart import MartConfig
from mixplan.config.source import RAW_TABLES
from mixplan.mart.accounts import ORIGIN, Cleaned
from mixplan.mart.build import CLEANERS
from mixplan.mart.clean import Sieve
from mixplan.mart.contracts import checked
from mixplan.mart.guard import check_faulty_share
from mixplan.mart.master_data import clean_master_data
from mixplan.mart.parts import no_rows

Rows = dict[str, list[dict[str, str]]]
MakeRaw = Callable[[Rows], dict[str, pd.DataFrame]]
Cells = list[list[str]]

CASES = int(os.environ.get("MIXPLAN_MUTATIONS", "390"))
BATCHES = 10

NUMBERS = (
    "0 -0 +7 -12.5 1e308 -1e308 1e309 1e-320 9e999 .5 5. 1,234 -1,234.5 1.5\tt 80% 12mm 3℃ inf nan 0x1F 1_000 ٣ 100"
)
DAYS = (
    "2021-02-30 20210228 2021/2/8 44255 60000 99999 0000-00-00 +2021-01-01 -2021-01-01 2021.1 202113 9999-12-31 2020-01"
)
WORDS = [
    "",
    " ",
    r"\N",
    "Y",
    "P1",
    "2001.0",
    ".0",
    "\u2003",
    "a\x00b",
    "\ufeff",
    "서울",
    "100 kg",
    "2021년 2월 28일",
    "-",
]
POOL = [*NUMBERS.split(" "), *DAYS.split(" "), *WORDS]


def unicode_text(random: np.random.Generator) -> str:
    points = random.integers(1, 0x10FFFF, size=int(random.integers(0, 12)))
    return "".join(chr(point) for point in points if not 0xD800 <= point <= 0xDFFF)


def spoil(rows: Cells, random: np.random.Generator) -> None:
    """One change at a random place."""
    row, other = random.integers(len(rows), size=2)
    column, beside = random.integers(len(rows[0]), size=2)
    match int(random.integers(8)):
        case 0:
            rows[row][column], rows[other][beside] = rows[other][beside], rows[row][column]
        case 1:
            rows[row][column] = ""
        case 2:
            rows[row][column] = unicode_text(random)
        case 3:
            rows[row][column] = POOL[random.integers(len(POOL))]
        case 4:
            rows[row] = [""] * len(rows[row])
        case 5:
            rows.insert(int(other), list(rows[row]))
        case 6:
            random.shuffle(rows)
        case _:
            for cells in rows:
                cells[column], cells[beside] = cells[beside], cells[column]


def spoiled(table: str, good: pd.DataFrame, random: np.random.Generator) -> pl.DataFrame:
    columns = list(RAW_TABLES[table])
    rows = good[columns].to_numpy().tolist() * 3
    for _ in range(int(random.integers(1, 25))):
        spoil(rows, random)
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    lines = pl.int_range(2, len(rows) + 2, eager=True)
    return frame.with_columns(source_file=pl.lit(f"{table}.csv"), source_line=lines)


def spoiled_and_wide(good: pd.DataFrame, random: np.random.Generator) -> pl.DataFrame:
    """Recipes whose rows share lines, as the cells of a wide export do, with many blank and zero cells."""
    long = spoiled("recipes", good, random)
    silent = pl.Series(random.random(len(long)) < 0.5)
    cells = pl.Series(random.choice(["", "0", " 0.00", r"\N", "0 %"], len(long)))
    width = int(random.integers(2, 9))
    share = pl.when(silent).then(cells).otherwise("share")
    return long.with_columns(share.alias("share"), source_line=(pl.col("source_line") - 2) // width + 2)


def says_something(share: str) -> bool:
    """Whether a cell is neither blank nor zero, read without the help of the mart."""
    cell = share.strip().removesuffix("%")
    try:
        return cell not in ("", r"\N") and float(cell.replace("_", "x")) != 0
    except ValueError:
        return True


def to_account_for(raw: pl.DataFrame) -> dict[tuple[str, int], int]:
    """How many rows of each line of the recipes must be somewhere: all that say something, and one where none does."""
    rows: dict[tuple[str, int], int] = {}
    for name, line, share in raw.select(*ORIGIN, "share").iter_rows():
        rows[name, line] = rows.get((name, line), 0) + says_something(share)
    return {line: max(count, 1) for line, count in rows.items()}


def check_lines(raw: pl.DataFrame, cleaned: Cleaned) -> None:
    placed = pl.concat([cleaned.frame.select(ORIGIN), cleaned.quarantine.select(ORIGIN)])
    assert dict(Counter(placed.iter_rows())) == to_account_for(raw)
    assert cleaned.tally.account.read == len(placed)
    checked("recipes", cleaned.frame)


def check(table: str, raw: pl.DataFrame, cleaned: Cleaned, config: MartConfig) -> None:
    placed = pl.concat([cleaned.frame.select(ORIGIN), cleaned.quarantine.select(ORIGIN)]).sort(ORIGIN)
    assert placed.equals(raw.select(ORIGIN).sort(ORIGIN))
    account = cleaned.tally.account
    assert account.read == account.accepted + account.corrected + account.quarantined + account.duplicates == len(raw)
    assert account.accepted + account.corrected == len(cleaned.frame)
    assert account.corrected == cleaned.corrections.select(ORIGIN).n_unique()
    assert account.duplicates == (cleaned.quarantine["duplicate_of"] != "").sum()
    assert cleaned.quarantine.join(raw, on=raw.columns, how="anti").is_empty(), "the raw row stands there whole"
    checked(table, cleaned.frame)
    check_faulty_share(table, cleaned.tally, config.model_copy(update={"largest_quarantined_share": 1.0}))


@pytest.mark.parametrize("batch", range(BATCHES))
def test_nothing_fails_and_nothing_is_lost(good: Rows, raw: MakeRaw, config: MartConfig, batch: int) -> None:
    random = np.random.default_rng(batch)
    tables = raw(good)
    sound: dict[str, Any] = {table: no_rows(table).vstack(pl.from_pandas(frame)) for table, frame in tables.items()}
    _, known = clean_master_data(sound.__getitem__, config)
    for case in range(batch, CASES, BATCHES):
        table = list(RAW_TABLES)[case // BATCHES % len(RAW_TABLES)]
        mutant = spoiled(table, tables[table], random)
        if table in CLEANERS:
            cleaned = CLEANERS[table](Sieve(table, mutant, config), known)
        else:
            cleaned = clean_master_data((sound | {table: mutant}).__getitem__, config)[0][table]
        check(table, mutant, cleaned, config)
        if table == "recipes":
            mutant = spoiled_and_wide(tables[table], random)
            check_lines(mutant, clean_master_data((sound | {table: mutant}).__getitem__, config)[0][table])
