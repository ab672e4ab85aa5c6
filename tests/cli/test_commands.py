"""The command line on a small project: what people read, and how it ends."""

import csv
import io
import shutil
import sqlite3
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from mixplan.artifacts.files import write_json, write_parquet
from mixplan.cli import app
from mixplan.config.base import MixplanError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two tables of a mart and one of a plan, with one row in quarantine."""
    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    monkeypatch.chdir(tmp_path)
    sales = pd.DataFrame({"region": ["서울", "인천"], "quantity_kg": [1.0, 2.5]})
    for part, rows in (("2023", sales.head(1)), ("2024", sales.tail(1))):
        write_parquet(tmp_path / f"data/mart/sales/{part}.parquet", rows)
    write_parquet(tmp_path / "data/plan/stock.parquet", pd.DataFrame({"material_code": ["M"], "on_hand_kg": [7.0]}))
    held = {
        "rules": "not_a_number,unknown_material",
        "duplicate_of": "",
        "source_file": "erp/stock.csv",
        "source_line": 9,
    }
    held |= {"counted_on": "2024-01-01", "material_code": "X", "stock_kg": "many"}
    write_parquet(tmp_path / "data/quarantine/stock_counts/all.parquet", pd.DataFrame([held]))
    write_json(tmp_path / "metrics/mart.json", {"tables": {"sales": {"broken": {"duplicate": 3}, "corrections": {}}}})
    return tmp_path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_rules_are_counted_with_their_sentence(project: Path) -> None:
    shown = call("mart", "rules").stdout
    assert "The row repeats an earlier row in every column that is read." in shown
    assert ["sales", "duplicate", "duplicate", "3"] in [line.split()[:4] for line in shown.splitlines()]


def test_quarantine_says_where_and_why(project: Path) -> None:
    shown = call("mart", "quarantine", "stock_counts").stdout
    assert "stayed out: 1 of 1" in shown
    assert "erp/stock.csv:9" in shown
    assert "2024-01-01 | X | many" in shown
    assert "stayed out: 0 of 0" in call("mart", "quarantine", "stock_counts", "--rule", "duplicate").stdout


def test_quarantine_is_shown_whole_or_as_csv(project: Path) -> None:
    path = project / "data/quarantine/stock_counts/all.parquet"
    one = pd.read_parquet(path)
    many = pd.concat([one.assign(source_line=line, stock_kg='1 "or" 2, 3' * 40) for line in range(2, 42)])
    write_parquet(path, many)
    assert "stayed out: 20 of 40" in call("mart", "quarantine", "stock_counts").stdout
    assert "stayed out: 40 of 40" in call("mart", "quarantine", "stock_counts", "--all").stdout
    rows = list(csv.DictReader(io.StringIO(call("mart", "quarantine", "stock_counts", "--csv").stdout)))
    assert [int(row["source_line"]) for row in rows] == list(range(2, 42))
    assert rows[0]["stock_kg"] == '1 "or" 2, 3' * 40
    assert rows[0]["sentences"].endswith("No list, recipe or product has this material code.")
    empty = call("mart", "quarantine", "stock_counts", "--rule", "duplicate", "--csv").stdout
    assert empty.splitlines()[0].startswith("source_file,source_line,rules,sentences")


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"tables": 3}', '{"tables": {"sales": {"broken": {"no_rule": 1}}}}', "\xff"]
)
def test_broken_metrics_are_one_sentence(project: Path, content: str) -> None:
    (project / "metrics/mart.json").write_text(content, encoding="latin-1")
    result = call("mart", "rules")
    assert isinstance(result.exception, MixplanError)
    assert str(result.exception).startswith("metrics/mart.json is not what the mart stage writes")


def test_missing_metrics_are_one_sentence(project: Path) -> None:
    (project / "metrics/mart.json").unlink()
    result = call("mart", "rules")
    assert str(result.exception) == "metrics/mart.json is missing: run `dvc repro mart` first"


@pytest.mark.parametrize("kind", ["words", "empty", "other columns", "other rules", "a folder"])
def test_a_broken_quarantine_is_one_sentence(project: Path, kind: str) -> None:
    path = project / "data/quarantine/stock_counts/all.parquet"
    if kind == "other columns":
        write_parquet(path, pd.DataFrame({"a": [1]}))
    elif kind == "other rules":
        write_parquet(path, pd.read_parquet(path).assign(rules="no_rule"))
    elif kind == "a folder":
        path.unlink()
        path.mkdir()
    else:
        path.write_bytes(b"words" if kind == "words" else b"")
    result = call("mart", "quarantine", "stock_counts")
    assert isinstance(result.exception, MixplanError), result.exception
    assert str(result.exception).startswith("data/quarantine/stock_counts is not what the mart stage writes")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("mart", "quarantine", "../etc"), "there is no table '../etc'"),
        (("mart", "quarantine", "sales"), "run the mart stage first"),
        (("mart", "quarantine", "sales", "--rule", "nonsense"), "there is no rule 'nonsense'"),
        (("sql", "DROP VIEW sales"), "only one statement that reads"),
        (("publish",), "MIXPLAN_PUBLISH_URL"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    project: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.delenv("MIXPLAN_PUBLISH_URL", raising=False)
    result = call(*arguments)
    assert isinstance(result.exception, MixplanError)
    assert message in str(result.exception)


def test_sql_reads_all_parts(project: Path) -> None:
    answer = call("sql", "SELECT sum(quantity_kg) AS kg, count(*) AS lines FROM sales", "--csv")
    assert answer.stdout.splitlines() == ["kg,lines", "3.5,2"]
    assert "인천" in call("sql", "SELECT region FROM sales ORDER BY quantity_kg DESC LIMIT 1").stdout


def test_columns_of_one_name_keep_their_own_cells(project: Path) -> None:
    shown = call("sql", "SELECT 'first' AS name, 'second' AS name").stdout
    assert "first" in shown
    assert "second" in shown


def test_sql_answers_before_there_is_a_plan(project: Path) -> None:
    shutil.rmtree(project / "data/plan")
    assert call("sql", "SELECT count(*) AS lines FROM sales", "--csv").stdout.splitlines() == ["lines", "2"]


def test_published_tables_are_the_files(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIXPLAN_PUBLISH_URL", f"sqlite:///{project / 'plant.db'}")
    assert call("publish").exit_code == 0
    with sqlite3.connect(project / "plant.db") as database:
        assert database.execute("SELECT region, quantity_kg FROM sales ORDER BY 2").fetchall() == [
            ("서울", 1.0),
            ("인천", 2.5),
        ]
        assert database.execute("SELECT * FROM stock").fetchall() == [("M", 7.0)]
    database.close()


def test_a_source_is_checked_before_anything_runs(project: Path) -> None:
    (project / "exports/erp").mkdir(parents=True)
    (project / "exports/erp/product.csv").write_text("제품코드,제품\nP1,AE\n", encoding="utf-8")
    result = call("source", "check", "exports")
    assert result.exit_code == 1
    assert "제품명" in result.stdout
    assert "would stop ingest" in result.stderr
    assert not (project / "data/raw").exists()
