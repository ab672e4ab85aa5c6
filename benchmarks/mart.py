"""What ingest and mart cost as order lines grow, beside a plain loop over the rows of a pandas frame.

The sample plant's orders are repeated to each size, with numbers of their own and quantities that differ, and stand
among its other exports as CSV in CP949 and as Parquet. Each measurement is a process, so that its peak memory
is its own. The loop does the same to the same rows of orders and must come to the same counts.

Run: python benchmarks/mart.py [--rows 100000 1000000 10000000]
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl

from mixplan.config.params import load_params
from mixplan.config.source import SampleSource
from mixplan.mart.build import build_mart
from mixplan.sources.ingest import ingest_files
from mixplan.sources.sample import load_catalogue, simulate, write_exports

ORDERS = "erp/contract.csv"
LOOP_ROWS = 100_000
"""The loop is measured at this size: at the next it takes minutes."""
GIB = 2**20
"""Linux tells peak memory in KiB."""


def grow(seed: pl.DataFrame, rows: int, path: Path) -> None:
    """Write the orders repeated to so many rows, a copy at a time."""
    copies = -(-rows // len(seed))
    with path.open("wb") as file:
        for copy in range(copies):
            number = pl.when(pl.col("수주번호") == "").then(pl.lit("")).otherwise(pl.col("수주번호") + f"-{copy:04d}")
            quantity, price = (
                pl.col("수주량").cast(pl.Int64, strict=False),
                pl.col("수주단가").cast(pl.Int64, strict=False),
            )
            more = quantity + quantity.sign() * (copy % 97)
            part = seed.with_columns(
                수주번호=number,
                수주량=pl.coalesce(more.cast(pl.String), pl.col("수주량")),
                수주금액=pl.coalesce((more.abs() * price).cast(pl.String), pl.col("수주금액")),
            ).head(rows - copy * len(seed))
            file.write(part.write_csv(include_header=copy == 0).encode("cp949"))


def measure(folder: Path) -> dict[str, Any]:
    """Ingest and mart of the exports below ``folder``, and what became of the orders."""
    params = load_params()
    shutil.rmtree(folder / "raw", ignore_errors=True)
    start = time.perf_counter()
    ingest_files(params.source.exports, folder / "exports", folder / "raw")  # type: ignore[arg-type]
    between = time.perf_counter()
    tallies = build_mart(folder / "raw", params.mart, folder / "mart", folder / "quarantine")
    end = time.perf_counter()
    account = tallies["orders"].account
    return {
        "ingest_s": between - start,
        "mart_s": end - between,
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB,
        "outcomes": [account.accepted, account.corrected, account.quarantined, account.duplicates],
    }


def loop(folder: Path) -> dict[str, Any]:
    """The rules of the orders, row by row."""
    config, start = load_params().mart, time.perf_counter()
    read = {"dtype": str, "keep_default_na": False, "encoding": "cp949"}
    exports = folder / "exports"
    customers = set(pd.read_csv(exports / "erp/client.csv", **read)["거래처코드"])  # type: ignore[call-overload]
    products = set(pd.read_csv(exports / "erp/product.csv", **read)["제품코드"])  # type: ignore[call-overload]
    frame = pd.read_csv(exports / ORDERS, **read)  # type: ignore[call-overload]
    names = [
        "수주번호",
        "거래처코드",
        "제품코드",
        "수주량",
        "수주단가",
        "수주금액",
        "수주일자",
        "납기일자",
        "판매수량",
        "긴급여부",
    ]
    counts: Counter[str] = Counter()
    seen: set[tuple[str, ...]] = set()
    for _, row in frame[names].iterrows():
        cells = tuple("" if cell.strip() == r"\N" else cell.strip() for cell in row)
        if not any(cells):
            counts["quarantined"] += 1
        elif cells in seen:
            counts["duplicates"] += 1
        else:
            seen.add(cells)
            counts[_outcome(cells, customers, products, config.yes, config.no)] += 1
    return {
        "seconds": time.perf_counter() - start,
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB,
        "outcomes": [counts[name] for name in ("accepted", "corrected", "quarantined", "duplicates")],
    }


def _outcome(cells: tuple[str, ...], customers: set[str], products: set[str], yes: str, no: str) -> str:
    number, customer, product, quantity, price, amount, ordered, due, sold, rush = cells
    days = [pd.to_datetime(day, format="%Y-%m-%d", errors="coerce") for day in (ordered, due)]
    kilograms, each, krw, sold_kg = (pd.to_numeric(cell, errors="coerce") for cell in (quantity, price, amount, sold))
    is_turned = kilograms < 0 and abs(-kilograms * each - krw) <= 1
    is_fine = (
        bool(number) and customer in customers and product in products and rush in (yes, no)
        and not any(pd.isna(value) for value in (*days, kilograms, krw, sold_kg))
        and days[0] <= days[1] and sold_kg >= 0
        and (is_turned or (kilograms > 0 and abs(kilograms * each - krw) <= 1))
    )  # fmt: skip
    return ("corrected" if is_turned else "accepted") if is_fine else "quarantined"


def in_a_process(what: str, folder: Path) -> dict[str, Any]:
    """A measurement by a process of its own."""
    command = [sys.executable, __file__, "--measure", what, str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603 - ourselves
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    """Print one line a size and kind of file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        what, folder = arguments.measure
        sys.stdout.write(json.dumps({"measure": measure, "loop": loop}[what](Path(folder))))
        return
    source = load_params().source
    if not isinstance(source, SampleSource):
        sys.exit("error: the sample is grown: run `mixplan compose` first")
    with tempfile.TemporaryDirectory() as name:
        compare(Path(name), source, sorted(arguments.rows))


