"""A new store that eight processes open at once, and a leaderboard out of a store of some 5,000 results."""

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from mixplan.tracking.record import Scored
from mixplan.tracking.results import champion_run, results_of
from mixplan.tracking.runs import DATA_VERSION, ensure_scored

PROCESSES, OF_THE_DATA, VERSIONS, ROUNDS = 8, 12, 417, 5
RESULTS = OF_THE_DATA * VERSIONS
OPEN = "from mixplan.tracking.store import open_store; open_store()"


def cold_starts() -> tuple[int, float]:
    """How many of the processes succeed, and the time until the last is done."""
    began = time.perf_counter()
    started = [subprocess.Popen([sys.executable, "-c", OPEN], stderr=subprocess.DEVNULL) for _ in range(PROCESSES)]  # noqa: S603 - own words
    ended = [process.wait() for process in started]
    return ended.count(0), time.perf_counter() - began


def fill(store: Path) -> None:
    """Results with as many metrics as a demand candidate has: logged for one version of the data, copied for others."""
    scores = {f"metric_{number}": 1.0 / (number + 1) for number in range(80)} | {"cost_krw": 1.0}
    ensure_scored([Scored("reorder", f"rule {n}", "d0", {"n": n}, scores) for n in range(OF_THE_DATA)])
    with closing(sqlite3.connect(store)) as database, database:
        for table in ("runs", "tags", "params", "metrics", "latest_metrics"):
            header = [column[1] for column in database.execute(f"PRAGMA table_info({table})")]
            rows = database.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - own words
            copies = [_copy(dict(zip(header, row, strict=True)), n) for n in range(1, VERSIONS) for row in rows]
            marks = ",".join("?" * len(header))
            database.executemany(f"INSERT INTO {table} VALUES ({marks})", copies)  # noqa: S608 - own words


def _copy(row: dict[str, Any], version: int) -> list[Any]:
    """The row for another run, on another version of the data."""
    row["run_uuid"] = f"{version:08x}{row['run_uuid'][8:]}"
    if row.get("key") == DATA_VERSION:
        row["value"] = f"d{version}"
    return list(row.values())


def leaderboards() -> list[float]:
    """Seconds of each of some leaderboards, the newest data version's first."""
    times = []
    for step in range(ROUNDS):
        began = time.perf_counter()
        found = results_of("reorder", f"d{VERSIONS - 1 - step}")
        champion_run("demand")
        times.append(time.perf_counter() - began)
        if len(found) != OF_THE_DATA:
            sys.exit(f"error: {len(found)} results found, {OF_THE_DATA} were logged")
    return times


def main() -> None:
    """Print one table."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DVC_ROOT": folder, "MLFLOW_TRACKING_URI": "", "PYTHONPATH": str(Path("src").resolve())}
        alive, seconds = cold_starts()
        fill(Path(folder) / "tracking" / "mlflow.db")
        times = sorted(leaderboards())
    sys.stdout.write(
        f"{'processes that opened a new store':40}{alive:>6} of {PROCESSES}\n"
        f"{'until the last of them was done':40}{seconds:8.2f} s\n"
        f"{f'leaderboard out of {RESULTS:,} results':40}{1000 * times[ROUNDS // 2]:8.0f} ms\n"
        f"{'the slowest of them':40}{1000 * times[-1]:8.0f} ms\n"
    )


if __name__ == "__main__":
    main()
