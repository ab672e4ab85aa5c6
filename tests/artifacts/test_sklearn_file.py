"""Equal estimators are equal bytes, in any process, and read back to equal answers."""

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Lasso, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeRegressor
from skops.io.exceptions import UntrustedTypesFoundException

from mixplan.artifacts.sklearn_file import read_sklearn, write_sklearn

KINDS = {
    "tree": lambda: DecisionTreeRegressor(max_depth=6, random_state=1),
    "forest": lambda: RandomForestRegressor(n_estimators=4, min_samples_leaf=3, random_state=1),
    "ridge": lambda: make_pipeline(StandardScaler(), Ridge(alpha=2.0)),
    "lasso": lambda: make_pipeline(StandardScaler(), Lasso(alpha=0.1)),
}
IN_A_PROCESS_OF_ITS_OWN = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
padding = [object() for _ in range(int(sys.argv[3]))]
from test_sklearn_file import KINDS, fitted, write_sklearn
for kind in KINDS:
    write_sklearn(Path(sys.argv[2]) / kind, fitted(kind))
"""


def fitted(kind: str) -> Any:
    rng = np.random.default_rng(3)
    X = rng.normal(size=(400, 5))
    return KINDS[kind]().fit(X, X[:, 0] - 2.0 * X[:, 1] ** 2 + rng.normal(size=400))


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def hashes(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """By estimator, as two processes wrote it whose memory and hashing differ."""
    found = []
    for seed in ("0", "1234"):
        folder = tmp_path_factory.mktemp("process")
        command = [sys.executable, "-c", IN_A_PROCESS_OF_ITS_OWN, str(Path(__file__).parent), str(folder), seed]
        # The rest of the environment may choose the BLAS kernel, which rounds in its own way.
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)}
        subprocess.run(command, check=True, env=environment)  # noqa: S603 - nothing from outside
        found.append({path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()})
    return found


def test_two_processes_write_equal_bytes(hashes: list[dict[str, str]], kind: str, tmp_path: Path) -> None:
    write_sklearn(tmp_path / kind, fitted(kind))
    own = hashlib.sha256((tmp_path / kind).read_bytes()).hexdigest()
    assert hashes[0][kind] == hashes[1][kind] == own


def test_saving_again_writes_equal_bytes(kind: str, tmp_path: Path) -> None:
    estimator = fitted(kind)
    for name in ("one", "two"):
        write_sklearn(tmp_path / name, estimator)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_another_estimator_is_other_bytes(kind: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    other = KINDS[kind]().fit(rng.normal(size=(50, 5)), rng.normal(size=50))
    write_sklearn(tmp_path / "one", fitted(kind))
    write_sklearn(tmp_path / "two", other)
    assert (tmp_path / "one").read_bytes() != (tmp_path / "two").read_bytes()


def test_what_was_written_reads_back(kind: str, tmp_path: Path) -> None:
    estimator, X = fitted(kind), np.random.default_rng(5).normal(size=(300, 5))
    write_sklearn(tmp_path / "deep" / "model.skops", estimator)
    loaded = read_sklearn(tmp_path / "deep" / "model.skops")
    np.testing.assert_array_equal(loaded.predict(X), estimator.predict(X))
    assert repr(loaded) == repr(estimator)


def test_archive_knows_no_day_and_no_address(kind: str, tmp_path: Path) -> None:
    write_sklearn(tmp_path / "model.skops", fitted(kind))
    with zipfile.ZipFile(tmp_path / "model.skops") as archive:
        assert archive.testzip() is None
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        stems = [Path(name).stem for name in archive.namelist() if name != "schema.json"]
    assert all(stem.isdigit() and len(stem) < 6 for stem in stems)


def test_a_type_that_is_not_known_to_be_safe_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    path.write_bytes(skops.io.dumps(FunctionTransformer(func=subprocess.getoutput)))
    with pytest.raises(UntrustedTypesFoundException, match="getoutput"):
        read_sklearn(path)
