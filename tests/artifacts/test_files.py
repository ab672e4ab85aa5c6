"""Files whose bytes depend on their content alone, and folders that are replaced whole."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mixplan.artifacts.files import (
    files_below,
    read_arrays,
    read_json,
    read_parquet,
    replace_folder,
    sha256_of,
    write_arrays,
    write_json,
    write_parquet,
)

ARRAYS = st.dictionaries(
    st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True).filter(lambda name: name != "file"),
    arrays.arrays(st.sampled_from([np.float64, np.float32, np.int64, np.bool_]), arrays.array_shapes(max_side=4)),
    min_size=1,
    max_size=4,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(ARRAYS)
@settings(deadline=None)
def test_equal_arrays_are_equal_bytes_in_any_order(tmp_path_factory: Any, content: dict[str, Any]) -> None:
    folder = tmp_path_factory.mktemp("arrays")
    write_arrays(folder / "one.npz", content)
    write_arrays(folder / "two.npz", {name: content[name].copy() for name in reversed(content)})
    assert (folder / "one.npz").read_bytes() == (folder / "two.npz").read_bytes()
    found = read_arrays(folder / "one.npz")
    np.testing.assert_equal(found, content)
    assert {name: array.dtype for name, array in found.items()} == {name: own.dtype for name, own in content.items()}


def test_objects_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "arrays.npz"
    with pytest.raises(TypeError, match="array 'names' holds Python objects"):
        write_arrays(path, {"good": np.ones(2), "names": np.array(["a", None], dtype=object)})
    assert not path.exists()


def test_a_pickle_among_arrays_is_not_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "arrays.npz", bad=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        read_arrays(tmp_path / "arrays.npz")


@given(JSON)
@settings(deadline=None)
def test_json_comes_back(tmp_path_factory: Any, content: Any) -> None:
    path = tmp_path_factory.mktemp("json") / "deep" / "content.json"
    write_json(path, content)
    assert read_json(path) == content


def test_json_does_not_depend_on_the_order_of_keys(tmp_path: Path) -> None:
    write_json(tmp_path / "one.json", {"b": [1], "가": {"y": 2.5, "x": None}})
    write_json(tmp_path / "two.json", {"가": {"x": None, "y": 2.5}, "b": [1]})
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    assert "가" in (tmp_path / "one.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_json_has_no_word_for_these(tmp_path: Path, number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "content.json", {"score": number})
    assert not (tmp_path / "content.json").exists()


def test_parquet_comes_back_and_equal_frames_are_equal_bytes(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"day": pd.to_datetime(["2024-01-01", None]), "name": ["가", None], "kg": [1.5, np.nan], "count": [1, 2]},
        index=[7, 3],
    )
    write_parquet(tmp_path / "a" / "one.parquet", frame)
    write_parquet(tmp_path / "two.parquet", frame.copy().reset_index(drop=True))
    pd.testing.assert_frame_equal(read_parquet(tmp_path / "a" / "one.parquet"), frame.reset_index(drop=True))
    assert (tmp_path / "a" / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def fill(folder: Path) -> Path:
    (folder / "deep").mkdir(parents=True)
    (folder / "b.txt").write_bytes(b"2")
    (folder / "deep" / "a.txt").write_bytes(b"1")
    return folder


def test_files_below_a_folder_come_in_one_order(tmp_path: Path) -> None:
    folder = fill(tmp_path / "x")
    (folder / "empty").mkdir()
    assert [path.relative_to(folder).as_posix() for path in files_below(folder)] == ["b.txt", "deep/a.txt"]


def test_hash_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    assert sha256_of(fill(tmp_path / "x") / "b.txt") == hashlib.sha256(b"2").hexdigest()


def rename(folder: Path) -> None:
    (folder / "b.txt").rename(folder / "c.txt")


def move(folder: Path) -> None:
    (folder / "deep" / "a.txt").rename(folder / "a.txt")


def rewrite(folder: Path) -> None:
    (folder / "b.txt").write_bytes(b"3")


def add(folder: Path) -> None:
    (folder / "empty.txt").touch()


def swap(folder: Path) -> None:
    (folder / "b.txt").write_bytes(b"1")
    (folder / "deep" / "a.txt").write_bytes(b"2")


@pytest.mark.parametrize("change", [rename, move, rewrite, add, swap])
def test_hash_of_a_folder_changes_with_any_name_or_content(tmp_path: Path, change: Callable[[Path], None]) -> None:
    one, other = fill(tmp_path / "one"), fill(tmp_path / "other")
    assert sha256_of(one) == sha256_of(other)
    change(other)
    assert sha256_of(one) != sha256_of(other)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_new_folder_takes_its_place(tmp_path: Path) -> None:
    with replace_folder(tmp_path / "deep" / "model") as folder:
        (folder / "a.txt").write_text("new")
        assert not (tmp_path / "deep" / "model").exists()
    assert (tmp_path / "deep" / "model" / "a.txt").read_text() == "new"
    assert names(tmp_path / "deep") == {"model"}


def test_a_replaced_folder_keeps_nothing_of_the_old_one(tmp_path: Path) -> None:
    fill(tmp_path / "model")
    with replace_folder(tmp_path / "model") as folder:
        (folder / "c.txt").write_text("new")
        assert names(tmp_path / "model") == {"b.txt", "deep"}
    assert names(tmp_path / "model") == {"c.txt"}
    assert names(tmp_path) == {"model"}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("existed", [True, False])
def test_after_an_error_the_old_folder_stands_alone(tmp_path: Path, error: type[BaseException], existed: bool) -> None:
    if existed:
        fill(tmp_path / "model")
    before = sha256_of(tmp_path)

    def fail() -> None:
        with replace_folder(tmp_path / "model") as folder:
            (folder / "half.txt").write_text("half")
            raise error

    with pytest.raises(error):
        fail()
    assert sha256_of(tmp_path) == before
    assert names(tmp_path) == ({"model"} if existed else set())


def test_what_a_killed_process_left_behind_is_cleared(tmp_path: Path) -> None:
    fill(tmp_path / ".model.new")
    fill(tmp_path / ".model.old")
    with replace_folder(tmp_path / "model") as folder:
        assert not names(folder)
    assert names(tmp_path) == {"model"}


def test_a_failure_after_a_sudden_end_keeps_the_last_good_state(tmp_path: Path) -> None:
    """A kill between the two moves leaves the old folder under its other name; what fails next must not lose it."""
    (tmp_path / ".mart.old").mkdir()
    (tmp_path / ".mart.old/good").write_text("last good state")
    with pytest.raises(RuntimeError), replace_folder(tmp_path / "mart"):
        raise RuntimeError("a bad export")
    assert (tmp_path / "mart/good").read_text() == "last good state"
    assert [path.name for path in tmp_path.iterdir()] == ["mart"]
