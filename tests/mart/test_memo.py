"""Parts that did not change are copied: the same bytes, no needless work, and nothing rotten is used."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mixplan.artifacts.files import files_below, sha256_of
from mixplan.config.mart import MartConfig
from mixplan.mart import build as building
from mixplan.mart.build import build_mart
from mixplan.mart.clean import Sieve

Rows = dict[str, list[dict[str, str]]]
Run = Callable[..., str]


@pytest.fixture
def cleaned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tables that were cleaned since the list was cleared, master data aside."""
    tables: list[str] = []

    def noted(table: str, *arguments: object) -> Sieve:
        tables.append(table)
        return Sieve(table, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(building, "Sieve", noted)
    return tables


@pytest.fixture
def run(raw_folder: Callable[[Rows], Path], config: MartConfig, tmp_path: Path) -> Run:
    """Build the mart of rows, and return what the outputs are."""

    def built(rows: Rows, memo: Path | None = tmp_path / "memo", config: MartConfig = config) -> str:
        build_mart(raw_folder(rows), config, tmp_path / "data/mart", tmp_path / "data/quarantine", memo)
        return sha256_of(tmp_path / "data/mart") + sha256_of(tmp_path / "data/quarantine")

    return built


@pytest.fixture
def years(good: Rows) -> Rows:
    """Orders of two years."""
    good["orders"][1] |= {"ordered_on": "2021-01-01", "due_on": "2021-01-04"}
    return good


def test_the_memo_changes_no_byte(years: Rows, run: Run, cleaned: list[str]) -> None:
    without = run(years, memo=None)
    assert run(years) == without
    cleaned.clear()
    assert run(years) == without
    assert cleaned == []


def test_only_the_part_that_changed_is_cleaned(years: Rows, run: Run, cleaned: list[str]) -> None:
    run(years)
    cleaned.clear()
    years["orders"].append(years["orders"][1] | {"order_no": "O3"})
    with_memo = run(years)
    assert cleaned == ["orders"]
    assert run(years, memo=None) == with_memo


@pytest.mark.parametrize("what", ["a customer", "the configuration"])
def test_what_rows_refer_to_is_part_of_the_key(
    years: Rows, run: Run, cleaned: list[str], config: MartConfig, what: str
) -> None:
    run(years)
    cleaned.clear()
    if what == "a customer":
        years["customers"].append({"customer_code": "2003", "customer_name": ""})
    else:
        config = config.model_copy(update={"lot_share_tolerance_pct": 0.4})
    with_memo = run(years, config=config)
    assert {"sales", "orders"} < set(cleaned)
    assert run(years, memo=None, config=config) == with_memo


def test_entries_without_use_are_removed(years: Rows, run: Run, tmp_path: Path) -> None:
    run(years)
    before = {path.name for path in (tmp_path / "memo").iterdir()}
    years["orders"][0]["amount_krw"] = "2001"
    run(years)
    after = {path.name for path in (tmp_path / "memo").iterdir()}
    assert len(before) == len(after)
    assert len(before - after) == 1


def test_a_spoiled_entry_is_made_again(years: Rows, run: Run, cleaned: list[str], tmp_path: Path) -> None:
    first = run(years)
    for file in files_below(tmp_path / "memo"):
        cleaned.clear()
        content = file.read_bytes()
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert run(years) == first
        assert len(cleaned) == 1
        assert file.read_bytes() == content


def test_a_stray_file_in_the_memo_is_cleared_away(years: Rows, run: Run, tmp_path: Path) -> None:
    run(years)
    (tmp_path / "memo/.DS_Store").write_text("not ours")
    run(years)
    assert not (tmp_path / "memo/.DS_Store").exists()
