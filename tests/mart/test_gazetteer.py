"""The gazetteer: every city and county has its region, every name one place, and a broken file one clear sentence."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from mixplan.config.mart import MartConfig
from mixplan.mart.gazetteer import GAZETTEER, GazetteerError, load_gazetteer

KNOWN = load_gazetteer(GAZETTEER)


def test_its_regions_are_those_of_the_mart(config: MartConfig) -> None:
    assert set(KNOWN.regions) == set(config.regions)


@pytest.mark.parametrize(
    ("region", "count", "elsewhere"),  # how many the Republic counts (2021), and those that the file keeps as ambiguous
    [
        ("서울", 25, {"강서", "중구"}),
        ("인천", 10, {"중구", "동구", "서구"}),
        ("대전광역시", 5, {"중구", "동구", "서구"}),
        ("대구광역시", 8, {"중구", "동구", "서구", "남구", "북구"}),
        ("부산광역시", 16, {"강서", "중구", "동구", "서구", "남구", "북구"}),
        ("울산광역시", 5, {"중구", "동구", "남구", "북구"}),
        ("경기도북부", 10, set()),
        ("경기도남부", 21, {"광주"}),
        ("강원도", 18, {"고성"}),
        ("충청북도", 11, set()),
        ("충청남도", 15, set()),
        ("전라북도", 14, set()),
        ("전라남도", 22, set()),
        ("경상북도", 23, {"군위"}),
        ("경상남도", 18, {"고성"}),
    ],
)
def test_cities_counties_and_districts_are_complete(region: str, count: int, elsewhere: set[str]) -> None:
    former = {"청원", "마산", "진해", "울릉도"}
    rows = [{name for name in names if name not in former} for names in KNOWN.regions[region]]
    assert count in [len(names | elsewhere) for names in rows]
    assert elsewhere <= set(KNOWN.ambiguous)


@pytest.mark.parametrize(
    ("site", "region"),
    [
        ("광주", "경기도남부"),
        ("광주시", "경기도남부"),
        ("광주광역시", "전라남도"),
        ("서울산", "울산광역시"),
        ("남원주", "강원도"),
        ("남원", "전라북도"),
        ("남양주", "경기도북부"),
        ("남양", "경기도남부"),
        ("회동동", "부산광역시"),
        ("인천2공장", "인천"),
        ("일산 현장", "경기도북부"),
        ("인천제철", ""),
        ("제주", ""),
        ("", ""),
    ],
)
def test_a_site_is_placed_by_whole_names_only(site: str, region: str) -> None:
    assert KNOWN.region_of(site) == region


def test_no_place_at_home_is_also_abroad() -> None:
    assert not [name for name in KNOWN.region_by_name if KNOWN.foreign.search(name)]


def test_a_gazetteer_cannot_change() -> None:
    with pytest.raises(ValidationError):
        KNOWN.remark_words = ()  # type: ignore[misc]


GOOD = "regions: {서울: [[송파]], 인천: [[송도]]}\nambiguous: {}\nabroad: []\nremark_words: []\n"


def test_empty_lists_fit_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "gazetteer.yaml"
    path.write_text(GOOD, encoding="utf-8")
    found = load_gazetteer(path)
    assert found.region_of("송도") == "인천"
    assert found.foreign.search("미얀마") is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (GOOD.replace("송도", "송파"), "송파 must stand once"),
        (GOOD.replace("송도", '""'), "a name is empty"),
        (GOOD.replace("ambiguous: {}", 'ambiguous: {광주: {region: 광주, note: ""}}'), "unknown regions 광주"),
        (GOOD.replace("abroad: []", "abroad: [[1]]"), "abroad.0.0: Input should be a valid string"),
        (GOOD.replace("abroad: []\n", ""), "abroad: Field required"),
        (GOOD + "more: []\n", "more: Extra inputs are not permitted"),
        ("regions: {", "this is not YAML in UTF-8"),
        ("", "Input should be an object"),
    ],
)
def test_a_broken_file_is_named_with_what_to_mend(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "gazetteer.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(GazetteerError) as refused:
        load_gazetteer(path)
    assert str(path) in str(refused.value)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_another_encoding_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "gazetteer.yaml"
    path.write_bytes(GOOD.encode("cp949"))
    with pytest.raises(GazetteerError, match="not YAML in UTF-8"):
        load_gazetteer(path)
    with pytest.raises(GazetteerError, match="no such gazetteer"):
        load_gazetteer(tmp_path / "absent.yaml")
