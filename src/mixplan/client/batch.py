"""Many questions at once: a Parquet table of questions in, one of answers out."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from mixplan.client.client import ChangedError, Client, RefusedError
from mixplan.client.schemas import ExplainRequest, ForecastAnswer, ForecastRequest, RecommendRequest
from mixplan.config.base import MixplanError, Strict

AT_ONCE = 8
QUESTION, ERROR = "question", "error"


class CustomerQuestion(Strict):
    """Which customer."""

    customer: str


class Task(NamedTuple):
    """What one row asks."""

    question: type[BaseModel]
    ask: Callable[[Client, Any], BaseModel]
    many: str | None
    """The answer's list, which becomes one row an entry; None where an answer is one row."""


def _all_pages(client: Client, asked: ForecastRequest) -> ForecastAnswer:
    """The whole forecast as one answer."""
    first, *more = client.forecast_pages(asked)
    rows = [row for page in (first, *more) for row in page.rows]
    return first.model_copy(update={"rows": rows, "next_offset": None})


TASKS = {
    "forecast": Task(ForecastRequest, _all_pages, "rows"),
    "explain": Task(ExplainRequest, Client.explain, "parts"),
    "recommend": Task(RecommendRequest, Client.recommend, "products"),
    "customers": Task(CustomerQuestion, lambda client, asked: client.customer(asked.customer), None),
}
"""Not ``reorder``: its question is a whole table of stock."""


class BatchError(MixplanError):
    """The questions cannot be read."""


def ask_all(
    client: Client, task: str, questions: Path, answers: Path, progress: Callable[[Iterable[Any], int], Iterable[Any]]
) -> int:
    """Ask one question for each row; the answers' file is there whole or not at all.

    Answers have the question's row number in ``question``, from 0 on. A question that is refused has one row, with the
    sentence in ``error``.

    Args:
        client: whom to ask.
        task: a key of ``TASKS``.
        questions: Parquet; its columns are the fields of the request, a null is a field left out.
        answers: Parquet, to write.
        progress: wraps what is iterated over, given how many there are.

    Returns:
        How many questions were refused.

    Raises:
        BatchError: the questions' file cannot be read.
        UnreachableError: no service answers.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        asked = pq.read_table(questions).to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise BatchError(f"{questions}: {str(error).splitlines()[0]}; give a Parquet file of questions") from None
    with ThreadPoolExecutor(AT_ONCE) as pool:
        parts = pool.map(lambda row: _answered(client, TASKS[task], row), asked)
        rows = [{QUESTION: number, **row} for number, part in enumerate(progress(parts, len(asked))) for row in part]
    fresh = answers.with_name(f".{answers.name}.new")
    pq.write_table(pa.Table.from_pylist(_same_columns(rows)), fresh)
    fresh.replace(answers)
    return sum(ERROR in row for row in rows)


def _answered(client: Client, task: Task, row: dict[str, Any]) -> list[dict[str, Any]]:
    given = {name: value for name, value in row.items() if value is not None}
    try:
        answer = task.ask(client, task.question.model_validate(given)).model_dump()
    except ValidationError as error:
        mistake = error.errors()[0]
        return [{ERROR: f"{'.'.join(map(str, mistake['loc']))}: {mistake['msg']}"}]
    except (RefusedError, ChangedError) as error:
        return [{ERROR: str(error)}]
    return list(_rows(answer, task.many))


def _rows(answer: dict[str, Any], many: str | None) -> Iterator[dict[str, Any]]:
    if many is None:
        yield answer
        return
    shared = {name: value for name, value in answer.items() if not isinstance(value, list)}
    for entry in answer[many]:
        yield shared | entry


def _same_columns(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every column in every row: Arrow takes its columns from the first."""
    names = dict.fromkeys([QUESTION, *(name for row in rows for name in row), ERROR])
    return [{name: row.get(name) for name in names} for row in rows]
