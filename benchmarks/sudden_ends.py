"""``dvc repro`` killed at random moments: the next run must end with the hashes of an undisturbed one.

Every kill is in the first run of a new clone of the last commit, with a small plant and few candidates, and ends DVC
and its stage at once.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

KILLS, SEED = 25, 7
BIN = Path(sys.executable).parent
LEFT_OUT = {
    "drivers.candidates": ["gru", "auto_arima", "harmonic_arima", "average"],
    "demand.candidates": ["random_forest", "xgboost", "lightgbm", "average"],
    "demand.search": ["random_forest", "xgboost", "lightgbm"],
    "recommend.candidates": ["knn_basic", "knn_means", "svd_plus_plus", "als"],
    "recommend.search": ["knn_basic", "knn_means", "svd_plus_plus"],
}
"""What takes long to train and is written as the others are: many kills are to fit into an hour."""


def clone(source: Path, folder: Path) -> Path:
    """A new clone of the project with the small plant's parameters, before its first run."""
    subprocess.run(["git", "clone", "-q", source, folder], check=True)  # noqa: S603, S607 - own words
    fewer = [f"~{group}.{name}" for group, names in LEFT_OUT.items() for name in names]
    command, quiet = [BIN / "mixplan", "compose", "+experiment=small", *fewer], subprocess.DEVNULL
    subprocess.run(command, cwd=folder, env=environment(folder), check=True, stderr=quiet)  # noqa: S603 - own words
    return folder


def environment(folder: Path) -> dict[str, str]:
    """So that the clone's own code runs, and logs to its own store."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(folder / "src"), "MLFLOW_TRACKING_URI": ""}


def repro(folder: Path, seconds: float | None = None) -> int:
    """Run ``dvc repro``, or as much of it as is done after so many seconds; what it returned. Errors go to stderr."""
    run = subprocess.Popen(  # noqa: S603 - own words
        [BIN / "dvc", "repro", "-q"],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    with suppress(subprocess.TimeoutExpired):
        return run.wait(seconds)
    os.killpg(run.pid, signal.SIGKILL)
    return run.wait()


def hashes(folder: Path) -> dict[str, str]:
    """By path, the hash of every output."""
    locked: dict[str, Any] = yaml.safe_load((folder / "dvc.lock").read_text(encoding="utf-8"))["stages"]
    return {out["path"]: out["md5"] for stage in locked.values() for out in stage.get("outs", [])}


def main(kills: int) -> None:
    """Print one line a kill, and how many runs ended as they should."""
    moments, right = random.Random(SEED), 0  # noqa: S311 - nothing secret
    with tempfile.TemporaryDirectory() as name:
        whole = clone(Path(), Path(name) / "undisturbed")
        began = time.perf_counter()
        if repro(whole):
            sys.exit("error: the undisturbed run failed")
        seconds, expected = time.perf_counter() - began, hashes(whole)
        sys.stdout.write(f"undisturbed: {seconds:.0f} s, {len(expected)} outputs\n")
        for number in range(kills):
            folder, moment = clone(whole, Path(name) / str(number)), moments.uniform(0, seconds)
            killed = repro(folder, moment) == -signal.SIGKILL
            # A process that has just died may be listed for a moment yet, and DVC takes its lock for held.
            time.sleep(1)
            failed = repro(folder)
            differ = [path for path, of in expected.items() if hashes(folder).get(path) != of]
            right += killed and not failed and not differ
            words = "failed" if failed else f"differs in {', '.join(differ)}" if differ else "equal"
            sys.stdout.write(f"killed after {moment:5.1f} s: {words if killed else 'was done before'}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{right} of {kills} ended with the hashes of the undisturbed run\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else KILLS)
