"""Raw tables in, trusted tables out, every row accounted for; one part after the other."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from mixplan.artifacts.files import replace_folder, sha256_of, write_json
from mixplan.config.mart import MartConfig
from mixplan.config.source import RAW_TABLES
from mixplan.mart import movements, series
from mixplan.mart.accounts import Cleaned, MartError, Tally
from mixplan.mart.clean import Sieve
from mixplan.mart.derived import write_derived
from mixplan.mart.guard import check_faulty_share
from mixplan.mart.master_data import Known, clean_master_data
from mixplan.mart.memo import Memo, code_version, key_of
from mixplan.mart.parts import ONLY_PART, RawPart, raw_parts, read_raw
from mixplan.mart.results import MART_FILE, Places, write_result
from mixplan.mart.strays import last_believable, last_sale
from mixplan.mart.summary import summarise
from mixplan.mart.whole import check_whole

CLEANERS: dict[str, Callable[[Sieve, Known], Cleaned]] = {
    "sales": movements.clean_sales,
    "orders": movements.clean_orders,
    "purchases": movements.clean_purchases,
    "lots": movements.clean_lots,
    "lot_materials": movements.clean_lot_materials,
    "stock_counts": movements.clean_stock_counts,
    "planner_forecasts": series.clean_planner_forecasts,
    "weather": series.clean_weather,
    "construction": series.clean_construction,
}
"""How a part of each table is cleaned that no other table refers to."""


def build_mart(
    raw: Path,
    config: MartConfig,
    mart: Path,
    quarantine: Path,
    memo: Path | None = None,
    metrics: Path | None = None,
) -> dict[str, Tally]:
    """Build every mart table, and put everything in its place when all went well.

    Args:
        raw: ``<table>/<part>.parquet``, every column text, with ``source_file`` and ``source_line``.
        config: what a row must keep.
        mart: takes ``<table>/<part>.parquet``, derived tables included.
        quarantine: takes ``<table>/<part>.parquet`` and ``corrections/<table>-<part>.parquet``.
        memo: where the results of parts are kept for the next time; without it every part is cleaned.
        metrics: takes what ``summarise`` says and the data version, as JSON.

    Returns:
        What became of the rows of each table.

    Raises:
        AccountingError: rows were lost or made up.
        MartError: a raw table is not as expected, too many rows of one or of an export are faulty, a table breaks its
            contract, or the disk is full or may not be written.
    """
    with (
        _told(mart),
        replace_folder(mart) as tables,
        replace_folder(quarantine) as held_back,
        _scratch(mart) as scratch,
    ):
        places, kept = Places(tables, held_back), Memo(memo or scratch / "memo")
        master_data, known = clean_master_data(partial(read_raw, raw), config)
        tallies = {}
        for table, cleaned in master_data.items():
            write_result(cleaned, table, scratch)
            tallies[table] = places.put(scratch, table, ONLY_PART)
            check_faulty_share(table, tallies[table], config)
        origins = {"known": known.digest(), "code": code_version()}

        def result_of(part: RawPart, config: MartConfig = config) -> Path:
            own = {"config": config.model_dump_json(), "table": part.table, "raw": part.sha256}
            return kept.entry(key_of({**origins, **own}), partial(_clean, part, config, known))

        for table in CLEANERS:
            results = {part: result_of(part) for part in raw_parts(raw, table)}
            if table == "sales":
                until = last_believable((result / MART_FILE for result in results.values()), config)
                strict = config.model_copy(update={"latest_day": until})
                stray = [part for part, result in results.items() if last_sale(result / MART_FILE) > until]
                results |= {part: result_of(part, strict) for part in stray}
            tallies[table] = Tally()
            for part, result in results.items():
                tallies[table] += places.put(result, table, part.name)
            check_faulty_share(table, tallies[table], config)
        check_whole(tables, known, config)
        write_derived(tables, config)
        kept.forget_unused()
        tallies = {table: tallies[table] for table in RAW_TABLES}
        # Before the folders are moved, which needs no room on the disk.
        write_json(
            metrics or scratch / "metrics.json",
            {**summarise(tables, tallies), "data_version": sha256_of(tables)[:12]},
        )
    return tallies


@contextmanager
def _told(mart: Path) -> Iterator[None]:
    """What the system refuses, as a sentence that names the file."""
    try:
        yield
    except OSError as error:
        place = error.filename2 or error.filename or mart.parent
        raise MartError(
            f"{place}: {error.strerror or error}: make room on the disk or let mixplan read and write there, "
            "and run again; the last mart is untouched"
        ) from error


@contextmanager
def _scratch(mart: Path) -> Iterator[Path]:
    """A folder for a while; what a sudden end left of it is removed by the next run."""
    folder = mart.with_name(f".{mart.name}.scratch")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _clean(part: RawPart, config: MartConfig, known: Known, folder: Path) -> None:
    cleaned = CLEANERS[part.table](Sieve(part.table, part.read(), config), known)
    write_result(cleaned, part.table, folder)
