"""The Python client and the batch, against the services and against services that fail."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hatchling.builders.wheel import WheelBuilder
from starlette.testclient import TestClient
from tenacity import nap
from typer.testing import CliRunner

from mixplan.cli import app
from mixplan.client import ChangedError, Client, RefusedError, UnreachableError
from mixplan.client.batch import BatchError, ask_all
from mixplan.client.schemas import ExplainRequest, ForecastRequest, RecommendRequest, ReorderRequest, StockLine

ROOT = Path(__file__).parents[2]
WEEK = ForecastRequest(weeks=1)


@pytest.fixture
def asking(client: TestClient) -> Client:
    """A client whose requests reach the services without a network."""

    def travel(request: httpx.Request) -> httpx.Response:
        answer = client.request(request.method, str(request.url), content=request.read(), headers=request.headers)
        return httpx.Response(answer.status_code, content=answer.content)

    return Client(transport=httpx.MockTransport(travel))


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nap.time, "sleep", lambda _: None)


def failing(*responses: int | type[Exception]) -> tuple[Client, list[httpx.Request]]:
    """A client of a service that answers so, one after the other."""
    seen: list[httpx.Request] = []

    def travel(request: httpx.Request) -> httpx.Response:
        response = responses[min(len(seen), len(responses) - 1)]
        seen.append(request)
        if isinstance(response, int):
            return httpx.Response(response, json={"error": f"said {response}"})
        raise response("broken")

    return Client(key="a key", attempts=3, transport=httpx.MockTransport(travel)), seen


def test_answers_are_typed(asking: Client, plant: Any) -> None:
    forecast = asking.forecast(ForecastRequest(weeks=2, products=["grout"], quantiles=[0.5]))
    assert [row.week_start for row in forecast.rows] == [date(2024, 7, 1), date(2024, 7, 8)]
    assert forecast.model_version == plant.version("demand")
    assert asking.explain(ExplainRequest(weeks=4, products=["grout"])).parts[0].product == "grout"
    assert asking.reorder(ReorderRequest(stock=[StockLine(material_code="SR1", stock_kg=500.0)])).orders
    assert asking.recommend(RecommendRequest(customer="1000100", count=1)).products[0].product == "grout"
    assert asking.customer("1000100").recency_days == 40
    assert asking.model().tasks["demand"].version == plant.version("demand")


def test_a_refusal_carries_its_status_and_sentence(asking: Client) -> None:
    with pytest.raises(RefusedError, match=r"products\[0\]: 'mortar'") as refused:
        asking.forecast(ForecastRequest(weeks=1, products=["mortar"]))
    assert refused.value.status == 404
    for code in ("nobody", "../model", "a/b", "?"):
        with pytest.raises(RefusedError):
            asking.customer(code)


@pytest.mark.parametrize("passing", [429, 503, 504, httpx.ConnectError, httpx.ReadTimeout])
def test_what_passes_is_asked_again(passing: int | type[Exception]) -> None:
    client, seen = failing(passing, passing, 404)
    with pytest.raises(RefusedError, match="said 404"):
        client.forecast(WEEK)
    assert len(seen) == 3
    assert {request.headers["Authorization"] for request in seen} == {"Bearer a key"}


def test_what_does_not_pass_is_not(asking: Client) -> None:
    client, seen = failing(400)
    with pytest.raises(RefusedError):
        client.forecast(WEEK)
    assert len(seen) == 1


def test_patience_ends_with_one_sentence() -> None:
    client, seen = failing(httpx.ConnectError)
    with pytest.raises(UnreachableError, match="see whether the service runs") as unreachable:
        client.forecast(WEEK)
    assert "a key" not in str(unreachable.value)
    assert len(seen) == 3


def test_words_of_a_proxy_are_not_taken_for_the_services() -> None:
    client = Client(transport=httpx.MockTransport(lambda _: httpx.Response(403, text="<html>")))
    with pytest.raises(RefusedError, match="HTTP status 403"):
        client.model()


def test_pages_make_up_the_whole_forecast(asking: Client) -> None:
    whole = asking.forecast(ForecastRequest(weeks=4))
    pages = list(asking.forecast_pages(ForecastRequest(weeks=4, limit=5)))
    assert [len(page.rows) for page in pages] == [5, 5, 2]
    assert [row for page in pages for row in page.rows] == whole.rows
    assert {page.total_rows for page in pages} == {12}
    assert [page.next_offset for page in pages] == [5, 10, None]
    assert asking.forecast(ForecastRequest(weeks=4, offset=12)).rows == []


def test_pages_of_two_champions_are_not_put_together(asking: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    page = asking.forecast(ForecastRequest(weeks=4, limit=5))
    answers = iter([page, page.model_copy(update={"model_version": "another"})])
    monkeypatch.setattr(asking, "forecast", lambda _: next(answers))
    with pytest.raises(ChangedError, match="another champion answers"):
        list(asking.forecast_pages(ForecastRequest(weeks=4, limit=5)))


def unseen(items: Iterable[Any], total: int) -> Iterable[Any]:
    return items


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def test_a_batch_answers_every_row_in_order(asking: Client, tmp_path: Path) -> None:
    rows = [
        {"weeks": 2, "products": ["grout"], "regions": None},
        {"weeks": 1, "products": ["mortar"], "regions": None},
        {"weeks": 99, "products": None, "regions": None},
        {"weeks": 1, "products": None, "regions": ["서울"]},
    ]
    questions = written(tmp_path / "questions.parquet", rows)
    assert ask_all(asking, "forecast", questions, tmp_path / "answers.parquet", unseen) == 2
    answers = pd.read_parquet(tmp_path / "answers.parquet")
    assert answers["question"].tolist() == [0, 0, 1, 2, 3, 3, 3]
    assert answers["error"].notna().tolist() == [False, False, True, True, False, False, False]
    assert "mortar" in answers["error"][2]
    assert answers["error"][3].startswith("weeks: ")
    expected = [row.quantity_kg for row in asking.forecast(ForecastRequest(weeks=2, products=["grout"])).rows]
    assert answers["quantity_kg"][:2].tolist() == expected


def test_a_batch_has_all_pages_of_a_forecast(asking: Client, tmp_path: Path) -> None:
    questions = written(tmp_path / "questions.parquet", [{"weeks": 4, "limit": 5}])
    assert ask_all(asking, "forecast", questions, tmp_path / "answers.parquet", unseen) == 0
    assert len(pd.read_parquet(tmp_path / "answers.parquet")) == 12


@pytest.mark.parametrize(
    ("task", "row", "column"),
    [
        ("explain", {"weeks": 4, "products": ["grout"]}, "contribution_kg"),
        ("recommend", {"customer": "1000100", "count": 2}, "score"),
        ("customers", {"customer": "1000200"}, "segment_profile"),
    ],
)
def test_other_questions_in_a_batch(asking: Client, tmp_path: Path, task: str, row: Any, column: str) -> None:
    questions = written(tmp_path / "questions.parquet", [row])
    assert ask_all(asking, task, questions, tmp_path / "answers.parquet", unseen) == 0
    assert pd.read_parquet(tmp_path / "answers.parquet")[column].notna().all()


def test_no_questions_no_answers(asking: Client, tmp_path: Path) -> None:
    pq.write_table(pa.table({"weeks": pa.array([], pa.int64())}), tmp_path / "questions.parquet")
    assert ask_all(asking, "forecast", tmp_path / "questions.parquet", tmp_path / "answers.parquet", unseen) == 0
    assert pd.read_parquet(tmp_path / "answers.parquet").empty


@pytest.mark.parametrize("content", [None, b"weeks\n1\n", b""])
def test_a_file_that_is_no_parquet_is_named(asking: Client, tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "questions.parquet").write_bytes(content)
    with pytest.raises(BatchError, match=r"questions\.parquet: .*give a Parquet file"):
        ask_all(asking, "forecast", tmp_path / "questions.parquet", tmp_path / "answers.parquet", unseen)


def test_a_batch_that_breaks_leaves_the_answers_of_before(tmp_path: Path) -> None:
    client, _ = failing(httpx.ConnectError)
    questions = written(tmp_path / "questions.parquet", [{"weeks": 1}])
    (tmp_path / "answers.parquet").write_bytes(b"before")
    with pytest.raises(UnreachableError):
        ask_all(client, "forecast", questions, tmp_path / "answers.parquet", unseen)
    assert (tmp_path / "answers.parquet").read_bytes() == b"before"


def test_the_package_says_that_it_is_typed(tmp_path: Path) -> None:
    """Without the marker, type checkers take an installed package's classes for untyped ones."""
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    assert {"mixplan/py.typed", "mixplan/client/client.py"} <= set(ZipFile(wheel).namelist())


def test_the_command_shows_how_far_it_is(asking: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    make: Callable[..., Client] = lambda *given: made.append(given) or asking  # noqa: E731
    monkeypatch.setattr("mixplan.client.Client", make)
    monkeypatch.setenv("MIXPLAN_API_KEY", "a key")
    questions = written(tmp_path / "questions.parquet", [{"customer": "1000100"}, {"customer": "nobody"}])
    answers = str(tmp_path / "answers.parquet")
    result = CliRunner().invoke(app, ["ask", "customers", str(questions), answers, "--address", "http://plant"])
    assert made == [("http://plant", "a key")]
    assert ": 1 question was refused" in str(result.exception)
    assert "Asking" in result.stderr
    assert len(pd.read_parquet(answers)) == 2
    unknown = CliRunner().invoke(app, ["ask", "orders", str(questions), answers])
    assert "there is no task 'orders'" in str(unknown.exception)
