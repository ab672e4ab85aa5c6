"""The screen at the end of a run."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from mixplan.report.inputs import ReportError
from mixplan.report.summary import summary


def screen(root: Path, width: int = 100) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(summary(root))
    return console.export_text(styles=False)


def line_with(text: str, *words: str) -> str:
    found = [line for line in text.splitlines() if all(word in line for word in words)]
    assert len(found) == 1, (words, found)
    return " ".join(found[0].split())


def test_it_fits_100_columns_without_losing_a_number(root: Path, change_json: Callable[..., None]) -> None:
    def longest(demand: dict[str, Any]) -> dict[str, Any]:
        board = [entry | {"candidate": "seasonal_naive", "rmse_6m": 1_234_567.0} for entry in demand["leaderboard"][1:]]
        return demand | {"winner": "seasonal_naive", "leaderboard": board}

    change_json("demand", longest)
    text = screen(root)
    assert max(map(len, text.splitlines())) <= 100
    row = line_with(text, "winner, baseline", "1,234.6")
    assert row == "seasonal naive winner, baseline 43.2% 43.2% 45.6 1,234.6 0.568 0.568 +10.8% +10.8%"


def test_it_names_the_winner_of_each_task(root: Path) -> None:
    text = screen(root)
    assert line_with(text, "lightgbm", "winner") == "lightgbm winner 12.3% 12.3% 12.3 12.3 0.877 0.877 +3.1% +3.1%"
    assert line_with(text, "Temperature", "1d") == "Temperature, °C 1d gru 2.500 0.910 0.870"
    assert line_with(text, "Temperature", "2-42d") == "Temperature, °C 2-42d climatology 2.500 0.860 0.860"
    assert line_with(text, "Humidity") == "Humidity, % 1-42d climatology 2.500 0.310 0.310"
    assert line_with(text, "knn") == "knn winner 0.555 0.500 3 0.512 62.5% 75.0% 0.400"
    assert line_with(text, "forecast cover 0.98", "winner") == "forecast cover 0.98 winner 98.8% 3 5.0 40 6.0"
    assert line_with(text, "max minus mean", "baseline") == "max minus mean baseline 99.1% 3 9.0 40 9.0"
    assert "forecast cover 0.9 " not in text, "the best of each policy is enough"
    assert "Fill rate of materials: 97.7%" in text
    words = " ".join(text.split())
    assert "6 t in stock at KRW 3.0 million, ordered by forecast cover 0.98" in words
    assert "by the plant's own rule 99.3%, 10 t in stock" in words
    assert "Customers at risk: 1 of 3" in text
    assert "Segments of customers: 2" in text
    assert "Data da7a00000001, champion c0ffee123456" in text


def test_it_shows_the_first_five_orders_and_shortens_reasons(root: Path) -> None:
    text = screen(root)
    assert "Purchase orders of the plan: first 5 of 7" in text
    assert "covers reason 4" in text
    assert "covers reason 5" not in text
    row = line_with(text, "covers reason 1")
    assert row.startswith("M1 2.0 2024-07-01 2024-07-04 covers reason 1: use 9 t")
    assert row.endswith("…")


def test_a_code_in_brackets_is_no_markup(root: Path, change_table: Callable[..., None]) -> None:
    change_table("plan/purchase_orders", lambda orders: orders.assign(material_code="[bold]X"))
    assert screen(root).count("[bold]X") == 5


def test_it_says_what_to_do_next(root: Path) -> None:
    text = screen(root)
    for step in ("make serve", "make ui", "reports/index.html"):
        assert step in text


@pytest.mark.parametrize("name", ["metrics/demand.json", "metrics/plan.json", "data/plan/purchase_orders.parquet"])
def test_without_a_run_it_says_how_to_get_one(root: Path, name: str) -> None:
    (root / name).unlink()
    with pytest.raises(ReportError, match=rf"{name} is missing.*make demo"):
        summary(root)


def test_importing_it_is_cheap() -> None:
    code = "import sys, mixplan.report.summary; sys.exit(bool({'pandas', 'matplotlib', 'jinja2'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own code
