"""The rules as people see them: counted, explained, and gone once the source is mended."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from mixplan.config.mart import MartConfig
from mixplan.mart.accounts import MartError
from mixplan.mart.build import build_mart
from mixplan.mart.clean import Sieve
from mixplan.mart.ledger import quarantined, rule_counts
from mixplan.mart.parts import no_rows
from mixplan.mart.rules import NO_FAULT, RULES

ROOT = Path(__file__).parents[2]
Rows = dict[str, list[dict[str, str]]]
MakeRaw = Callable[[Rows], dict[str, pd.DataFrame]]
Build = Callable[[dict[str, pd.DataFrame]], Any]


def test_every_rule_is_one_sentence_and_used_in_the_code() -> None:
    modules = (ROOT / "src/mixplan/mart").glob("*.py")
    code = "".join(path.read_text(encoding="utf-8") for path in modules if path.name != "rules.py")
    for name, rule in RULES.items():
        assert re.fullmatch(r"[A-Z][^.]+\.", rule.sentence), name
        assert f'"{name}"' in code, name
    assert set(RULES) >= NO_FAULT


@pytest.mark.parametrize("rule", ["negative_quantty", "code_as_float"])
def test_rows_cannot_be_refused_under_a_rule_that_does_not_refuse(config: MartConfig, rule: str) -> None:
    sieve = Sieve("sales", no_rows("sales"), config)
    with pytest.raises(MartError, match=f"no rule {rule!r} leads to quarantined"):
        sieve.refuse(rule, pl.Series(dtype=pl.Boolean))


def test_values_cannot_be_corrected_under_a_rule_that_refuses(config: MartConfig) -> None:
    sieve = Sieve("sales", no_rows("sales"), config)
    none = pl.Series(dtype=pl.String)
    with pytest.raises(MartError, match="no rule 'negative_quantity' leads to corrected"):
        sieve.correct("negative_quantity", "quantity_kg", none == "", old=none, new=none)


def test_a_duplicate_names_the_row_that_it_repeats(good: Rows, raw: MakeRaw, build: Build) -> None:
    good["sales"] += [good["sales"][1] | {"region": " 서울 "}, good["sales"][1], good["sales"][0] | {"region": "x"}]
    quarantine = build(raw(good)).quarantine["sales"]
    assert quarantine[["rules", "duplicate_of", "source_line"]].to_numpy().tolist() == [
        ["duplicate", "sales.csv:3", 4],
        ["duplicate", "sales.csv:3", 5],
        ["unknown_region", "", 6],
    ]


def test_counts_are_those_of_the_rows(good: Rows, raw: MakeRaw, build: Build) -> None:
    good["sales"] += [good["sales"][0], good["sales"][0] | {"region": "x", "quantity_kg": "-1"}]
    good["sales"][1]["customer_code"] = "2001.0"
    counts = {(row["table"], row["rule"]): row for row in rule_counts(build(raw(good)).summary)}
    assert {key: (row["outcome"], row["rows"]) for key, row in counts.items()} == {
        ("sales", "duplicate"): ("duplicate", 1),
        ("sales", "unknown_region"): ("quarantined", 1),
        ("sales", "negative_quantity"): ("quarantined", 1),
        ("sales", "code_as_float"): ("corrected", 1),
    }
    assert counts["sales", "unknown_region"]["sentence"] == RULES["unknown_region"].sentence


def test_a_row_that_is_mended_at_the_source_comes_back_by_itself(
    good: Rows, raw_folder: Callable[[Rows], Path], config: MartConfig, tmp_path: Path
) -> None:
    places = tmp_path / "mart", tmp_path / "quarantine", tmp_path / "memo"
    mended = good["sales"][0]["region"]
    good["sales"][0] |= {"region": "Atlantis", "quantity_kg": "-5"}
    build_mart(raw_folder(good), config, *places)
    found = quarantined(tmp_path / "quarantine", "sales")
    told = f"{RULES['unknown_region'].sentence} {RULES['negative_quantity'].sentence}"
    columns = ["source_file", "source_line", "rules", "sentences", "region"]
    assert found[columns].to_numpy().tolist() == [
        ["sales.csv", 2, "unknown_region,negative_quantity", told, "Atlantis"]
    ]
    good["sales"][0] |= {"region": mended, "quantity_kg": "5"}
    tallies = build_mart(raw_folder(good), config, *places)
    assert quarantined(tmp_path / "quarantine", "sales").empty
    assert tallies["sales"].account.accepted == 2


def test_the_quarantine_of_an_unknown_table_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MartError, match="run the mart stage first"):
        quarantined(tmp_path, "sales")
