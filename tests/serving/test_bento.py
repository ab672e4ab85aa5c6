"""What goes into a bento."""

import os
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
NEEDED = (
    *("bentoml", "holidays", "lightgbm", "numpy", "pandas", "prometheus-client", "pyarrow", "pydantic", "pyyaml"),
    *("scikit-learn", "scipy", "skops", "starlette", "xgboost-cpu"),
)
"""What ``serving`` and the champions' models import."""
TRAINERS = {"mlflow", "dvc", "hydra-core", "tensorflow", "tensorflow-cpu", "keras", "pmdarima", "shap", "optuna"}


def pins(path: str) -> dict[str, str]:
    text = (ROOT / path).read_text(encoding="utf-8")
    found = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==([^\s;\\]+)", text, re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


def closure(names: tuple[str, ...]) -> set[str]:
    """These packages and all that they require, as installed."""
    seen: set[tuple[str, tuple[str, ...]]] = set()
    waiting: list[tuple[str, tuple[str, ...]]] = [(canonicalize_name(name), ()) for name in names]
    while waiting:
        name, extras = entry = waiting.pop()
        if entry in seen:
            continue
        seen.add(entry)
        for needed in map(Requirement, metadata.requires(name) or []):
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in (*extras, "")):
                waiting.append((canonicalize_name(needed.name), tuple(sorted(needed.extras))))
    return {name for name, _ in seen}


def test_serving_needs_a_part_of_the_lock_and_no_trainer() -> None:
    own, lock = pins("requirements/serving.txt"), pins("requirements/lock.txt")
    assert own.keys() == closure(NEEDED)
    assert own.items() <= lock.items()
    assert not own.keys() & TRAINERS


def test_the_bento_holds_services_library_and_champion() -> None:
    build = yaml.safe_load((ROOT / "bentofile.yaml").read_text(encoding="utf-8"))
    module, name = build["service"].split(":")
    assert (ROOT / module.replace(".", "/")).with_suffix(".py").is_file()
    assert name == "Mixplan"
    assert build["python"]["requirements_txt"] == "requirements/serving.txt"
    for pattern in ("serving/*.py", "src/mixplan/**/*.py", "models/champion/**", "params.yaml"):
        assert pattern in build["include"]


def test_a_bento_starts_in_an_environment_of_its_own_requirements_alone(plant: Any, tmp_path: Path) -> None:
    """Built, installed, started whole and with one service alone, and asked for every path."""
    for name in ("serving", "src", "requirements"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("bentofile.yaml", "params.yaml"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(plant.folder, tmp_path / "models/champion")
    ended = subprocess.run(  # noqa: S603
        [sys.executable, str(ROOT / "benchmarks/bento_alone.py")],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("MIXPLAN")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if "uv pip install" in ended.stderr:
        pytest.skip("neither cache nor network has the bento's requirements")
    assert ended.returncode == 0, ended.stderr
    assert re.search(r"^/reorder alone +200$", ended.stdout, re.MULTILINE)
