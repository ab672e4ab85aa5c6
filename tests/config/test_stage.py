"""How a stage starts and ends."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field, ValidationError

from mixplan.config.base import Candidate, MixplanError
from mixplan.config.params import Params
from mixplan.config.stage import run_stage

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _root_logger() -> Iterator[None]:
    """A stage sets the root logger up for its process."""
    level = logging.getLogger().level
    yield
    logging.getLogger().setLevel(level)


def test_a_stage_gets_typed_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    seen: list[Params] = []
    run_stage(seen.append)
    assert isinstance(seen[0], Params)


def test_a_mistake_ends_the_stage_with_its_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    def work(params: Params) -> None:
        raise MixplanError("no lots: check the export")

    with pytest.raises(SystemExit) as ended:
        run_stage(work)
    assert ended.value.code == "error: no lots: check the export"


def test_wrong_parameters_stop_the_stage_before_it_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    (tmp_path / "params.yaml").write_text(text.replace("horizon_weeks: 26", "horizon_weeks: soon"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match=r"^error: params\.yaml: evaluation\.horizon_weeks: "):
        run_stage(lambda _: pytest.fail("the stage ran"))


def test_a_programming_error_keeps_its_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(ZeroDivisionError):
        run_stage(lambda _: 1 // 0)  # type: ignore[arg-type,return-value]


class Half(Candidate):
    target: Literal["fractions.Fraction"] = Field(alias="_target_")
    numerator: int


def test_a_candidate_builds_its_target_with_its_hyper_parameters() -> None:
    half = Half.model_validate_json('{"_target_": "fractions.Fraction", "numerator": 1}')
    assert half.hyper_parameters() == {"numerator": 1}
    assert str(half.build(denominator=2)) == "1/2"


def test_only_the_class_that_is_named_can_be_imported() -> None:
    with pytest.raises(ValidationError):
        Half.model_validate_json('{"_target_": "os.system", "numerator": 1}')
