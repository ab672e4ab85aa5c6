"""A disk that takes no more, or nothing at all: one sentence, and the last good mart stays."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mixplan.artifacts.files import sha256_of
from mixplan.config.compose import compose

ROOT = Path(__file__).parents[2]
Rows = dict[str, list[dict[str, str]]]
STAGE = """
import resource, signal, sys
most = int(sys.argv[2])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
if most:
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
import runpy
sys.argv = [sys.argv[1]]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
OUTPUTS = ("data/mart", "data/quarantine", "metrics/mart.json")


def run(folder: Path, most_bytes: int = 0) -> subprocess.CompletedProcess[str]:
    """The stage in a process of its own that cannot write larger files: the system says so as of a full disk."""
    command = [sys.executable, "-c", STAGE, str(ROOT / "pipelines/mart.py"), str(most_bytes)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S603


def state(folder: Path) -> dict[str, str]:
    return {name: sha256_of(folder / name) for name in OUTPUTS}


def told(ended: subprocess.CompletedProcess[str]) -> str:
    """The error of a process that ended with one sentence."""
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    errors = [line for line in ended.stderr.splitlines() if line.startswith("error: ")]
    assert ended.stderr.splitlines()[-1:] == errors
    return errors[0]


@pytest.fixture
def project(good: Rows, raw_folder: Callable[[Rows], Path], tmp_path: Path) -> Path:
    """A folder with raw tables and a good mart of what they were before."""
    raw_folder(good)
    (tmp_path / "params.yaml").write_text(compose(ROOT / "conf", []), encoding="utf-8")
    assert run(tmp_path).returncode == 0
    good["sales"].append(good["sales"][0] | {"quantity_kg": "7"})
    raw_folder(good)
    return tmp_path


def test_a_file_that_cannot_be_written_to_its_end_is_named(project: Path) -> None:
    before = state(project)
    largest = max(path.stat().st_size for path in (project / "data/mart").rglob("*.parquet"))
    for most_bytes in (500, largest - 1):  # at the first file, and among the last
        error = told(run(project, most_bytes))
        assert ".parquet: File too large" in error or ".json: File too large" in error
        assert "make room on the disk or let mixplan read and write there" in error
        assert state(project) == before
        assert not [path for path in (project / "data").iterdir() if path.name.startswith(".")]
    assert run(project).returncode == 0
    assert state(project) != before


def test_metrics_that_cannot_be_written_keep_the_mart_too(project: Path) -> None:
    before = state(project)
    (project / "metrics/.mart.json.new").mkdir()
    assert "metrics/.mart.json.new: Is a directory" in told(run(project))
    assert state(project) == before


def test_a_place_that_is_no_folder_is_named(project: Path) -> None:
    before = state(project)
    (project / ".mixplan").rename(project / "memo")
    (project / ".mixplan").write_text("a file", encoding="utf-8")
    assert "error: .mixplan/mart" in told(run(project))
    assert state(project) == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk in memory, where this user may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)]
    if subprocess.run(command, check=False, capture_output=True).returncode:  # noqa: S603 - own words
        pytest.skip("this user may not mount a disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=False, capture_output=True)  # noqa: S603, S607 - own words


@pytest.mark.parametrize("kind", ["full", "read-only"])
def test_a_real_disk_that_is_full_or_read_only(project: Path, small_disk: Path, kind: str) -> None:
    disk = small_disk
    for name in ("data", "metrics", "params.yaml", ".mixplan"):
        subprocess.run(["cp", "-r", str(project / name), str(disk)], check=True)  # noqa: S603, S607 - own words
    before = state(disk)
    if kind == "full":
        free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
        (disk / "ballast").write_bytes(b"0" * (free - 100_000))
    else:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)  # noqa: S603, S607 - own words
    error = told(run(disk))
    assert ("No space left on device" if kind == "full" else "Read-only file system") in error
    assert state(disk) == before
    if kind == "full":
        (disk / "ballast").unlink()
        assert run(disk).returncode == 0
        assert json.loads((disk / "metrics/mart.json").read_text(encoding="utf-8"))["tables"]["sales"]["read"] == 3
