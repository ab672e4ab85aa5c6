"""Requests, answers and memory while champions are swapped under load; run it after `make demo`.

Two champions take turns whose forecasts differ: the second believes that a tenth more was sold. Asks for half as much
as the service answers at most. Ends with an error at the first request that fails, at the first answer that is not one
of the two champions' from end to end, or where memory grew by more than 5%. Memory is measured between two swaps, first
after twenty quick ones: what the first ones take, the allocator keeps and uses again.
`python benchmarks/champion_swaps.py 600 60` swaps every minute for ten.
"""

import asyncio
import itertools
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pandas as pd
import psutil

sys.path[:0] = ["", "src"]

from benchmarks.serving import BENTO, CONNECTIONS, ask, measure, packed, questions, server  # noqa: E402
from mixplan.artifacts.champion import read_champion, write_manifest  # noqa: E402
from mixplan.artifacts.files import replace_folder, write_parquet  # noqa: E402

WARM_UP_SWAPS, SECONDS_OF_A_QUICK_ONE = 20, 2.0
READY_SECONDS = 30.0
MOST_GROWTH = 0.05


def megabytes(process_id: int) -> float:
    """Memory of a process and its children."""
    process = psutil.Process(process_id)
    return sum(each.memory_info().rss for each in (process, *process.children(recursive=True))) / 2**20


def write_other(folder: Path) -> None:
    """A copy of the champion that has learnt of a tenth more sales, so that every forecast of it differs."""
    shutil.copytree("models/champion", folder)
    manifest = read_champion(folder)
    history = pd.read_parquet(folder / "demand/history.parquet")
    write_parquet(folder / "demand/history.parquet", history.assign(quantity_kg=history["quantity_kg"] * 1.1))
    write_manifest(folder, manifest.data_version, manifest.tasks)


def put(source: Path, champion: Path) -> None:
    """Let a champion take the place of the one that is served."""
    with replace_folder(champion) as fresh:
        shutil.copytree(source, fresh, dirs_exist_ok=True)


def swap(sources: list[Path], champion: Path, every: float, over: threading.Event) -> None:
    """Let the champions take turns."""
    for source in itertools.cycle(sources):
        if over.wait(every):
            return
        put(source, champion)


def wait_until_served(port: int, champion: Path) -> None:
    """Return once the champion in this place answers."""
    version, give_up = read_champion(champion).version, time.monotonic() + READY_SECONDS
    while httpx.get(f"http://127.0.0.1:{port}/model").json()["version"] != version:
        if time.monotonic() > give_up:
            sys.exit(f"error: {version} is not served after {READY_SECONDS:g} s")


def answers(port: int, bodies: list[bytes], champion: Path) -> list[bytes]:
    """What the champion in this place answers to each question."""
    wait_until_served(port, champion)
    headers = {"Content-Type": "application/json"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
        return [client.post("/forecast", content=body).content for body in bodies]


def one_of(expected: list[set[bytes]]) -> Callable[[int, bytes], None]:
    """Ends the program at an answer that neither champion gives: its version and numbers do not belong together."""

    def check(position: int, body: bytes) -> None:
        if body not in expected[position]:
            sys.exit(f"error: an answer is of neither champion: {body[:200].decode()}")

    return check


async def load(
    port: int, requests: list[bytes], per_second: float, seconds: float, check: Callable[[int, bytes], None]
) -> int:
    """Ask at a pace, and end the program at the first request that fails; how many were answered."""
    answered, began = 0, time.perf_counter()
    while (now := time.perf_counter()) < began + seconds:
        # A slice is asked as fast as possible, and then nothing until its share of the time is over.
        asking = (ask(port, requests, 97 * number, now + 0.5, check) for number in range(CONNECTIONS))
        count = sum(map(len, await asyncio.gather(*asking)))
        answered += count
        await asyncio.sleep(max(count / per_second - (time.perf_counter() - now), 0.0))
    return answered


def main() -> None:
    """Print one table."""
    seconds, every = (float(given) for given in (*sys.argv[1:], "60", "10")[:2])
    with tempfile.TemporaryDirectory() as name:
        champion, other = Path(name) / "champion", Path(name) / "other"
        shutil.copytree("models/champion", champion)
        write_other(other)
        with server(BENTO, name, "serving.service:Mixplan", MIXPLAN_CHAMPION=str(champion)) as served:
            bodies = questions(served.port)
            requests = [packed("/forecast", body) for body in bodies]
            first = answers(served.port, bodies, champion)
            put(other, champion)
            second = answers(served.port, bodies, champion)
            if any(one == another for one, another in zip(first, second, strict=True)):
                sys.exit("error: the champions answer a question alike, so nothing could be seen of their swaps")
            check = one_of([set(both) for both in zip(first, second, strict=True)])
            most = asyncio.run(measure(served.port, requests)).per_second

            def swapped(seconds: float, every: float) -> tuple[int, float]:
                """Answers while champions are swapped, and the memory in megabytes after the last of them is served."""
                over = threading.Event()
                turns = ([Path("models/champion"), other], champion, every, over)
                swapping = threading.Thread(target=swap, args=turns)
                swapping.start()
                try:
                    answered = asyncio.run(load(served.port, requests, most / 2, seconds, check))
                finally:
                    over.set()
                    swapping.join()
                wait_until_served(served.port, champion)
                return answered, megabytes(served.process_id)

            _, before = swapped(WARM_UP_SWAPS * SECONDS_OF_A_QUICK_ONE, SECONDS_OF_A_QUICK_ONE)
            answered, after = swapped(seconds, every)
    sys.stdout.write(
        f"{'answered, none failed, each of one champion':48}{answered:10}\n{'swaps':48}{int(seconds / every):10}\n"
        f"{'memory before, MB':48}{before:10.0f}\n{'memory after, MB':48}{after:10.0f}\n"
    )
    if after > before * (1 + MOST_GROWTH):
        sys.exit(f"error: memory grew by {after / before - 1:.0%}; {MOST_GROWTH:.0%} at most are promised")


if __name__ == "__main__":
    main()
