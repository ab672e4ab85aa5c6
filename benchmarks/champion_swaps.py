"""Requests and memory while champions are swapped under load; run it after `make demo`.

Asks for half as much as the service answers at most, and ends with an error at the first request that fails.
`python benchmarks/champion_swaps.py 600 60` swaps every minute for ten.
"""

import asyncio
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

sys.path[:0] = ["", "src"]

from benchmarks.serving import BENTO, CONNECTIONS, ask, measure, packed, questions, server  # noqa: E402
from mixplan.artifacts.files import replace_folder  # noqa: E402

WARM_UP_SECONDS = 5.0


def megabytes(process_id: int) -> float:
    """Memory of a process and its children."""
    process = psutil.Process(process_id)
    return sum(each.memory_info().rss for each in (process, *process.children(recursive=True))) / 2**20


def swap(champion: Path, every: float, over: threading.Event) -> None:
    """Put a copy of the champion in its own place, again and again."""
    source = Path("models/champion")
    while not over.wait(every):
        with replace_folder(champion) as fresh:
            shutil.copytree(source, fresh, dirs_exist_ok=True)


async def load(port: int, requests: list[bytes], per_second: float, seconds: float) -> int:
    """Ask at a pace, and end the program at the first request that fails; how many were answered."""
    answered, began = 0, time.perf_counter()
    while (now := time.perf_counter()) < began + seconds:
        # A slice is asked as fast as possible, and then nothing until its share of the time is over.
        times = await asyncio.gather(*(ask(port, requests, 97 * number, now + 0.5) for number in range(CONNECTIONS)))
        count = sum(map(len, times))
        answered += count
        await asyncio.sleep(max(count / per_second - (time.perf_counter() - now), 0.0))
    return answered


def main() -> None:
    """Print one table."""
    seconds, every = (float(given) for given in (*sys.argv[1:], "60", "10")[:2])
    with tempfile.TemporaryDirectory() as name:
        champion = Path(name) / "champion"
        shutil.copytree("models/champion", champion)
        with server(BENTO, name, "serving.service:Mixplan", MIXPLAN_CHAMPION=str(champion)) as served:
            requests = [packed("/forecast", body) for body in questions(served.port)]
            most = asyncio.run(measure(served.port, requests)).per_second
            over = threading.Event()
            swapping = threading.Thread(target=swap, args=(champion, every, over))
            swapping.start()
            asyncio.run(load(served.port, requests, most / 2, max(WARM_UP_SECONDS, 2 * every)))
            before = megabytes(served.process_id)
            answered = asyncio.run(load(served.port, requests, most / 2, seconds))
            after = megabytes(served.process_id)
            over.set()
            swapping.join()
    sys.stdout.write(
        f"{'answered, none failed':24}{answered:10}\n{'swaps':24}{int(seconds / every):10}\n"
        f"{'memory before, MB':24}{before:10.0f}\n{'memory after, MB':24}{after:10.0f}\n"
    )


if __name__ == "__main__":
    main()
