"""What is left beside the champion for services to try."""

from pathlib import Path

import pytest

from mixplan.promotion.challenger import CHALLENGER, keep_challenger
from mixplan.promotion.decide import Decision

PROMOTED, STAYS = Decision(True, "lightgbm beats ridge"), Decision(False, "ridge stays")
UNFIT = Decision(False, "ridge stays: the challenger must not be served", servable=False)


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    CHALLENGER.mkdir(parents=True)
    (CHALLENGER / "of_before").touch()


def fill(folder: Path) -> None:
    (folder / "winner").touch()


def left() -> list[str]:
    return sorted(path.name for path in CHALLENGER.rglob("*"))


@pytest.mark.parametrize(
    ("demand", "recommend", "expected"),
    [
        (STAYS, PROMOTED, ["winner"]),
        (STAYS, STAYS, ["winner"]),
        (PROMOTED, PROMOTED, []),
        (UNFIT, STAYS, []),
        (UNFIT, PROMOTED, []),
    ],
)
def test_a_challenger_is_left_where_one_stays_behind_and_may_be_served(
    demand: Decision, recommend: Decision, expected: list[str]
) -> None:
    keep_challenger({"demand": demand, "recommend": recommend}, fill)
    assert left() == expected


def test_a_challenger_that_cannot_be_written_leaves_the_one_of_before() -> None:
    def broken(folder: Path) -> None:
        fill(folder)
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        keep_challenger({"demand": STAYS}, broken)
    assert left() == ["of_before"]
