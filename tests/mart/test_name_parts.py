"""Names taken apart: every shape that the exports have, names composed at random, and no letter lost."""

import math
from collections import Counter

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mixplan.mart.gazetteer import GAZETTEER, load_gazetteer
from mixplan.mart.name_parts import parse_rest
from mixplan.mart.product_names import parse_names

PRODUCTS = ["PEMA-HR1000", "PEMA-HR1000F", "PEMA-PR1000", "PEMA-PR10001", "PEMA-SR2000", "PEMA-SR2000A", "PEMA-SR3000F"]
PRODUCTS += ["PEMA-SR5000F", "PEMA-HR1500", "CSA4000", "CSA5000", "ARE-580FX", "SRE-110", "AE", "PR1000"]
KNOWN = load_gazetteer(GAZETTEER)

SHAPES = [
    ("PEMA-HR1000가야(인천)", "PEMA-HR1000", "가야", "인천", "인천", ""),
    ("CSA5000 은성(천안)", "CSA5000", "은성", "천안", "충청남도", ""),
    ("AE천마(서울)", "AE", "천마", "서울", "서울", ""),
    ("PEMA-SR3000F 슬럼프용 성진도시(화성)", "PEMA-SR3000F", "성진도시", "화성", "경기도남부", "슬럼프용"),
    ("PEMA-SR3000F슬럼프용성진(인천)", "PEMA-SR3000F", "성진", "인천", "인천", "슬럼프용"),
    ("PEMA-HR1000F/A우경(진주)", "PEMA-HR1000F", "우경", "진주", "경상남도", "F/A"),
    ("PEMA-HR1000F/A15%창원(창원)", "PEMA-HR1000F", "창원", "창원", "경상남도", "F/A15%"),
    ("PEMA-HR1000F/A (15%) 창원(창원)", "PEMA-HR1000F", "창원", "창원", "경상남도", "F/A 15%"),
    ("CSA5000대양(양산)F/A", "CSA5000", "대양", "양산", "경상남도", "F/A"),
    ("PEMA-HR1500쌍용(서부산-신평)", "PEMA-HR1500", "쌍용", "서부산-신평", "부산광역시", ""),
    ("PEMA-SR5000F강남건영(여주2)", "PEMA-SR5000F", "강남건영", "여주2", "경기도남부", ""),
    ("PEMA-HR1000대원(군산한전주)", "PEMA-HR1000", "대원", "군산", "전라북도", "한전주"),
    ("CSA5000청주금성", "CSA5000", "청주금성", "", "", ""),
    ("PEMA-HR1000현림수로용", "PEMA-HR1000", "현림", "", "", "수로용"),
    ("PEMA-SR2000에스지이(인천)구.경인", "PEMA-SR2000", "에스지이", "인천", "인천", "구.경인"),
    ("PEMA-SR2000A 에스지이(인천) 구.경인", "PEMA-SR2000A", "에스지이", "인천", "인천", "구.경인"),
    ("PEMA-SR5000F동서(부산)-저점성", "PEMA-SR5000F", "동서", "부산", "부산광역시", "저점성"),
    ("CSA4000(PCA)태명실업(이천)", "CSA4000", "태명실업", "이천", "경기도남부", "PCA"),
    ("PR1000(AJU-4000PR)아주(가좌)_미얀마", "PR1000", "아주", "가좌", "인천", "AJU-4000PR 미얀마"),
    ("PEMA-HR1000가야(남구)", "PEMA-HR1000", "가야", "남구", "", ""),
    ("PEMA-HR1000가야(인천", "PEMA-HR1000", "가야", "", "", "인천"),
    ("가야(인천)", None, "", "", "", ""),
]


def parsed(name: str) -> pd.Series:
    return parse_names(pd.Series([name], dtype=object), PRODUCTS, KNOWN).iloc[0]


@pytest.mark.parametrize(("name", "product", "customer", "site", "region", "remark"), SHAPES)
def test_a_name_comes_apart(name: str, product: str | None, customer: str, site: str, region: str, remark: str) -> None:
    found = parsed(name)
    assert [found["product"], found["customer_text"], found["site_text"]] == [product, customer, site]
    assert [found["region"], found["remark"], found["is_export"]] == [region, remark, False]
    assert math.isnan(found["strength_pct"])


@pytest.mark.parametrize(
    ("name", "customer", "site", "remark"),
    [
        ("ARE-580FX크로아티아P", "", "크로아티아", "P"),
        ("SRE-110콜롬비아", "", "콜롬비아", ""),
        ("SRE-110 아주_미얀마", "아주", "미얀마", ""),
        ("SRE-110아주(베트남 하노이)급", "아주", "베트남 하노이", "급"),
    ],
)
def test_a_site_abroad_has_no_region(name: str, customer: str, site: str, remark: str) -> None:
    found = parsed(name)
    assert [found["customer_text"], found["site_text"], found["remark"]] == [customer, site, remark]
    assert found["is_export"]
    assert found["region"] == ""


@pytest.mark.parametrize("customer", ["대만산업", "새인도"])
def test_a_company_whose_name_holds_a_country_is_no_site_abroad(customer: str) -> None:
    found = parsed(f"SRE-110{customer}")
    assert [found["customer_text"], found["site_text"], found["is_export"]] == [customer, "", False]