def compare(folder: Path, source: SampleSource, sizes: list[int]) -> None:
    """Grow the sample to each size and measure it."""
    exports = folder / "exports"
    plant = simulate(source.simulation, load_catalogue(Path(source.path)), load_params().seed)
    write_exports(plant, exports, source.simulation, load_params().seed)
    text = (exports / ORDERS).read_bytes().decode("cp949").encode()
    seed = pl.read_csv(text, infer_schema=False).fill_null("")
    parquet = (exports / ORDERS).with_suffix(".parquet")
    header = ("order lines", "export", "ingest s", "mart s", "total s", "lines a second", "peak GiB")
    sys.stdout.write("{:>12} {:10} {:>9} {:>8} {:>8} {:>15} {:>9}\n".format(*header))
    rates: dict[str, list[float]] = {}
    for rows in sizes:
        grow(seed, rows, exports / ORDERS)
        if rows == LOOP_ROWS:
            by_hand, found = in_a_process("loop", folder), in_a_process("measure", folder)
            if by_hand["outcomes"] != found["outcomes"]:
                sys.exit(f"error: the loop comes to {by_hand['outcomes']}, the mart to {found['outcomes']}")
            show(rows, "row by row", "", "", by_hand["seconds"], by_hand["peak_gib"])
        for kind in ("csv", "parquet"):
            if kind == "parquet":
                table = pl.scan_csv(text_of(exports / ORDERS), infer_schema=False).fill_null("")
                table.sink_parquet(parquet)
                (exports / ORDERS).unlink()
            found = in_a_process("measure", folder)
            total = found["ingest_s"] + found["mart_s"]
            rates.setdefault(kind, []).append(total / rows)
            show(rows, kind, f"{found['ingest_s']:.1f}", f"{found['mart_s']:.1f}", total, found["peak_gib"])
        parquet.unlink()
    for kind, costs in rates.items():
        sys.stdout.write(f"{kind}: a line of the largest costs {costs[-1] / costs[0]:.2f} times one of the smallest\n")


def text_of(path: Path) -> Path:
    """The CSV in UTF-8, which polars reads from disk in pieces; outside of the exports."""
    text = path.parents[2] / "orders.utf8"
    with path.open(encoding="cp949", newline="") as source, text.open("w", encoding="utf-8", newline="") as target:
        while piece := source.read(1 << 24):
            target.write(piece)
    return text


def show(rows: int, kind: str, ingest: str, mart: str, total: float, peak_gib: float) -> None:
    """One line of the table."""
    sys.stdout.write(
        f"{rows:>12,} {kind:10} {ingest:>9} {mart:>8} {total:>8.1f} {rows / total:>15,.0f} {peak_gib:>9.2f}\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    main()
