"""Seconds from the start of the services until they are ready, each time after the last ones were killed at once.

Run it after `make demo`. Ends with an error where one took more than 5 seconds.
"""

import os
import signal
import statistics
import sys
import tempfile
import time

sys.path[:0] = ["", "src"]

from benchmarks.serving import BENTO, server  # noqa: E402

RESTARTS = 10
MOST_SECONDS = 5.0


def main() -> None:
    """Print how long the restarts took; the start before them has killed nothing, and is not counted."""
    seconds: list[float] = []
    with tempfile.TemporaryDirectory() as home:
        for _ in range(RESTARTS + 1):
            began = time.perf_counter()
            with server(BENTO, home, "serving.service:Mixplan") as served:
                seconds.append(time.perf_counter() - began)
                os.killpg(served.process_id, signal.SIGKILL)
    median, slowest = statistics.median(seconds[1:]), max(seconds[1:])
    sys.stdout.write(f"{RESTARTS} restarts after a kill: ready in {median:.1f} s (median), {slowest:.1f} s at most\n")
    if slowest > MOST_SECONDS:
        sys.exit(f"error: a restart took {slowest:.1f} s; {MOST_SECONDS:g} s at most are promised")


if __name__ == "__main__":
    main()