@pytest.mark.parametrize(
    ("name", "product", "strength"),
    [
        ("ARE-580FX(50%)크로아티아P", "ARE-580FX", 50.0),
        ("PEMA-PR10001.5%아이에스(청양)", "PEMA-PR10001", 1.5),
        ("PEMA-SR2000 1.5% 아이에스(청양)", "PEMA-SR2000", 1.5),
        ("AE가야(인천)(12.5 %)", "AE", 12.5),
        ("CSA5000F/A15%가야(인천)(40%)", "CSA5000", 40.0),
    ],
)
def test_strength_is_read(name: str, product: str, strength: float) -> None:
    found = parsed(name)
    assert found["product"] == product
    assert found["strength_pct"] == strength
    assert "50%" not in found["remark"]


@pytest.mark.parametrize(
    ("product", "brand", "grade"),
    [
        ("PEMA-HR1000F", "PEMA", "HR1000F"),
        ("ARE-580FX", "ARE", "580FX"),
        ("CSA5000", "CSA", "5000"),
        ("PEMA-CSA5000", "PEMA", "CSA5000"),
        ("AE", "AE", ""),
        ("PEMA-SPR", "PEMA", "SPR"),
        ("500FR", "", "500FR"),
        ("혼화제 A", "", "혼화제 A"),
    ],
)
def test_brand_is_the_letters_before_the_grade(product: str, brand: str, grade: str) -> None:
    found = parse_names(pd.Series([product], dtype=object), [product], KNOWN).iloc[0]
    assert [found["brand"], found["grade"]] == [brand, grade]


def test_the_index_is_kept_even_where_it_repeats() -> None:
    names = pd.Series(["AE가야(인천)", "water", "AE가야(인천)"], index=[7, 7, 3], dtype=object)
    found = parse_names(names, PRODUCTS, KNOWN)
    assert found.index.tolist() == [7, 7, 3]
    assert found["product"].tolist() == ["AE", None, "AE"]
    assert found["region"].tolist() == ["인천", "", "인천"]


def test_no_names_and_no_products_still_have_the_columns() -> None:
    none = parse_names(pd.Series([], dtype=object), PRODUCTS, KNOWN)
    assert [none.dtypes["is_export"].kind, none.dtypes["strength_pct"].kind] == ["b", "f"]
    assert parse_names(pd.Series(["AE"], dtype=object), [], KNOWN)["product"].tolist() == [None]


def _sites() -> dict[str, str]:
    """Every name of the file and its region, read with nothing of the parser."""
    content = yaml.safe_load(GAZETTEER.read_text(encoding="utf-8"))
    sites = {name: region for region, rows in content["regions"].items() for row in rows for name in row}
    return sites | {name: entry["region"] for name, entry in content["ambiguous"].items()}


SITES = _sites()
CUSTOMERS = st.text("가야한빛성진우경쌍용라온", min_size=1, max_size=6)
FIRM = ["PEMA-SR2000", "PEMA-SR2000A", "CSA5000", "AE", "SRE-110"]


@given(
    product=st.sampled_from(FIRM),
    mark=st.sampled_from(["", "(PCA)", "F/A", "F/A15%", "슬럼프용", "공기량낮은TYPE"]),
    strength=st.none() | st.integers(0, 100),
    customer=CUSTOMERS,
    site=st.none() | st.sampled_from(sorted(SITES)),
    suffix=st.sampled_from(["", "2", "-1", "B"]),
    remark=st.sampled_from(["", "F/A", "구.경인", "1팀", "저가용", "P"]),
    gap=st.sampled_from(["", " ", "  "]),
)
def test_composed_names_parse_back(
    product: str,
    mark: str,
    strength: int | None,
    customer: str,
    site: str | None,
    suffix: str,
    remark: str,
    gap: str,
) -> None:
    place = "" if site is None else site + suffix
    where, tail = (f"({place})", f"-{remark}" if remark else "") if place else ("", "")
    per_cent = "" if strength is None else f"({strength}%)"
    between = " " if mark.startswith("F/A") else ""  # a per cent that touches F/A is the ash's
    found = parsed(f"{product}{gap}{per_cent}{between}{mark}{gap}{customer}{gap}{where}{gap}{tail}")
    assert [found["product"], found["customer_text"], found["site_text"]] == [product, customer, place]
    assert found["region"] == ("" if site is None else SITES[site])
    assert found["remark"] == " ".join(filter(None, [mark.strip("()"), tail.strip("-")]))
    assert math.isnan(found["strength_pct"]) if strength is None else found["strength_pct"] == strength


@given(st.text("가천인시미얀마슬럼프용F/A50%1.()-_ P", max_size=16))
def test_no_letter_is_lost(rest: str) -> None:
    found = parse_rest("AE", rest, KNOWN)
    texts = found.customer_text + found.site_text + found.remark
    assert Counter(filter(str.isalpha, texts)) == Counter(filter(str.isalpha, rest))
    assert bool(found.region) <= bool(found.site_text)
    assert not (found.is_export and found.region)
