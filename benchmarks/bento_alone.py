"""A bento in an environment of its own: built, installed with its own requirements alone, started, and asked.

Run it after `make demo`. Prints what each step took, the packages and megabytes of the environment, and the status of
an example of every path, of the whole and of one of its services alone. Ends with an error where one is not answered,
or where a trainer or tracker can be imported.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

TRAINERS = ("mlflow", "dvc", "hydra", "tensorflow", "keras", "torch", "optuna")
READY_SECONDS = 120


def run(*command: str | Path, **variables: str) -> str:
    """A program's output; the end of this one where it fails."""
    ended = subprocess.run(  # noqa: S603 - own words
        list(map(str, command)), env=clean() | variables, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        sys.exit(f"error: {' '.join(map(str, command))}: {ended.stderr[-2000:]}")
    return ended.stdout


def clean() -> dict[str, str]:
    """The environment without what would lead to this project's own packages."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MIXPLAN", "VIRTUAL"))}


def ask_everything(address: str) -> dict[str, int]:
    """The status of the document's own example of each path."""
    document = httpx.get(f"{address}/docs.json").raise_for_status().json()
    found = {}
    for path, operations in document["paths"].items():
        ((method, operation),) = operations.items()
        for parameter in operation.get("parameters", ()):
            path = path.replace(f"{{{parameter['name']}}}", parameter["example"])  # noqa: PLW2901
        found[path] = httpx.request(method, address + path, json=_example(operation)).status_code
    return found


def _example(operation: dict[str, Any]) -> Any:
    return operation["requestBody"]["content"]["application/json"]["example"] if "requestBody" in operation else None


def wait_until_ready(address: str, log: Path) -> None:
    """Return once the service answers."""
    give_up = time.monotonic() + READY_SECONDS
    while time.monotonic() < give_up:
        try:
            if httpx.get(f"{address}/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    sys.exit(f"error: the bento did not start: {log.read_text()[-2000:]}")


def main() -> None:
    """Print one table."""
    with tempfile.TemporaryDirectory() as name:
        home = {"BENTOML_HOME": f"{name}/bentoml", "BENTOML_DO_NOT_TRACK": "True"}
        environment, marks = Path(name) / "environment", [time.perf_counter()]
        tag = (
            run(sys.executable, "-m", "bentoml", "build", "--output=tag", PYTHONPATH="src", **home)
            .strip()
            .removeprefix("__tag__:")
        )
        bento = run(sys.executable, "-m", "bentoml", "get", tag, "--output=path", **home).strip()
        marks.append(time.perf_counter())
        run(sys.executable, "-m", "uv", "venv", f"--python={sys.executable}", environment)
        python = environment / "bin/python"
        requirements = Path(bento) / "env/python/requirements.txt"
        install(python, requirements)
        marks.append(time.perf_counter())
        importable = run(
            python, "-c", f"from importlib.util import find_spec as f; print(*filter(f, {TRAINERS}))"
        ).split()
        packages = run(sys.executable, "-m", "uv", "pip", "freeze", f"--python={python}").splitlines()
        statuses = serve_and_ask(python, [tag], Path(name), home)
        marks.append(time.perf_counter())
        alone = ["serving.reorder:Reorder", f"--working-dir={bento}/src"]
        statuses |= {f"{path} alone": status for path, status in serve_and_ask(python, alone, Path(name), home).items()}
        marks.append(time.perf_counter())
        megabytes = sum(path.stat().st_size for path in environment.rglob("*") if path.is_file()) / 2**20
    steps = zip(("build", "install", "start and ask", "one alone"), marks[:-1], marks[1:], strict=True)
    rows = [(f"{step}, s", f"{after - before:.1f}") for step, before, after in steps]
    rows += [("packages", str(len(packages))), ("environment, MB", f"{megabytes:.0f}")]
    rows += [(path, str(status)) for path, status in statuses.items()]
    sys.stdout.write("".join(f"{what:40}{figure:>10}\n" for what, figure in rows))
    if importable or set(statuses.values()) != {httpx.codes.OK}:
        sys.exit(f"error: importable: {importable or 'no trainer'}; not every path answered 200")


def install(python: Path, requirements: Path) -> None:
    """From the cache where it has all of them, as it has where this project was installed; else from the network."""
    command = ["uv", "pip", "install", f"--python={python}", f"--requirement={requirements}"]
    cached = subprocess.run(  # noqa: S603 - own words
        [sys.executable, "-m", *command, "--offline"], env=clean(), capture_output=True, check=False
    )
    if cached.returncode:
        run(sys.executable, "-m", *command)


def serve_and_ask(python: Path, words: list[str], folder: Path, home: dict[str, str]) -> dict[str, int]:
    """Start the bento or one of its services away from this project, and ask it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log, address = folder / "log", f"http://127.0.0.1:{port}"
    with log.open("wb") as output:
        server = subprocess.Popen(  # noqa: S603 - own words
            [python, "-m", "bentoml", "serve", *words, "--host=127.0.0.1", f"--port={port}"],
            cwd=folder,
            env=clean() | home,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        wait_until_ready(address, log)
        return ask_everything(address)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


if __name__ == "__main__":
    main()
