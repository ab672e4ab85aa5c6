"""What a `dvc repro` with nothing to do costs, beside `dvc status` on an empty project; run it after `make demo`."""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 5


def seconds(command: list[str], folder: Path) -> float:
    """Wall time of a command that must succeed."""
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603 - the commands stand below
    return time.perf_counter() - start


def main() -> None:
    """Print one table: medians of rounds that alternate, so that both meet the same machine."""
    dvc, git = shutil.which("dvc"), shutil.which("git")
    if not dvc or not git:
        sys.exit("error: dvc and git must be on the path: run `source .venv/bin/activate`")
    with tempfile.TemporaryDirectory() as name:
        empty = Path(name)
        seconds([git, "init", "-q"], empty)
        seconds([dvc, "init", "-q"], empty)
        rounds = [(seconds([dvc, "status"], empty), seconds([dvc, "repro"], Path())) for _ in range(ROUNDS)]
    status, repro = (statistics.median(times) for times in zip(*rounds, strict=True))
    sys.stdout.write(
        f"{'dvc status, empty project':36}{status:6.2f} s\n"
        f"{'dvc repro, nothing changed':36}{repro:6.2f} s\n"
        f"{'difference':36}{repro - status:6.2f} s\n"
    )


if __name__ == "__main__":
    main()
