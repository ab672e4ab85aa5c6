"""Requests a second and slowest answers of `/forecast`, beside an empty BentoML endpoint and MLflow's own server.

Run it after `make demo`. Ends with an error where `/forecast` answers fewer than 0.8 times the requests a second of the
empty endpoint, or where its slowest hundredth takes more than 3 times as long.
"""

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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import bentoml
import httpx
import numpy as np
import pandas as pd

ROUNDS, SECONDS, CONNECTIONS = 5, 4.0, 8
READY_SECONDS = 120
LEAST_OF_EMPTY, MOST_OF_ITS_P99 = 0.8, 3.0


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


class Server(NamedTuple):
    """A server that is ready."""

    port: int
    process_id: int


BENTO = ("bentoml", "serve", "--host=127.0.0.1")
MLFLOW = ("mlflow", "models", "serve", "--env-manager=local", "--host=127.0.0.1")
READY = {BENTO: "/readyz", MLFLOW: "/ping"}


@contextmanager
def server(program: tuple[str, ...], home: str, *words: str, **variables: str) -> Iterator[Server]:
    """Start one, with these further words and environment variables, and end it with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {"BENTOML_HOME": home, "BENTOML_DO_NOT_TRACK": "True", "PYTHONPATH": f"src{os.pathsep}."}
    process = subprocess.Popen(  # noqa: S603 - own words
        [sys.executable, "-m", *program, *words, f"--port={port}"],
        env=os.environ | own | variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until_ready(process, f"http://127.0.0.1:{port}{READY[program]}")
        yield Server(port, process.pid)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def wait_until_ready(process: "subprocess.Popen[bytes]", page: str) -> None:
    """Return once the server answers."""
    give_up = time.monotonic() + READY_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            if httpx.get(page).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    sys.exit("error: a server did not start: see what `make serve` says, and whether `make demo` has run")


def invocation() -> bytes:
    """Features of 13 weeks, as MLflow's server wants them: it knows neither products nor weeks."""
    rows = pd.read_parquet("models/champion/demand/model/input_example.parquet").head(13)
    return json.dumps({"dataframe_split": json.loads(rows.to_json(orient="split", date_format="iso"))}).encode()


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


def taken(_position: int, _body: bytes) -> None:
    """Any answer will do."""


async def ask(
    port: int, requests: list[bytes], position: int, until: float, check: Callable[[int, bytes], None] = taken
) -> list[float]:
    """One connection asks until the time is over; seconds of each answer.

    Args:
        port: on the loopback address.
        requests: what is asked in turn.
        position: of the first.
        until: on the clock ``time.perf_counter``.
        check: looks at each answer, given the position of its request.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times: list[float] = []
    while (began := time.perf_counter()) < until:
        writer.write(requests[position % len(requests)])
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            sys.exit(f"error: a request failed: {head.decode()}")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        body = await reader.readexactly(int(length.partition(b":")[2]))
        times.append(time.perf_counter() - began)
        check(position % len(requests), body)
        position += 1
    writer.close()
    return times


async def measure(port: int, requests: list[bytes]) -> Measured:
    """All connections at once."""
    until = time.perf_counter() + SECONDS
    parts = await asyncio.gather(*(ask(port, requests, 97 * number, until) for number in range(CONNECTIONS)))
    times = sorted(time for part in parts for time in part)
    return Measured(len(times) / SECONDS, 1000 * times[int(0.99 * len(times))])


def rounds(asked: dict[str, tuple[int, list[bytes]]]) -> list[dict[str, Measured]]:
    """Measurements of each server in turn, so that all meet the same machine; a round before them warms up.

    Every second round goes the other way, as what a server leaves to do is done while the next one is asked.
    """
    found = []
    for number in range(ROUNDS + 1):
        order = list(asked.items())[:: -1 if number % 2 else 1]
        found.append({name: asyncio.run(measure(*each)) for name, each in order})
    return found[1:]


def main() -> None:
    """Print one table: medians of rounds."""
    store = os.environ.get("MLFLOW_TRACKING_URI", f"sqlite:///{Path('tracking/mlflow.db').resolve()}")
    model = "--model-uri=models:/mixplan-demand@champion"
    with (
        tempfile.TemporaryDirectory() as home,
        server(BENTO, home, "benchmarks.serving:Empty") as empty,
        server(BENTO, home, "serving.service:Mixplan") as served,
        server(MLFLOW, home, model, MLFLOW_TRACKING_URI=store) as mlflow,
    ):
        measured = rounds(
            {
                "empty endpoint": (empty.port, [packed("/empty", b"{}")]),
                "/forecast": (served.port, [packed("/forecast", body) for body in questions(served.port)]),
                "mlflow models serve": (mlflow.port, [packed("/invocations", invocation())]),
            }
        )
    sys.stdout.write(f"{'medians of rounds':24}{'requests/s':>12}{'p99, ms':>10}{'of empty':>10}{'p99':>8}\n")
    of_empty = {}
    for name in measured[0]:
        rate, slow = (statistics.median(values) for values in zip(*(each[name] for each in measured), strict=True))
        ratios = [
            [own / other for own, other in zip(each[name], each["empty endpoint"], strict=True)] for each in measured
        ]
        of_empty[name] = more, slower = [statistics.median(values) for values in zip(*ratios, strict=True)]
        sys.stdout.write(f"{name:24}{rate:12.0f}{slow:10.1f}{more:10.2f}{slower:8.2f}\n")
    more, slower = of_empty["/forecast"]
    if more < LEAST_OF_EMPTY or slower > MOST_OF_ITS_P99:
        sys.exit(
            f"error: /forecast has {more:.2f} times the requests of an empty endpoint, at {slower:.2f} times its p99; "
            f"{LEAST_OF_EMPTY} at least and {MOST_OF_ITS_P99} at most are promised"
        )


if __name__ == "__main__":
    main()
