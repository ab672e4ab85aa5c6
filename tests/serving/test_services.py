"""The services as Python objects."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from bentoml.exceptions import InvalidArgument, NotFound

import serving.forecast
from mixplan.artifacts.champion import ChampionError, Winner, read_champion, write_manifest
from mixplan.artifacts.files import read_parquet, write_parquet
from mixplan.client.schemas import (
    ExplainRequest,
    ForecastRequest,
    OpenOrderLine,
    RecommendRequest,
    ReorderRequest,
    StockLine,
)
from mixplan.demand.backtest import forecast
from mixplan.demand.features import FeatureBuilder
from serving.champion import open_task
from serving.forecast import Forecast, Forecasts
from serving.recommend import Recommend
from serving.reorder import Reorder
from serving.service import Mixplan
from serving.whole import Champion

ORIGIN = pd.Timestamp("2024-07-01")
ALL = ("부산광역시", "서울")


def rows_of(answer: Any) -> pd.DataFrame:
    return pd.DataFrame([row.model_dump() for row in answer.rows])


def stock(**kilograms: float) -> list[StockLine]:
    return [StockLine(material_code=code, stock_kg=kg) for code, kg in kilograms.items()]


def test_a_served_forecast_is_the_backtests_forecast(champion: Any) -> None:
    answer = Forecast().forecast(ForecastRequest(weeks=26))
    expected = forecast(champion.models["ridge"], champion.builder, ORIGIN, 26)
    served = rows_of(answer)
    assert served["product"].tolist() == expected["product"].tolist()
    assert [pd.Timestamp(day) for day in served["week_start"]] == expected["week"].tolist()
    assert served["quantity_kg"].tolist() == pytest.approx(expected["prediction_kg"].tolist(), rel=1e-12)
    assert served["lower_kg"].tolist() == pytest.approx(expected["lower_kg"].tolist(), rel=1e-12)
    assert served["upper_kg"].tolist() == pytest.approx(expected["upper_kg"].tolist(), rel=1e-12)
    assert answer.origin == date(2024, 7, 1)
    assert answer.interval == 0.8


def test_a_row_that_is_served_is_the_row_that_trains_once_its_weeks_are_over(champion: Any) -> None:
    """The same origin four weeks later, when the mart holds what was sold: no feature has moved."""
    folder = champion.folder / "demand"
    later = champion.builder.history.copy()
    for week in range(4):
        later.loc[ORIGIN + pd.Timedelta(weeks=week)] = 1e6 + week
    builder = FeatureBuilder(
        later,
        read_parquet(folder / "drivers.parquet"),
        read_parquet(folder / "observed.parquet"),
        "KR",
        read_parquet(folder / "recipes.parquet"),
        read_parquet(folder / "purchases.parquet"),
    )
    trained = builder.training_rows(pd.DatetimeIndex([ORIGIN]), 26, ORIGIN + pd.Timedelta(weeks=4))
    served = Forecasts().features
    served = served[served["horizon_weeks"] <= 4].reset_index(drop=True)
    assert len(trained) == 3 * 4
    columns = [*champion.models["ridge"].features, "level_kg", "product", "horizon_weeks"]
    pd.testing.assert_frame_equal(served[columns], trained[columns], check_exact=True)


def test_the_planners_forecast_is_the_mean_of_the_last_13_weeks(
    planner_plant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIXPLAN_CHAMPION", str(planner_plant.folder))
    served = rows_of(Forecast().forecast(ForecastRequest(weeks=13)))
    history = planner_plant.builder.history
    for product in ("grout", "paste", "선행제"):
        last = list(history[product])[-13:]
        of_product = served[served["product"] == product]
        assert of_product["quantity_kg"].tolist() == pytest.approx([sum(last) / 13] * 13)
    assert (served["lower_kg"] <= served["quantity_kg"]).all()
    assert (served["quantity_kg"] <= served["upper_kg"]).all()
    assert (served["lower_kg"] < served["upper_kg"]).all()


def test_no_more_weeks_than_the_champion_forecasts(planner_plant: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIXPLAN_CHAMPION", str(planner_plant.folder))
    with pytest.raises(InvalidArgument, match="weeks: The champion forecasts 13 weeks"):
        Forecast().forecast(ForecastRequest(weeks=14))


def test_regions_share_the_plants_forecast(champion: Any) -> None:
    service = Forecast()
    of_plant = rows_of(service.forecast(ForecastRequest(weeks=4)))
    of_regions = rows_of(service.forecast(ForecastRequest(weeks=4, regions=[*ALL])))
    assert len(of_regions) == 2 * len(of_plant)
    share = {(row.product, row.region): row.share for row in champion.shares.itertuples()}
    plant = {(row.product, row.week_start): row for row in of_plant.itertuples()}
    for row in of_regions.itertuples():
        whole, part = plant[row.product, row.week_start], share.get((row.product, row.region), 0.0)
        assert row.quantity_kg == pytest.approx(part * whole.quantity_kg)
        upper = part * whole.quantity_kg + part**0.5 * (whole.upper_kg - whole.quantity_kg)
        assert row.upper_kg == pytest.approx(upper)
        assert 0 <= row.lower_kg <= row.quantity_kg


def test_quantiles_that_were_asked_for_rise_with_their_level(champion: Any) -> None:
    rows = Forecast().forecast(ForecastRequest(weeks=5, quantiles=[0.9, 0.1, 0.5, 0.1])).rows
    expected = forecast(champion.models["ridge"], champion.builder, ORIGIN, 5, [0.1, 0.5, 0.9])
    for row, own in zip(rows, expected.itertuples(), strict=True):
        assert row.quantiles is not None
        assert [quantile.level for quantile in row.quantiles] == [0.1, 0.5, 0.9]
        found = [quantile.quantity_kg for quantile in row.quantiles]
        assert found == sorted(found)
        assert found == pytest.approx([own.q10_kg, own.q50_kg, own.q90_kg])
    plain = Forecast().forecast(ForecastRequest(weeks=5))
    assert all(row.quantiles is None for row in plain.rows)
    assert plain.explanation is None


def test_quantiles_of_regions_narrow_with_the_root_of_their_share(champion: Any) -> None:
    whole = Forecast().forecast(ForecastRequest(weeks=1, products=["grout"], quantiles=[0.2])).rows[0]
    part = Forecast().forecast(ForecastRequest(weeks=1, products=["grout"], regions=["서울"], quantiles=[0.2])).rows[0]
    assert whole.quantiles is not None
    assert part.quantiles is not None
    below = whole.quantity_kg - whole.quantiles[0].quantity_kg
    assert part.quantiles[0].quantity_kg == pytest.approx(0.75 * whole.quantity_kg - 0.75**0.5 * below)


def test_a_page_has_so_many_quantiles_at_most_and_pages_make_up_the_whole(
    champion: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three products, two regions and four weeks are 24 rows; of two levels, seven quantiles are three rows."""
    service = Forecast()
    asked = ForecastRequest(weeks=4, regions=[*ALL], quantiles=[0.1, 0.9])
    whole = rows_of(service.forecast(asked))
    assert len(whole) == 24
    monkeypatch.setattr("serving.forecast.MOST_QUANTILES", 7)
    offsets, pages = [0], []
    while offsets[-1] is not None:
        page = service.forecast(asked.model_copy(update={"offset": offsets[-1]}))
        assert page.total_rows == 24
        offsets.append(page.next_offset)
        pages.append(rows_of(page))
    assert offsets == [*range(0, 24, 3), None]
    pd.testing.assert_frame_equal(pd.concat(pages, ignore_index=True), whole)
    assert len(service.forecast(asked.model_copy(update={"limit": 2})).rows) == 2
    assert service.forecast(asked.model_copy(update={"offset": 24})).rows == []


