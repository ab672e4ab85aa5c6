"""The report on a challenger, against sums by hand."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mixplan.cli import app
from mixplan.promotion.shadow import ShadowError, shadow_difference


def side(version: str, rows: list[tuple[str, str, float]] | None, took: float, **more: Any) -> dict[str, Any]:
    fields = ("product", "week_start", "quantity_kg")
    listed = [dict(zip(fields, row, strict=True), region=None) for row in rows or ()]
    answer = {"model_version": version, "origin": "2024-07-01", "rows": listed, **more}
    failure = None if rows is not None else "ZeroDivisionError: no luck"
    return {"version": version, "milliseconds": took, "answer": None if rows is None else answer, "failure": failure}


def entry(champion: Any, challenger: Any, path: str = "/forecast") -> dict[str, Any]:
    return {"path": path, "question": {"weeks": 5}, "champion": champion, "challenger": challenger}


FIRST = entry(
    side("c1", [("AE", "2024-07-01", 100.0), ("AE", "2024-07-29", 50.0)], 1.0),
    side("n1", [("AE", "2024-07-01", 110.0), ("AE", "2024-07-29", 20.0)], 3.0),
)
SECOND = entry(
    side("c1", [("AE", "2024-07-22", 200.0), ("HR", "2024-07-01", 0.0)], 2.0),
    side("n1", [("AE", "2024-07-22", 160.0), ("HR", "2024-07-01", 5.0)], 5.0),
)
SAME = entry(side("c1", [("HR", "2024-07-01", 7.0)], 9.0), side("n1", [("HR", "2024-07-01", 7.0)], 9.0))
FAILED = entry(side("c1", [("AE", "2024-07-01", 100.0)], 3.0), side("n1", None, 0.5))
ORDERS = entry(side("c1", [], 4.0, orders=[1]), side("n1", [], 6.0, orders=[2]), "/reorder")
OTHERS = entry(side("c0", [("AE", "2024-07-01", 1.0)], 1.0), side("n1", [("AE", "2024-07-01", 9e9)], 1.0))


def written(path: Path, *entries: Any) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in entries), encoding="utf-8")
    return path


def test_differences_by_product_and_month(tmp_path: Path) -> None:
    """Weeks 1 and 4 are of the first month, week 5 of the second; what the champion puts at 0 has no per cent."""
    found = shadow_difference(written(tmp_path / "log", FIRST, SECOND, SAME, FAILED))
    assert (found.champion, found.challenger) == ("c1", "n1")
    rows = found.demand.set_index(["product", "month"])
    assert rows.index.tolist() == [("AE", 1), ("AE", 2), ("HR", 1)]
    assert rows.loc[("AE", 1)].tolist() == [2, -15.0, -5.0, -40.0, -20.0]
    assert rows.loc[("AE", 2)].tolist() == [1, -30.0, -60.0, -30.0, -60.0]
    assert rows.loc[("HR", 1), ["rows", "mean_kg", "mean_pct", "largest_kg", "largest_pct"]].tolist() == [
        2,
        2.5,
        0,
        5,
        0,
    ]


def test_questions_failures_and_times_by_path(tmp_path: Path) -> None:
    found = shadow_difference(written(tmp_path / "log", FIRST, SECOND, SAME, FAILED, ORDERS)).paths.set_index("path")
    assert found["questions"].to_dict() == {"/forecast": 4, "/reorder": 1}
    assert found["failures"].to_dict() == {"/forecast": 1, "/reorder": 0}
    assert found["equal"].to_dict() == {"/forecast": 1, "/reorder": 0}
    assert found["champion_ms"].to_dict() == {"/forecast": 2.5, "/reorder": 4.0}
    assert found["challenger_ms"].to_dict() == {"/forecast": 4.0, "/reorder": 6.0}


def test_older_files_count_and_others_and_cut_lines_do_not(tmp_path: Path) -> None:
    written(tmp_path / "log.10", OTHERS)
    written(tmp_path / "log.2", FIRST)
    written(tmp_path / "log.1", SECOND)
    log = written(tmp_path / "log", SAME)
    log.write_text(log.read_text() + '{"path": "/fore')
    (tmp_path / "log.bak").write_text("no log\n")
    found = shadow_difference(log)
    assert (found.paths["questions"].sum(), found.others, found.unreadable) == (3, 1, 1)


def test_a_challenger_that_never_answered_has_no_differences(tmp_path: Path) -> None:
    assert shadow_difference(written(tmp_path / "log", FAILED)).demand.empty


@pytest.mark.parametrize("content", [None, "", "{\n"])
def test_no_log_is_said(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "log").write_text(content)
    with pytest.raises(ShadowError, match=r"log: no question was put to a challenger yet; raise serving\."):
        shadow_difference(tmp_path / "log")


@pytest.mark.parametrize(("entries", "code"), [([FIRST, SECOND], 0), ([FIRST, FAILED], 3)])
def test_the_command_ends_with_3_where_the_challenger_failed(tmp_path: Path, entries: list[Any], code: int) -> None:
    log = written(tmp_path / "log", *entries)
    shown = CliRunner().invoke(app, ["shadow", "--log", str(log)])
    assert shown.exit_code == code
    assert "Challenger n1 beside champion c1" in shown.stdout
    found = CliRunner().invoke(app, ["shadow", "--log", str(log), "--json"])
    assert found.exit_code == code
    said = json.loads(found.stdout)
    assert (said["champion"], said["challenger"], said["paths"][0]["questions"]) == ("c1", "n1", 2)
    assert {row["product"] for row in said["demand"]} <= {"AE", "HR"}
