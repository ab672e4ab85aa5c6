"""A challenger beside the champion: in the background, or in its place, and never in its way."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mixplan.artifacts.champion import Winner, write_manifest
from mixplan.client.schemas import ForecastRequest, ReorderRequest, StockLine
from mixplan.config.serving import ServingConfig, ShadowConfig
from serving.gauges import gauges
from serving.settings import read_serving
from serving.traffic import Traffic, place_of
from serving.whole import Champion

QUESTIONS = [ForecastRequest(weeks=weeks, products=[name]) for weeks in range(1, 14) for name in ("grout", "paste")]
Start = Callable[..., Traffic]


@pytest.fixture
def folder(plant: Any, planner_plant: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where champion and challenger lie side by side; the challenger is another model with the same data."""
    shutil.copytree(plant.folder, tmp_path / "champion")
    shutil.copytree(planner_plant.folder, tmp_path / "challenger")
    monkeypatch.setenv("MIXPLAN_CHAMPION", str(tmp_path / "champion"))
    return tmp_path


@pytest.fixture
def champion(folder: Path) -> Champion:
    return Champion()


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    made: list[Traffic] = []

    def start(shadow: float = 0.0, canary: float = 0.0, waiting: int = 64, most_mb: float = 1.0) -> Traffic:
        log = str(folder / "log" / "shadow.jsonl")
        config = ShadowConfig(share=shadow, log=log, most_mb=most_mb, files=2, waiting=waiting)
        made.append(Traffic(ServingConfig(shadow=config, canary_share=canary, limits=read_serving().limits)))
        return made[-1]

    yield start
    for traffic in made:
        traffic.shadow.stop()


def finish(traffic: Traffic) -> None:
    """Until nothing waits for the challenger."""
    traffic.shadow._pool.shutdown()


def lines(folder: Path) -> list[Any]:
    log = folder / "log" / "shadow.jsonl"
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []


def broken(self: Champion, path: str, request: Any) -> Any:
    raise ZeroDivisionError("no luck")


def test_nothing_is_shared_by_default(champion: Champion, folder: Path) -> None:
    config = read_serving()
    assert (config.shadow.share, config.canary_share) == (0, 0)
    traffic = Traffic(config)
    assert traffic.live is None
    assert traffic.answer("/forecast", QUESTIONS[0], champion).model_role == "champion"


def test_no_question_is_both() -> None:
    shadow = ShadowConfig(share=0.6, log="log", most_mb=1.0, files=1, waiting=1)
    with pytest.raises(ValueError, match="add up to more than 1"):
        ServingConfig(shadow=shadow, canary_share=0.5, limits=read_serving().limits)


def test_shadowed_answers_are_logged_and_not_returned(champion: Champion, start: Start, folder: Path) -> None:
    traffic = start(shadow=1.0)
    challenger = traffic.challenger(champion)
    assert challenger is not None
    given = [traffic.answer("/forecast", question, champion) for question in QUESTIONS]
    finish(traffic)
    assert given == [champion.answer("/forecast", question) for question in QUESTIONS]
    assert [line["question"] for line in lines(folder)] == [
        question.model_dump(mode="json", exclude_unset=True) for question in QUESTIONS
    ]
    for line, question, answer in zip(lines(folder), QUESTIONS, given, strict=True):
        assert line["champion"]["answer"] == answer.model_dump(mode="json")
        assert line["challenger"]["answer"] == challenger.answer("/forecast", question).model_dump(mode="json")
        assert (line["champion"]["version"], line["challenger"]["version"]) == (
            champion.model.version,
            challenger.model.version,
        )
        assert line["challenger"]["milliseconds"] > 0
    assert traffic.counts.read() == {("shadow", "compared"): len(QUESTIONS)}


def test_canaries_are_answered_and_named_by_the_challenger(champion: Champion, start: Start) -> None:
    traffic = start(canary=1.0)
    challenger = traffic.challenger(champion)
    assert challenger is not None
    for question in QUESTIONS:
        answer = traffic.answer("/forecast", question, champion)
        assert answer == challenger.answer("/forecast", question).model_copy(update={"model_role": "challenger"})
        assert answer.model_version == challenger.forecasts.versions["model_version"]
    assert traffic.counts.read() == {("canary", "answered"): len(QUESTIONS)}


def test_the_question_decides_and_nothing_else(champion: Champion, start: Start, folder: Path) -> None:
    """Two services that start anew choose the same questions, and a share is about that share of all."""
    chosen = []
    for _ in range(2):
        traffic = start(shadow=0.3, canary=0.2)
        roles = [traffic.answer("/forecast", question, champion).model_role for question in QUESTIONS]
        finish(traffic)
        chosen.append((roles, [line["question"] for line in lines(folder)]))
        shutil.rmtree(folder / "log", ignore_errors=True)
    assert chosen[0] == chosen[1]
    places = [place_of("/forecast", question) for question in QUESTIONS]
    assert [role == "challenger" for role in chosen[0][0]] == [place < 0.2 for place in places]
    assert len(chosen[0][1]) == sum(0.2 <= place < 0.5 for place in places)
    many = [place_of("/forecast", ForecastRequest(weeks=1, products=[str(n)])) for n in range(5000)]
    assert sum(place < 0.3 for place in many) / 5000 == pytest.approx(0.3, abs=0.03)


