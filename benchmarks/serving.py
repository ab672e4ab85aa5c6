"""Requests a second and slowest answers of `/forecast` beside an empty BentoML endpoint; run it after `make demo`."""

import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import bentoml
import httpx
import numpy as np

ROUNDS, SECONDS, CONNECTIONS = 5, 4.0, 8
READY_SECONDS = 120


@bentoml.service(name="empty", workers=1)
class Empty:
    """What BentoML itself costs."""

    @bentoml.api
    def empty(self) -> dict[str, str]:
        """Nothing."""
        return {}


class Measured(NamedTuple):
    """One round."""

    per_second: float
    p99_ms: float


@contextmanager
def server(service: str, home: str) -> Iterator[int]:
    """The port of a server that is ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "bentoml", "serve", service, "--host=127.0.0.1", f"--port={port}"]
    environment = os.environ | {
        "BENTOML_HOME": home,
        "BENTOML_DO_NOT_TRACK": "True",
        "PYTHONPATH": os.pathsep.join(["src", os.environ.get("PYTHONPATH", "")]),
    }
    process = subprocess.Popen(  # noqa: S603 - own words
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        wait_until_ready(process, port)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def wait_until_ready(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Return once the server answers."""
    give_up = time.monotonic() + READY_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    sys.exit("error: the server did not start: see what `make serve` says")


def questions(port: int) -> list[bytes]:
    """Forecasts of every product of the champion, for 1 to 13 weeks, for the plant and for a region."""
    address = f"http://127.0.0.1:{port}"
    operation = httpx.get(f"{address}/docs.json").json()["paths"]["/forecast"]["post"]
    regions = operation["requestBody"]["content"]["application/json"]["example"]["regions"]
    rows = httpx.post(f"{address}/forecast", json={"weeks": 1}).json()["rows"]
    products = sorted({row["product"] for row in rows})
    asked: list[dict[str, Any]] = [{"weeks": weeks, "products": [name]} for name in products for weeks in range(1, 14)]
    asked += [each | {"regions": regions} for each in asked]
    return [json.dumps(asked[position]).encode() for position in np.random.default_rng(1).permutation(len(asked))]


def packed(path: str, body: bytes) -> bytes:
    """One HTTP request."""
    head = ["POST", path, "HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length:"]
    return " ".join([*head, f"{len(body)}\r\n\r\n"]).encode() + body


async def ask(port: int, requests: list[bytes], position: int, until: float) -> list[float]:
    """One connection asks until the time is over; seconds of each answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times: list[float] = []
    while (began := time.perf_counter()) < until:
        writer.write(requests[position % len(requests)])
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            sys.exit(f"error: a request failed: {head.decode()}")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        await reader.readexactly(int(length.partition(b":")[2]))
        times.append(time.perf_counter() - began)
        position += 1
    writer.close()
    return times


async def measure(port: int, requests: list[bytes]) -> Measured:
    """All connections at once."""
    until = time.perf_counter() + SECONDS
    parts = await asyncio.gather(*(ask(port, requests, 97 * number, until) for number in range(CONNECTIONS)))
    times = sorted(time for part in parts for time in part)
    return Measured(len(times) / SECONDS, 1000 * times[int(0.99 * len(times))])


def main() -> None:
    """Print one table: medians of rounds that alternate, so that both meet the same machine."""
    with (
        tempfile.TemporaryDirectory() as home,
        server("benchmarks.serving:Empty", home) as empty,
        server("serving.service:Mixplan", home) as served,
    ):
        asked = [packed("/forecast", body) for body in questions(served)]
        nothing = [packed("/empty", b"{}")]
        rounds = [(asyncio.run(measure(empty, nothing)), asyncio.run(measure(served, asked))) for _ in range(ROUNDS)]
    ratios = [(own.per_second / other.per_second, own.p99_ms / other.p99_ms) for other, own in rounds]
    sys.stdout.write(f"{'':24}{'requests/s':>12}{'p99, ms':>10}\n")
    for name, position in (("empty endpoint", 0), ("/forecast", 1)):
        measured = [round_[position] for round_ in rounds]
        rate, slow = (statistics.median(values) for values in zip(*measured, strict=True))
        sys.stdout.write(f"{name:24}{rate:12.0f}{slow:10.1f}\n")
    rate, slow = (statistics.median(values) for values in zip(*ratios, strict=True))
    sys.stdout.write(f"{'ratio, median of rounds':24}{rate:12.2f}{slow:10.2f}\n")


if __name__ == "__main__":
    sys.path.insert(0, str(Path()))
    main()