def test_a_small_page_takes_little_work(champion: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Quantiles are made, and regions divided, for the rows of the page alone."""
    forecasts, made, divided = Forecasts(), [], []
    predict, divide = forecasts.demand.predict, serving.forecast.of_region
    monkeypatch.setattr(
        forecasts.demand, "predict", lambda rows, levels: made.append(len(rows)) or predict(rows, levels)
    )
    monkeypatch.setattr("serving.forecast.of_region", lambda *given: divided.append(given) or divide(*given))
    levels = [level / 100 for level in range(1, 100)]
    page = forecasts.answer(ForecastRequest(weeks=26, regions=[*ALL], quantiles=levels, limit=2, offset=50))
    assert [(row.product, row.region, row.week_start) for row in page.rows] == [
        ("grout", "서울", date(2024, 12, 16)),
        ("grout", "서울", date(2024, 12, 23)),
    ]
    assert (made, len(divided)) == ([2], 2)


def test_the_parts_of_a_month_add_up_to_its_forecast(champion: Any) -> None:
    answer = Forecast().forecast(ForecastRequest(weeks=14, products=["grout", "paste"], explain=True))
    assert answer.explanation is not None
    parts = pd.DataFrame([part.model_dump() for part in answer.explanation])
    assert sorted(set(parts["month"])) == [1, 2, 3]
    served = rows_of(answer)
    for product in ("grout", "paste"):
        first = served[served["product"] == product]["quantity_kg"].iloc[:4].sum()
        own = parts[(parts["product"] == product) & (parts["month"] == 1)]
        assert own["contribution_kg"].sum() == pytest.approx(first)
        assert {"level", "own_season", "curve", "growth"} <= set(own["part"])


def test_only_the_products_and_weeks_that_were_asked_for(champion: Any) -> None:
    answer = Forecast().forecast(ForecastRequest(weeks=2, products=["paste", "paste"]))
    served = [(row.product, row.region, row.week_start) for row in answer.rows]
    assert served == [("paste", None, date(2024, 7, 1)), ("paste", None, date(2024, 7, 8))]


@pytest.mark.parametrize(
    ("request_", "named"),
    [
        (ForecastRequest(weeks=1, products=["paste", "mortar"]), r"products\[1\]: 'mortar'"),
        (ForecastRequest(weeks=1, products=["retired"]), r"products\[0\]: 'retired' has no sales in the year before"),
        (ForecastRequest(weeks=1, regions=["Busan"]), r"regions\[0\]: 'Busan'"),
    ],
)
def test_a_forecast_of_what_was_not_sold_is_refused(champion: Any, request_: ForecastRequest, named: str) -> None:
    with pytest.raises(NotFound, match=named):
        Forecast().forecast(request_)


def test_orders_cover_the_use_until_the_next_order_arrives(champion: Any) -> None:
    """100 kg a day, 3 days to deliver, safety stock of 200 kg: 1 to 10 July takes 1000 + 200 - 500."""
    answer = Reorder().reorder(ReorderRequest(stock=stock(SR1=500.0)))
    first = answer.orders[0]
    assert (first.material_code, first.quantity_kg, first.order_on) == ("SR1", 700.0, date(2024, 7, 1))
    assert (first.needed_on, first.expected_on, first.expedite) == (date(2024, 7, 4), date(2024, 7, 4), False)
    assert (first.unit_price_krw, first.supplier_code) == (1480.0, "3001300")
    assert (first.lead_time_days, first.lead_time_source) == (3, "9 receipts from 3001300")
    assert "on hand 500 kg" in first.reason
    assert (answer.start, answer.end) == (date(2024, 7, 1), date(2024, 7, 28))


def test_the_answer_names_the_policy_that_set_the_levels(champion: Any) -> None:
    assert Reorder().reorder(ReorderRequest(stock=stock(SR1=500.0))).policy == "forecast_cover"


def test_levels_of_a_policy_without_forecast_are_ordered_up_to(
    plant: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At or below 900 kg up to 1,500: 500 there and 300 on order lack 700; the next week's position is 800, so 700."""
    shutil.copytree(plant.folder, tmp_path / "champion")
    policy = read_parquet(tmp_path / "champion/reorder/policy.parquet")
    levels = policy.assign(reorder_point_kg=900.0, order_up_to_kg=1500.0)
    write_parquet(tmp_path / "champion/reorder/policy.parquet", levels)
    winner = Winner(candidate="min_max", metrics={}, chosen_by={})
    winners = dict.fromkeys(("demand", "reorder", "recommend", "customers"), winner)
    write_manifest(tmp_path / "champion", data_version="sample", winners=winners)
    monkeypatch.setenv("MIXPLAN_CHAMPION", str(tmp_path / "champion"))
    coming = OpenOrderLine(material_code="SR1", quantity_kg=300.0, expected_on=date(2024, 7, 5))
    orders = Reorder().reorder(ReorderRequest(stock=stock(SR1=500.0), open_orders=[coming])).orders
    assert [(line.order_on.day, line.quantity_kg) for line in orders] == [(day, 700.0) for day in (1, 8, 15, 22)]
    assert orders[0].reason == (
        "covers 1 to 10 July: up to 1.5 t (safety 200 kg, use by forecast 1.0 t), on hand 500 kg, arriving 300 kg, "
        "order at 900 kg or less; order by 1 July"
    )


def test_orders_over_the_plan_add_up_to_use_and_safety_less_stock(champion: Any) -> None:
    answer = Reorder().reorder(ReorderRequest(stock=stock(SR1=500.0, SR2=0.0)))
    bought = sum(line.quantity_kg for line in answer.orders if line.material_code == "SR1")
    assert bought == 28 * 100 + 200 - 500


def test_purchases_under_way_are_not_bought_again_and_overdue_ones_come_at_once(champion: Any) -> None:
    overdue = OpenOrderLine(material_code="SR1", quantity_kg=250.0, expected_on=date(2024, 6, 20))
    late = OpenOrderLine(material_code="SR1", quantity_kg=150.0, expected_on=date(2024, 7, 9))
    answer = Reorder().reorder(ReorderRequest(stock=stock(SR1=500.0), open_orders=[overdue, late]))
    assert answer.orders[0].quantity_kg == 700.0 - 250.0 - 150.0


def test_a_material_that_was_never_bought_has_no_price(champion: Any) -> None:
    answer = Reorder().reorder(ReorderRequest(stock=stock(SR3=0.0)))
    assert answer.orders
    assert {line.unit_price_krw for line in answer.orders} == {None}
    assert {line.supplier_code for line in answer.orders} == {""}


def test_materials_without_a_stock_are_named_and_not_ordered(champion: Any) -> None:
    answer = Reorder().reorder(ReorderRequest(stock=stock(SR2=0.0)))
    assert answer.left_out == ["SR1", "SR3"]
    assert {line.material_code for line in answer.orders} == {"SR2"}


def test_enough_stock_needs_no_orders(champion: Any) -> None:
    assert Reorder().reorder(ReorderRequest(stock=stock(SR1=1e6))).orders == []


def test_materials_that_the_plan_does_not_know_are_refused(champion: Any) -> None:
    with pytest.raises(NotFound, match=r"stock\[1\]\.material_code: .*'SR9'"):
        Reorder().reorder(ReorderRequest(stock=stock(SR1=1.0, SR9=1.0)))
    order = OpenOrderLine(material_code="SR2", quantity_kg=1.0, expected_on=date(2024, 7, 9))
    with pytest.raises(InvalidArgument, match=r"open_orders\[0\]\.material_code: 'SR2' has no line in stock"):
        Reorder().reorder(ReorderRequest(stock=stock(SR1=1.0), open_orders=[order]))


def test_products_come_best_first_with_their_reasons(champion: Any) -> None:
    """Means of ratings: grout (5 + 4) / 2, paste 3, 선행제 2; novelty is rated as grout, which it is mixed like."""
    answer = Recommend().recommend(RecommendRequest(customer="1000100", count=4))
    scores = {row.product: row.score for row in answer.products}
    assert scores == {"grout": 4.5, "paste": 3.0, "선행제": 2.0, "novelty": pytest.approx(4.5, abs=0.6)}
    first = answer.products[0]
    assert (first.product, first.reason) == ("grout", "bought 3 times, last 2024-06-03")
    assert {"often bought", "costs about what it usually pays"} <= {reason.reason for reason in first.reasons}
    assert answer.customer == "1000100"


def test_weights_of_reasons_add_up_to_the_place(champion: Any) -> None:
    for row in Recommend().recommend(RecommendRequest(customer="1000100", count=4)).products:
        assert sum(reason.weight for reason in row.reasons) == pytest.approx(row.place, abs=0.02)


def test_a_new_customer_is_offered_what_its_region_buys(champion: Any) -> None:
    """Registered without an order, or not even registered but in a known region."""
    service = Recommend()
    registered = service.recommend(RecommendRequest(customer="1000300", count=1))
    assert registered.products[0].product == "grout"
    assert registered.products[0].reason == "100% of customers like it bought it lately"
    in_busan = service.recommend(RecommendRequest(customer="nobody", count=4, region="부산광역시")).products
    in_seoul = service.recommend(RecommendRequest(customer="nobody", count=4, region="서울")).products
    order = [[row.product for row in rows if row.product in {"paste", "선행제"}] for rows in (in_busan, in_seoul)]
    assert order == [["선행제", "paste"], ["paste", "선행제"]]


def test_no_more_products_than_asked_for_and_only_new_ones(champion: Any) -> None:
    service = Recommend()
    assert len(service.recommend(RecommendRequest(customer="1000100", count=1)).products) == 1
    new = service.recommend(RecommendRequest(customer="1000200", count=9, new_only=True))
    assert [row.product for row in new.products] == ["novelty", "paste"]


def test_an_unknown_customer_is_refused(champion: Any) -> None:
    with pytest.raises(NotFound, match="customer 'nobody'"):
        Recommend().recommend(RecommendRequest(customer="nobody", count=1))


def test_every_answer_says_which_version_made_it(champion: Any) -> None:
    service = Mixplan()
    answers = {
        "demand": service.forecast(ForecastRequest(weeks=1)),
        "reorder": service.reorder(ReorderRequest(stock=stock(SR1=1.0))),
        "recommend": service.recommend(RecommendRequest(customer="1000100", count=1)),
    }
    for task, answer in answers.items():
        assert answer.model_version == champion.version(task)
        assert answer.data_version == "sample"
    assert len({answer.model_version for answer in answers.values()}) == 3


def test_a_champion_that_stayed_answers_with_the_data_that_it_learnt_from(
    plant: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "champion"
    shutil.copytree(plant.folder, folder)
    stayed = read_champion(folder).tasks
    winners = {name: Winner(candidate="small", metrics={}, chosen_by={}) for name in ("recommend", "customers")}
    write_manifest(folder, "newer", {**stayed, **winners})
    monkeypatch.setenv("MIXPLAN_CHAMPION", str(folder))
    service = Mixplan()
    assert service.forecast(ForecastRequest(weeks=1)).data_version == "sample"
    assert service.explain(ExplainRequest(weeks=1)).data_version == "sample"
    assert service.reorder(ReorderRequest(stock=stock(SR1=1.0))).data_version == "sample"
    assert service.recommend(RecommendRequest(customer="1000100", count=1)).data_version == "newer"
    shown = Champion(folder).model
    assert shown.data_version == "newer"
    assert {name: task.data_version for name, task in shown.tasks.items()} == {
        "demand": "sample",
        "reorder": "sample",
        "recommend": "newer",
        "customers": "newer",
    }


@pytest.mark.parametrize("service", [Forecast, Reorder, Recommend])
def test_no_service_starts_on_a_file_that_was_not_promoted(
    service: Any, champion: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "champion"
    shutil.copytree(champion.folder, folder)
    (folder / "reorder" / "policy.parquet").write_bytes(b"")
    monkeypatch.setenv("MIXPLAN_CHAMPION", str(folder))
    with pytest.raises(ChampionError, match=r"reorder/policy\.parquet"):
        service()


def test_a_task_that_was_never_promoted_is_named(champion: Any) -> None:
    with pytest.raises(ChampionError, match="no champion of drivers"):
        open_task("drivers")
