"""A new store that eight processes open at once, and a leaderboard out of a store of some 5,000 results.

With ``run`` also what logging takes of a full run: all of the sample, in a new clone of the last commit.
"""

import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from mixplan.tracking.record import Scored
from mixplan.tracking.results import champion_run, results_of
from mixplan.tracking.runs import DATA_VERSION, ensure_scored

PROCESSES, OF_THE_DATA, VERSIONS, ROUNDS = 8, 12, 417, 5
RESULTS = OF_THE_DATA * VERSIONS
BIN = Path(sys.executable).parent
OPEN = "from mixplan.tracking.store import open_store; open_store()"
LEAVE = """
import time
from mixplan.artifacts.files import read_parquet
from mixplan.config.params import load_params
from mixplan.tracking.outbox import leave
from mixplan.tracking.predictors import predictor
from mixplan.tracking.record import record_of
params = load_params()
for task in ("drivers", "demand", "recommend"):
    for name, candidate in getattr(params, task).candidates.items():
        record = record_of(task, name, candidate)
        predict = predictor(task, record.model)
        predict(read_parquet(record.model / "input_example.parquet"))
        wall, cpu = time.perf_counter(), time.process_time()
        leave(record, 0.0, predict if task == "drivers" else None)
        print(time.perf_counter() - wall, time.process_time() - cpu)
"""
"""Notes as stages leave them: in a process that has the library loaded, and of drivers the model."""


class Spent(NamedTuple):
    """What a command took."""

    wall: float
    """Seconds on the clock."""
    cpu: float
    """Seconds of all its processes on all cores."""


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


def spent(*command: str, folder: Path) -> Spent:
    """Run a command that must succeed."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    own = {**os.environ, "PATH": path, "PYTHONPATH": str(folder / "src"), "MLFLOW_TRACKING_URI": ""}
    subprocess.run(command, cwd=folder, env=own, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - own words
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(time.perf_counter() - began, cpu)


def share_of_a_run(folder: Path) -> None:
    """Print what the stage that logs and the notes of the others take, imports and the new store included."""
    subprocess.run(["git", "clone", "-q", ".", folder], check=True)  # noqa: S603, S607 - own words
    spent("mixplan", "compose", folder=folder)
    rest = spent("dvc", "repro", "report", folder=folder)  # needs all the others but the one that logs
    whole, idle = (spent("dvc", "repro", "-s", "track", folder=folder) for _ in range(2))
    said = subprocess.run(  # noqa: S603 - own words
        [sys.executable, "-c", LEAVE],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
        check=True,
        capture_output=True,
        text=True,
    )
    notes = [sum(map(float, column)) for column in zip(*map(str.split, said.stdout.splitlines()), strict=True)]
    sys.stdout.write(f"{'':40}{'wall, s':>8}{'CPU, s':>8}\n")
    logging = [one - other + note for one, other, note in zip(whole, idle, notes, strict=True)]
    for name, values in (("a run without the stage that logs", rest), ("logging, notes included", logging)):
        sys.stdout.write(f"{name:40}{values[0]:8.1f}{values[1]:8.1f}\n")
    shares = [own / (own + other - note) for own, other, note in zip(logging, rest, notes, strict=True)]
    sys.stdout.write(f"{'share of logging':40}{shares[0]:8.1%}{shares[1]:8.1%}\n")


def main() -> None:
    """Print one table, or two."""
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
    if sys.argv[1:] == ["run"]:
        with tempfile.TemporaryDirectory() as folder:
            del os.environ["DVC_ROOT"]
            share_of_a_run(Path(folder).resolve() / "clone")


if __name__ == "__main__":
    main()
