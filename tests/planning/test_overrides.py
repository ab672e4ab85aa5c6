"""People decide: kept, heeded until it expires or is withdrawn, and scored beside what the system proposed."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from mixplan.config.planning import OrderingConfig, PlanConfig
from mixplan.planning.basis import basis_of
from mixplan.planning.build import Plan, build_plan
from mixplan.planning.decide import Act, Proposal, decide, proposal_of, withdraw
from mixplan.planning.errors import PlanningError
from mixplan.planning.override_scores import score_forecasts, score_orders, value_added
from mixplan.planning.overrides import FILE, Override, append, as_table, in_force, read_lines, standing
from tests.planning.conftest import ALWAYS_OPEN, by_day

ORIGIN = pd.Timestamp("2024-03-04")
MONDAY = ORIGIN.date()
PACKS = OrderingConfig(weekday=0, pack_kg=50.0, minimum_kg=100.0, suppliers=ALWAYS_OPEN)
KIM = Act("Kim", "the silo holds no more", MONDAY)
PROPOSAL = Proposal("order", "M1", MONDAY, 500.0, date(2024, 3, 9))
Tables = dict[str, pd.DataFrame]


def line(**changes: object) -> Override:
    return decide([], PROPOSAL, 200.0, KIM, None, PACKS).model_copy(update=changes)


def test_what_was_decided_is_read_as_it_was_written(tmp_path: Path) -> None:
    folder = tmp_path / "somewhere"
    assert read_lines(folder) == []
    first = line()
    second = line(number=2, code="M2", reason='"실로"가\u2028가득 찼다\n\x85')
    for each in (first, second, withdraw([first, second], 1, Act("Lee", "it is empty", date(2024, 3, 5)))):
        append(folder, each)
    assert [each.number for each in read_lines(folder)] == [1, 2, 1]
    assert standing(read_lines(folder)) == [second]
    assert [path.name for path in folder.iterdir()] == [FILE]
    assert as_table([first])["day"].tolist() == [ORIGIN]
    assert as_table([])["new_kg"].dtype == "float64"


@pytest.mark.parametrize(
    "damage", ['{"act": "decide"}', "not JSON", '{"act": "decide", "number": 1, "new_kg": -5}', ""]
)
def test_a_damaged_line_is_named(damage: str, tmp_path: Path) -> None:
    append(tmp_path, line())
    with (tmp_path / FILE).open("a", encoding="utf-8") as file:
        file.write(f"{damage}\n")
    with pytest.raises(PlanningError, match=r"overrides\.jsonl:2 is no decision"):
        read_lines(tmp_path)


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append(tmp_path, line())
    before = (tmp_path / FILE).read_bytes()

    def full(self: Path, target: Path) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="no space"):
        append(tmp_path, line(number=2))
    assert (tmp_path / FILE).read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize(
    ("new_kg", "decision", "kilograms"), [(None, "approve", 500.0), (200.0, "change", 200.0), (0.0, "reject", 0.0)]
)
def test_approve_change_and_reject(new_kg: float | None, decision: str, kilograms: float) -> None:
    found = decide([], PROPOSAL, new_kg, KIM, None, PACKS)
    assert (found.decision, found.old_kg, found.new_kg) == (decision, 500.0, kilograms)
    assert (found.who, found.decided_on, found.expires_on) == ("Kim", MONDAY, MONDAY)


def test_no_supplier_fills_half_a_pack_and_nothing_is_decided_twice() -> None:
    with pytest.raises(PlanningError, match=r"210 kg are no whole packs of 50 kg"):
        decide([], PROPOSAL, 210.0, KIM, None, PACKS)
    with pytest.raises(PlanningError, match=r"50 kg are less than the smallest order of 100 kg"):
        decide([], PROPOSAL, 50.0, KIM, None, PACKS)
    with pytest.raises(PlanningError, match=r"Kim decided order M1 of 2024-03-04 already: withdraw 1 first"):
        decide([line()], PROPOSAL, None, KIM, None, PACKS)
    with pytest.raises(PlanningError, match="no decision 2 that stands"):
        withdraw([line()], 2, KIM)
    lines = [line(), withdraw([line()], 1, KIM)]
    with pytest.raises(PlanningError, match="no decision 1 that stands"):
        withdraw(lines, 1, KIM)
    again = decide(lines, replace(PROPOSAL, quantity_kg=200.0), 300.0, KIM, None, PACKS)
    assert (again.number, again.old_kg) == (2, 500.0), "the plan still holds what was decided, the system proposed 500"


def test_only_what_is_proposed_can_be_decided() -> None:
    plan = {
        "purchase_orders": pd.DataFrame(
            {"order_on": [ORIGIN], "material_code": "M1", "quantity_kg": 9.0, "expected_on": pd.Timestamp("2024-03-07")}
        ),
        "products": pd.DataFrame({"week": [ORIGIN], "product": "A", "prediction_kg": 7.0}),
    }
    assert proposal_of("order", "M1", MONDAY, plan) == Proposal("order", "M1", MONDAY, 9.0, date(2024, 3, 7))
    on_thursday = proposal_of("forecast", "A", date(2024, 3, 7), plan)
    assert on_thursday == Proposal("forecast", "A", MONDAY, 7.0, date(2024, 3, 10))
    with pytest.raises(PlanningError, match="order M1 of 2024-03-05: the plan has none; it has 2024-03-04"):
        proposal_of("order", "M1", date(2024, 3, 5), plan)
    with pytest.raises(PlanningError, match="it has no forecast of B at all"):
        proposal_of("forecast", "B", MONDAY, plan)


def test_decisions_are_carried_until_they_expire() -> None:
    later = line(day=date(2024, 3, 18), expires_on=date(2024, 3, 11))
    for monday, holds in (("2024-03-04", True), ("2024-03-11", True), ("2024-03-18", False)):
        assert bool(in_force([later], "order", pd.Timestamp(monday))) == holds
    assert not in_force([later], "forecast", ORIGIN)
    assert not in_force([line(expires_on=date(2024, 4, 1))], "order", pd.Timestamp("2024-03-11")), "its day is over"


def planned(forecast: pd.DataFrame, shares: pd.DataFrame, tables: Tables, config: PlanConfig, *own: Override) -> Plan:
    return build_plan(basis_of(forecast, shares, by_day(ORIGIN), tables, ORIGIN, config, overrides=own), config)


def orders_of(plan: Plan, material: str) -> pd.DataFrame:
    return plan.purchase_orders[plan.purchase_orders["material_code"] == material]


def test_a_changed_order_takes_its_place_and_later_reviews_make_up_for_it(
    forecast: pd.DataFrame, shares: pd.DataFrame, tables: Tables, config: PlanConfig
) -> None:
    few = config.lead_times.model_copy(update={"minimum_receipts": 9})
    config = config.model_copy(update={"lead_times": few})  # two days to deliver, so the next review is in time
    plain = planned(forecast, shares, tables, config)
    first = orders_of(plain, "M2").iloc[0]
    code, kilograms = first["material_code"], first["quantity_kg"]
    decided = line(code=code, day=first["order_on"].date(), old_kg=kilograms, new_kg=kilograms - 10.0)
    plan = planned(forecast, shares, tables, config, decided)
    rejected = planned(forecast, shares, tables, config, decided.model_copy(update={"new_kg": 0.0}))
    own, before, of_rejected = orders_of(plan, code), orders_of(plain, code), orders_of(rejected, code)
    assert own["quantity_kg"].iloc[0] == kilograms - 10.0
    assert (
        own["reason"].iloc[0].startswith(f"Kim decided {kilograms - 10:g} kg on 4 March in place of {kilograms:g} kg")
    )
    assert own["reason"].iloc[0].endswith(before["reason"].iloc[0])
    assert own["quantity_kg"].sum() == pytest.approx(before["quantity_kg"].sum()), "the next review orders the rest"
    assert plan.overrides["number"].tolist() == [1]
    assert first["order_on"] not in set(of_rejected["order_on"])
    assert plan.unplanned.equals(plain.unplanned)


def test_an_approved_order_stands_though_the_plan_would_order_nothing_now(
    forecast: pd.DataFrame, shares: pd.DataFrame, tables: Tables, config: PlanConfig
) -> None:
    full = tables["stock_counts"].assign(stock_kg=1e6)
    approved = line(code="M1", decision="approve", old_kg=500.0, new_kg=500.0)
    plan = planned(forecast, shares, {**tables, "stock_counts": full}, config, approved)
    own = orders_of(plan, "M1")
    assert own["quantity_kg"].tolist() == [500.0]
    assert own["reason"].tolist() == ["Kim approved 500 kg on 4 March: the silo holds no more"]


def test_a_changed_forecast_is_planned_with(
    forecast: pd.DataFrame, shares: pd.DataFrame, tables: Tables, config: PlanConfig
) -> None:
    nothing = line(kind="forecast", code="B", old_kg=200.0, new_kg=0.0)
    plan = planned(forecast, shares, tables, config, nothing)
    made = plan.production.set_index(["product", "week"])["quantity_kg"]
    assert made["B", ORIGIN] == 0.0
    assert made["B", ORIGIN + pd.Timedelta(weeks=1)] == 200.0


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"code": "gone"}, "no such order day, or it would come after the plan"),
        ({"day": date(2024, 3, 6), "expires_on": date(2024, 3, 6)}, "no such order day"),
        ({"kind": "forecast", "code": "gone"}, "no such week"),
    ],
)
def test_what_the_plan_has_no_place_for_is_said(
    changes: dict[str, object],
    why: str,
    forecast: pd.DataFrame,
    shares: pd.DataFrame,
    tables: Tables,
    config: PlanConfig,
) -> None:
    plan = planned(forecast, shares, tables, config, line(**changes))
    gap = plan.unplanned.query("kind == 'override'")
    assert gap["quantity_kg"].tolist() == [200.0]
    assert why in gap["reason"].iloc[0]
    plain = planned(forecast, shares, tables, config)
    pd.testing.assert_frame_equal(plan.purchase_orders, plain.purchase_orders)


def test_a_forecast_is_scored_when_its_week_is_over() -> None:
    """30 kg came; the system said 50 and Kim 20: of 30 kg, 20 were missed and 10."""
    sales = pd.DataFrame(
        {
            "sold_on": pd.to_datetime(["2024-03-03", "2024-03-04", "2024-03-10", "2024-03-11"]),
            "product": "A",
            "quantity_kg": [99.0, 10.0, 20.0, 99.0],
        }
    )
    own = line(kind="forecast", code="A", old_kg=50.0, new_kg=20.0, expected_on=date(2024, 3, 10))
    scored = score_forecasts([own, line()], sales, ORIGIN + pd.Timedelta(weeks=1))
    assert scored[["proposed_kg", "decided_kg", "actual_kg"]].to_numpy().tolist() == [[50.0, 20.0, 30.0]]
    found = value_added(scored, score_orders([], {}, pd.DataFrame(), pd.DataFrame(), ORIGIN))
    assert found["wape_proposed"] == pytest.approx(20 / 30)
    assert found["forecast_value_added"] == pytest.approx(10 / 30)
    assert score_forecasts([own], sales, pd.Timestamp("2024-03-10")).empty, "the week is not over"


def test_an_order_is_scored_by_the_stock_of_its_week() -> None:
    """100 kg were counted, 20 a day are used and Kim's 60 kg come on the third day; 500 were proposed.

    In the week from the 9th on, evenings hold 20, 0, -20 and so on with 60 kg, and 440 kg more with 500.
    """
    days = pd.date_range("2024-03-04", "2024-03-20")
    tables = {
        "stock_counts": pd.DataFrame({"counted_on": [ORIGIN], "material_code": ["M1"], "stock_kg": [100.0]}),
        "purchases": pd.DataFrame(
            {"material_code": ["M1"], "received_on": pd.to_datetime(["2024-03-09"]), "received_kg": [60.0]}
        ),
    }
    use, terms = (
        pd.DataFrame({"M1": 20.0}, index=days),
        pd.DataFrame({"material_code": ["M1"], "reorder_point_kg": 0.0}),
    )
    own = line(old_kg=500.0, new_kg=60.0)
    scored = score_orders([own, line(number=2, code="M9")], tables, use, terms, pd.Timestamp("2024-03-18"))
    evenings = [100 - 20 * (day + 1) + 60 for day in range(4, 11)]  # five days of use lie before the evening of the 9th
    assert scored["decided_short_days"].tolist() == [sum(kg < 0 for kg in evenings)]
    assert scored["decided_mean_kg"].tolist() == [pytest.approx(sum(max(kg, 0) for kg in evenings) / 7)]
    assert scored["proposed_short_days"].tolist() == [0]
    assert scored["proposed_mean_kg"].tolist() == [pytest.approx(sum(kg + 440 for kg in evenings) / 7)]
    assert score_orders([own], tables, use, terms, pd.Timestamp("2024-03-15")).empty, "its week is not over"
    assert value_added(pd.DataFrame(), scored)["decided_short_days"] == sum(kg < 0 for kg in evenings)
