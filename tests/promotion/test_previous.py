"""The way back to the champion before."""

import shutil
from pathlib import Path

import pytest

from mixplan.artifacts.champion import ChampionError, Manifest, Winner, read_champion, write_manifest
from mixplan.artifacts.files import replace_folder
from mixplan.promotion.decide import Contender
from mixplan.promotion.previous import CHAMPION, PREVIOUS, current, keep_previous, roll_back, rollbacks, taken_back

WHEN = "2024-07-01T06:00:00+00:00"


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def promote(candidate: str, data_version: str = "d1") -> Manifest:
    """As the stage does it."""
    champion = current()
    with replace_folder(CHAMPION) as folder:
        (folder / "demand").mkdir()
        (folder / "demand/model.json").write_text(candidate)
        winners = {"demand": Winner(candidate=candidate, metrics={}, chosen_by={})}
        manifest = write_manifest(folder, data_version, winners)
        keep_previous(champion, manifest, winners)
    return manifest


def promote_customers() -> Manifest:
    """A run that keeps the forecast and makes another task anew."""
    champion = read_champion(CHAMPION)
    with replace_folder(CHAMPION) as folder:
        shutil.copytree(CHAMPION / "demand", folder / "demand")
        (folder / "customers").mkdir()
        (folder / "customers/segments.json").write_text("{}")
        customers = Winner(candidate="k_means", metrics={}, chosen_by={})
        manifest = write_manifest(folder, "d1", {**champion.tasks, "customers": customers})
        keep_previous(champion, manifest, [])
    return manifest


def test_the_first_champion_has_none_before_it() -> None:
    promote("ridge")
    with pytest.raises(ChampionError, match="nothing to go back to"):
        roll_back("kim", WHEN, "doubled")
    assert rollbacks() == []


def test_rollback_exchanges_the_two_and_again_undoes_it() -> None:
    one, two = promote("ridge"), promote("lasso")
    done, manifest = roll_back("kim", WHEN, "doubled")
    assert (done.version, done.restored, done.who, done.why) == (two.version, one.version, "kim", "doubled")
    assert (read_champion(CHAMPION), read_champion(PREVIOUS), manifest) == (one, two, one)
    roll_back("lee", WHEN, "it was right")
    assert (read_champion(CHAMPION), read_champion(PREVIOUS)) == (two, one)
    assert [entry.who for entry in rollbacks()] == ["kim", "lee"]


def test_a_run_in_between_that_changes_no_champion_leaves_the_way_forward() -> None:
    promote("ridge")
    two = promote("lasso")
    roll_back("kim", WHEN, "doubled")
    refreshed = promote_customers()
    assert read_champion(PREVIOUS) == two
    roll_back("lee", WHEN, "it was right")
    assert (read_champion(CHAMPION), read_champion(PREVIOUS)) == (two, refreshed)


def test_the_same_champion_again_keeps_the_one_before() -> None:
    one = promote("ridge")
    promote("lasso")
    promote("lasso")
    assert read_champion(PREVIOUS) == one


def test_a_kept_champion_that_was_changed_is_not_served() -> None:
    promote("ridge")
    two = promote("lasso")
    (PREVIOUS / "demand/model.json").write_text("other")
    with pytest.raises(ChampionError, match="not the file that was promoted"):
        roll_back("kim", WHEN, "doubled")
    assert read_champion(CHAMPION) == two


def test_a_broken_champion_is_replaced_by_the_one_before() -> None:
    one = promote("ridge")
    promote("lasso")
    (CHAMPION / "demand/model.json").unlink()
    roll_back("kim", WHEN, "gone")
    assert read_champion(CHAMPION) == one
    assert read_champion(PREVIOUS) == one


def test_what_people_took_back_is_not_promoted_again_on_the_same_data() -> None:
    promote("ridge", "d0")
    promote("lasso")
    challenger = Contender("lasso", "d1", 1.0)
    assert taken_back("demand", challenger, current()) is None
    roll_back("kim", WHEN, "doubled")
    decision = taken_back("demand", challenger, current())
    assert decision is not None
    assert not decision.promote
    assert decision.reason == "ridge stays: kim took lasso on d1 back on 2024-07-01 (doubled)"
    promote_customers()
    assert taken_back("demand", challenger, current()) == decision
    assert taken_back("demand", Contender("ridge", "d1", 1.0), current()) is None
    assert taken_back("demand", Contender("lasso", "d2", 1.0), current()) is None


def test_a_rollback_that_was_undone_refuses_nothing() -> None:
    promote("ridge", "d0")
    promote("lasso")
    roll_back("kim", WHEN, "doubled")
    roll_back("kim", WHEN, "it was right")
    assert taken_back("demand", Contender("lasso", "d1", 1.0), current()) is None


def test_nothing_is_kept_of_a_champion_that_is_gone() -> None:
    promote("ridge")
    shutil.rmtree(CHAMPION)
    promote("lasso")
    assert not PREVIOUS.exists()
