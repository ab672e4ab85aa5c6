"""The page: right numbers, right words, sound markup."""

import re
from collections import Counter
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mixplan.report.evidence import parts_board
from mixplan.report.inputs import ReportError, read_results
from mixplan.report.page import render_page, write_page

VOID = {"meta", "br", "img", "link", "hr"}
Change = Callable[[str, Callable[[Any], Any]], None]


class Markup(HTMLParser):
    """Elements and text; fails where an element is closed that is not open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and data.strip():
            self.texts.setdefault(self.open[-1], []).append(data.strip())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def page(root: Path) -> str:
    return render_page(read_results(root), 0.8)


def plain_text(html: str) -> str:
    """What a reader sees outside of pictures, with single spaces."""
    without = re.sub(r"(?s)<(svg|style)\b.*?</\1>|<[^>]+>", " ", html)
    return re.sub(r"[\s\xa0]+", " ", unescape(without))


def test_the_headline_says_what_can_be_added_up_by_hand(usual_page: str) -> None:
    text = plain_text(usual_page)
    assert "Plan of 1 July 2024" in text
    # Two weeks of 1.6 + 0.8 t are 4.8 t; last year the same two weeks had 2 + 1 t each.
    assert "Demand, next 2 weeks 5 t 20.0% less than in the same weeks of last year (6 t)" in text
    # 1 + 2 + 3 t in the first week; 1 t at 1000 and 2 t at 2000 a kilogram are 1 + 4 million; the third has no price.
    assert (
        "Orders to place this week 3 6 t of materials; about KRW 5.0 million and 1 without a known price; 2 to speed"
        in text
    )
    assert (
        "Fill rate of materials 97.7% 6 t in stock at KRW 3.0 million, ordered by forecast cover 0.98 in the last "
        "weeks, which chose no policy; by the plant's own rule 99.3%, 10 t in stock at KRW 4.5 million" in text
    )
    assert "On the worst day 12.5% of them lack some." in text
    assert "Customers at risk 1 of 3" in text


def test_every_leaderboard_marks_its_winner_and_the_baselines(usual_page: str) -> None:
    text = plain_text(usual_page)
    # RMSE in tonnes, shares in per cent; the same for 3 and 6 months in these metrics.
    assert "lightgbm winner 12.3% 12.3% 12.3 12.3 0.877 0.877 +3.1% +3.1%" in text
    assert "planner baseline 43.2% 43.2% 45.6 45.6 0.568 0.568 +10.8% +10.8%" in text
    assert "Candidate Wins R² 1d R² 2-42d gru 1d 0.910 0.850 climatology 2-42d 0.870 0.860" in text
    assert "climatology 1-42d 0.310 gru 0.300" in text
    assert "knn winner 0.555 0.500 3 0.512 62.5% 75.0% 0.400" in text
    assert "popularity baseline 0.666" in text
    assert "forecast cover 0.98 winner 98.8% 3 5.0 10.0 1.5 40 7 11 6.0" in text
    assert "max minus mean baseline 99.1% 3 9.0 18.0 1.5 40 7 11 9.0" in text
    assert (
        "40 weeks from 3 July 2023, with lightgbm forecasts. With the planners' own forecasts the plant's own rule "
        "(max minus mean) would have served 95.4%, with 7 t in stock at KRW 8.1 million." in text
    )
    assert text.index("Temperature, °C Candidate") < text.index("Humidity, % Candidate")


def test_the_winners_rows_are_the_marked_ones(usual_page: str) -> None:
    rows = re.findall(r'(?s)<tr class="winner">\s*<th scope="row">(.*?)</th>', usual_page)
    assert rows == ["lightgbm", "lightgbm", "logistic", "knn", "forecast cover 0.98"]


def test_scores_of_the_last_weeks_stand_beside_those_of_the_choice(usual_page: str) -> None:
    text = plain_text(usual_page)
    assert "Score When chosen Last weeks Seasonal naive there Planner there" in text
    assert "WAPE 3m 12.3% 23.7% 29.9% 34.6%" in text
    assert "RMSE 6m, t 12.3 13.4 17.2 19.1" in text
    assert "Temperature, °C R² 0.890 0.777" in text
    assert "Humidity, % R² 0.310 0.222" in text
    assert "Recommendations RMSE 0.555 0.567" in text
    assert "its first three months were 5.9% too high in all, and 23.7% off product by product" in text
    assert "the year before would have been 29.9% off, the planners' rule 34.6%." in text.replace("\u2019", "'")


def test_the_winner_is_shown_apart_and_held_against_baselines(usual_page: str) -> None:
    text = plain_text(usual_page)
    assert "Demand apart: lightgbm, all six months" in text
    assert "A: largest 12.3% 12.3 0.877 +3.1%" in text
    assert "Is the lead more than luck?" in text
    assert "planner +37.5% +150.0% +25.0% and +275.0% 0.031" in text


def test_days_on_which_nobody_pours_are_expected_and_held_against_the_usual_year(usual_page: str) -> None:
    text = plain_text(usual_page)
    assert "Week from Too cold: temperature below 4 °C 1 July 0.2 8 July 0.2" in text.replace("\xa0", " ")
    assert "Too cold: temperature below 4 °C 1d 17.0% 0.035 0.059 43.0% 0.001" in text
    assert text.index("below 4 °C 1d") < text.index("below 4 °C 2-42d")


def test_the_page_says_where_the_usual_year_is_as_good_as_anything(usual_page: str) -> None:
    assert "so that climatology forecasts: temperature 2-42d; humidity 1-42d." in plain_text(usual_page)


def test_parts_add_up_to_the_forecast_and_small_ones_are_put_together() -> None:
    parts = pd.DataFrame(
        [
            (product, month, f"part_{number}", 1000.0 * number * month)
            for product in ("A", "B")
            for month in (1, 2)
            for number in range(1, 11)
        ],
        columns=["product", "month", "part", "contribution_kg"],
    )
    board = parts_board(parts)
    assert board.header == ("Part", "Month 1, t", "Month 2, t")
    assert board.rows[0] == ("part 10", "20.0", "40.0")
    assert [row[0] for row in board.rows[-2:]] == ["others", "forecast"]
    assert board.rows[-2:] == (("others", "6.0", "12.0"), ("forecast", "110.0", "220.0"))


def test_what_moves_the_forecast_stands_below_it(usual_page: str) -> None:
    assert "Part Month 1, t Month 2, t level 30.0 32.0 growth -5.0 1.0 forecast 25.0 33.0" in plain_text(usual_page)


def test_regions_are_held_against_the_countrys_forecast(usual_page: str) -> None:
    text = plain_text(usual_page)
    assert "Temperature, °C 1d 2.000 1.500 +25.0% Temperature, °C 2-42d 3.000 2.500 +16.7%" in text


def test_what_an_oracle_would_score_is_marked_as_such(usual_page: str) -> None:
    text = plain_text(usual_page)
    assert "If lightgbm had known the drivers" in text
    assert "nothing: as forecast 12.3% 12.3% 12.3 12.3 all drivers 11.1%" in text
    assert "weather 12.0%" in text
    assert "and chose nothing" in text


def test_forecasts_that_were_planned_with_are_held_against_what_came(
    usual_page: str, root: Path, change_json: Change
) -> None:
    assert "2024-05-06 lightgbm 1 20.0% 7.7 +5.0% 25.0% +20.0%" in plain_text(usual_page)
    change_json("vintages", lambda vintages: vintages | {"scored": []})
    assert "No month of a forecast that was planned with is over yet." in plain_text(page(root))
    assert "What came of the forecasts" not in plain_text(page(root))


def test_planners_own_numbers_are_shown_where_there_are_some(usual_page: str, root: Path, change_json: Change) -> None:
    assert "Planners' own" not in usual_page
    own = {"wape": 0.345, "rmse": 78_900.0, "r2": 0.456, "bias": -0.067, "mae": 1.0}
    change_json("demand", lambda demand: demand | {"planners_own": own})
    assert "calendar month: WAPE 34.5%, RMSE 78.9 t, R² 0.456, bias -6.7%." in plain_text(page(root))


def test_orders_and_customers_at_risk_are_listed_with_their_reasons(usual_page: str) -> None:
    text = plain_text(usual_page)
    assert "Purchase orders of the plan: all 7" in text
    assert "M0 사용수 S 1.0 2024-07-01 2024-07-04 1 day: 9 receipts from S covers reason 0: use 9 t" in text
    assert "M2 S 3.0 2024-07-01" in text
    assert "Customers at risk: all 1" in text
    assert (
        "C3 Gamma Ltd 87.5% KRW 0.0 million KRW 0.0 million to KRW 2.0 million low value, infrequent, not recent "
        "last order 90 days ago Call them." in text
    )
    assert "한빛건설" not in text


def test_nothing_to_order_and_nobody_at_risk_are_said_so(root: Path, change_table: Change, change_json: Change) -> None:
    change_table("plan/purchase_orders", lambda orders: orders.head(0))
    change_table("customers", lambda customers: customers.assign(at_risk=False))
    change_json("customers", lambda metrics: metrics | {"at_risk": 0.0})
    text = plain_text(page(root))
    assert "Orders to place this week 0 stock and open orders are enough" in text
    assert "Nothing to order" in text
    assert "Customers at risk 0 of 3 all keep their usual rhythm" in text


def test_the_account_of_every_table_is_there(usual_page: str) -> None:
    text = plain_text(usual_page)
    assert "Sales 4,321 4,300 14 0 7 corrected: unit 14; left out: unknown region 7" in text
    assert "The source has no planner forecasts, snow." in text
    assert "Data da7a00000001 , champion c0ffee123456" in text


def test_stock_that_was_never_counted_is_a_warning(usual_page: str, root: Path, change_table: Change) -> None:
    assert "Stock was never counted for 1 of 2 materials" in usual_page
    change_table("plan/projected_stock", lambda stock: stock.assign(stock_source="counted 2024-06-30"))
    assert "never counted" not in page(root)


def test_what_the_plan_leaves_open_is_shown(root: Path, change_table: Change) -> None:
    gap = {"kind": ["product"], "code": ["C"], "quantity_kg": [1500.0], "reason": ["it has no recipe"]}
    assert "Left open by the plan" not in page(root)
    change_table("plan/unplanned", lambda _: pd.DataFrame(gap))
    assert "Left open by the plan: all 1 What Tonnes Why product C 1.5 it has no recipe" in plain_text(page(root))


def test_a_hostile_name_stays_text(root: Path, change_table: Change) -> None:
    hostile = "<script>alert('x')</script><img src=x onerror=\"alert(1)\">&amp;"
    change_table("mart/customers/all", lambda rows: rows.assign(customer_name=hostile))
    change_table("mart/materials/all", lambda rows: rows.assign(material_name=hostile))
    change_table("customers", lambda rows: rows.assign(segment_profile=f'"{hostile}', action=hostile))
    html = page(root)
    markup = Markup(html)
    assert not markup.all("script")
    assert not markup.all("img")
    assert f"C3 {hostile}" in markup.texts["th"]
    assert hostile in markup.texts["td"]
    assert not [name for _, attributes in markup.elements for name in attributes if name.startswith("on")]


def test_the_page_is_sound_and_asks_nothing_of_the_network(usual_page: str) -> None:
    markup = Markup(usual_page)
    assert usual_page.startswith("<!DOCTYPE html>")
    assert markup.all("html") == [{"lang": "en"}]
    policy = next(meta for meta in markup.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy["content"].startswith("default-src 'none'")
    assert not markup.all("script")
    assert not markup.all("link")
    addresses = [value for _, attributes in markup.elements for name, value in attributes.items() if "href" in name]
    ids = Counter(attributes["id"] for _, attributes in markup.elements if "id" in attributes)
    assert max(ids.values()) == 1
    assert {address[0] for address in addresses} == {"#"}
    assert {address[1:] for address in addresses} <= set(ids)
    assert set(re.findall(r"url\(([^)]*)\)", usual_page)) <= {f"#{name}" for name in ids}
    assert set(re.findall(r'https?://[^"\s]+', usual_page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_every_picture_and_table_has_words(usual_page: str) -> None:
    markup = Markup(usual_page)
    pictures = markup.all("svg")
    assert len(pictures) == 12
    assert all(picture["role"] == "img" and len(picture["aria-label"]) > 40 for picture in pictures)
    assert len(markup.all("figure")) == len(markup.all("figcaption")) == 6
    assert len(markup.all("table")) == len(markup.all("caption")) == 22
    assert {header["scope"] for header in markup.all("th")} == {"col", "row"}
    drawn = "".join(re.findall(r"(?s)<svg.*?</svg>", usual_page))
    assert not re.search("[\uac00-\ud7a3]", drawn)


def test_equal_results_in_another_folder_make_equal_bytes(usual_page: str, root: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "new/index.html", read_results(root), 0.8)
    written = (tmp_path / "new/index.html").read_bytes()
    assert written == usual_page.encode()
    assert b"<metadata" not in written
    assert len(written) < 300_000


@pytest.mark.parametrize(
    "name",
    [
        "metrics/promote.json",
        "data/plan/policy.parquet",
        "data/customers.parquet",
        "predictions/demand/lightgbm.parquet",
    ],
)
def test_a_missing_file_is_named(root: Path, name: str) -> None:
    (root / name).unlink()
    with pytest.raises(ReportError, match=rf"{name} is missing.*make demo"):
        read_results(root)