def test_a_challenger_that_fails_harms_no_answer(
    champion: Champion, start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = champion.answer("/forecast", QUESTIONS[0])
    shadow, canary = start(shadow=1.0), start(canary=1.0)
    for traffic in (shadow, canary):
        challenger = traffic.challenger(champion)
        assert challenger is not None
        monkeypatch.setattr(challenger, "answer", broken.__get__(challenger))
        assert traffic.answer("/forecast", QUESTIONS[0], champion) == expected
    finish(shadow)
    assert shadow.counts.read() == {("shadow", "failed"): 1}
    assert canary.counts.read() == {("canary", "failed"): 1}
    (line,) = lines(folder)
    assert (line["challenger"]["answer"], line["challenger"]["failure"]) == (None, "ZeroDivisionError: no luck")


def test_a_challenger_that_hangs_slows_no_answer(
    champion: Champion, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three may wait: one is being asked and two are behind it. All others are dropped, and all are answered."""
    traffic, release = start(shadow=1.0, waiting=3), threading.Event()
    challenger = traffic.challenger(champion)
    assert challenger is not None
    whole = challenger.answer

    def hang(path: str, request: Any) -> Any:
        assert release.wait(30)
        return whole(path, request)

    monkeypatch.setattr(challenger, "answer", hang)
    for question in QUESTIONS:
        assert traffic.answer("/forecast", question, champion).rows
    assert traffic.counts.read() == {("shadow", "dropped"): len(QUESTIONS) - 3}
    release.set()
    finish(traffic)
    assert traffic.counts.read()["shadow", "compared"] == 3


def test_a_log_that_cannot_be_written_harms_no_answer(champion: Champion, start: Start, folder: Path) -> None:
    (folder / "log").write_text("a file where the folder should be")
    traffic = start(shadow=1.0)
    assert traffic.answer("/forecast", QUESTIONS[0], champion).rows
    finish(traffic)
    assert traffic.counts.read() == {("shadow", "not_written"): 1}


def test_the_log_is_bounded(champion: Champion, start: Start, folder: Path) -> None:
    """Files of 20 kB, two of before beside the newest, and no line that is longer than a file."""
    traffic = start(shadow=1.0, most_mb=0.02)
    whole = ForecastRequest(weeks=13, regions=["서울", "부산광역시"], quantiles=[0.1, 0.2, 0.5, 0.8, 0.9])
    for question in [*QUESTIONS, whole]:
        traffic.answer("/forecast", question, champion)
    finish(traffic)
    assert traffic.counts.read() == {("shadow", "compared"): len(QUESTIONS), ("shadow", "too_long"): 1}
    files = sorted((folder / "log").iterdir())
    assert [path.name for path in files] == ["shadow.jsonl", "shadow.jsonl.1", "shadow.jsonl.2"]
    assert all(path.stat().st_size <= 20_000 for path in files)


def test_what_the_champion_refuses_is_refused(champion: Champion, start: Start) -> None:
    """The challenger too knows no mortar, and a canary's refusal is the champion's."""
    from bentoml.exceptions import NotFound

    traffic = start(canary=1.0)
    with pytest.raises(NotFound, match="mortar"):
        traffic.answer("/forecast", ForecastRequest(weeks=1, products=["mortar"]), champion)
    assert traffic.counts.read() == {("canary", "refused"): 1}


@pytest.mark.parametrize("path", ["/forecast", "/explain", "/reorder", "/scenario", "/recommend"])
def test_every_kind_of_question_may_be_a_canary(champion: Champion, start: Start, path: str) -> None:
    question, _ = champion.examples[path]
    assert start(canary=1.0).answer(path, question, champion).model_role == "challenger"


def test_a_challenger_of_one_byte_less_is_none(champion: Champion, start: Start, folder: Path) -> None:
    (folder / "challenger/demand/context.json").write_bytes(b"{}")
    traffic = start(canary=1.0)
    assert traffic.challenger(champion) is None
    assert traffic.answer("/forecast", QUESTIONS[0], champion).model_role == "champion"


def test_a_challenger_of_other_data_is_none(champion: Champion, start: Start, folder: Path) -> None:
    winners = {task: Winner(candidate="small", metrics={}, chosen_by={}) for task in champion.model.tasks}
    write_manifest(folder / "challenger", "newer", winners)
    traffic = start(canary=1.0)
    assert traffic.live is not None
    assert traffic.live.loaded is not None
    assert traffic.challenger(champion) is None


def test_a_challenger_may_come_and_go_while_the_service_runs(champion: Champion, start: Start, folder: Path) -> None:
    (folder / "challenger").rename(folder / "away")
    traffic = start(canary=1.0)
    assert traffic.challenger(champion) is None
    assert traffic.live is not None
    (folder / "away").rename(folder / "challenger")
    traffic.live.look()
    assert traffic.challenger(champion) is not None
    shutil.rmtree(folder / "challenger")
    traffic.live.look()
    assert traffic.challenger(champion) is None


def test_what_became_of_the_questions_is_in_the_metrics(champion: Champion) -> None:
    text = gauges(champion.model, None, {("shadow", "compared"): 3, ("canary", "failed"): 1})
    assert 'mixplan_challenger_questions_total{kind="shadow",outcome="compared"} 3.0' in text
    assert 'mixplan_challenger_questions_total{kind="canary",outcome="failed"} 1.0' in text


def test_orders_are_shadowed_too(champion: Champion, start: Start, folder: Path) -> None:
    traffic = start(shadow=1.0)
    traffic.answer("/reorder", ReorderRequest(stock=[StockLine(material_code="SR1", stock_kg=1.0)]), champion)
    finish(traffic)
    assert [line["path"] for line in lines(folder)] == ["/reorder"]
