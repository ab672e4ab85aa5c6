import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixplan.planning.projection import project_stock

few = settings(max_examples=40, deadline=None)

START = pd.Timestamp("2024-06-03")
kilograms = st.floats(0, 1e5)
receipt = st.tuples(st.sampled_from(["M1", "M2"]), kilograms, st.integers(-3, 20))


def requirements_of(use: dict[str, list[float]]) -> pd.DataFrame:
    rows = [
        (START + pd.Timedelta(days=day), material, kg)
        for material, daily in use.items()
        for day, kg in enumerate(daily)
    ]
    return pd.DataFrame(rows, columns=["date", "material_code", "requirement_kg"])


def stock_of(**on_hand: float) -> pd.DataFrame:
    return pd.DataFrame(
        {"material_code": list(on_hand), "on_hand_kg": list(on_hand.values()), "stock_source": "assumed"}
    )


def receipts_of(rows: list[tuple[str, float, int]]) -> pd.DataFrame:
    frame = pd.DataFrame(
        [(material, kg, START + pd.Timedelta(days=day)) for material, kg, day in rows],
        columns=["material_code", "quantity_kg", "expected_on"],
    )
    return frame.assign(expected_on=pd.to_datetime(frame["expected_on"]))


@st.composite
def instances(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame, list[tuple[str, float, int]]]:
    days = draw(st.integers(1, 15))
    use = {name: draw(st.lists(kilograms, min_size=days, max_size=days)) for name in ("M1", "M2")}
    stock = stock_of(M1=draw(kilograms), M2=draw(kilograms))
    return requirements_of(use), stock, draw(st.lists(receipt, max_size=5))


@few
@given(instances())
def test_mass_balance(instance: tuple[pd.DataFrame, pd.DataFrame, list[tuple[str, float, int]]]) -> None:
    requirements, stock, rows = instance
    projected = project_stock(requirements, stock, receipts_of(rows), START)
    last = (projected["date"].max() - START).days
    for material, lines in projected.groupby("material_code"):
        balance = lines["opening_kg"] + lines["receipts_kg"] - lines["requirement_kg"]
        assert lines["closing_kg"].tolist() == pytest.approx(balance.tolist(), abs=1e-4)
        assert lines["opening_kg"].tolist()[1:] == lines["closing_kg"].tolist()[:-1]
        assert lines["opening_kg"].iloc[0] == stock.set_index("material_code").loc[material, "on_hand_kg"]
        came = sum(kg for name, kg, day in rows if name == material and day <= last)
        assert lines["receipts_kg"].sum() == pytest.approx(came)
        used = requirements.loc[requirements["material_code"] == material, "requirement_kg"].sum()
        assert lines["requirement_kg"].sum() == pytest.approx(used)


@few
@given(instances())
def test_no_stock_below_zero_without_a_word(
    instance: tuple[pd.DataFrame, pd.DataFrame, list[tuple[str, float, int]]],
) -> None:
    requirements, stock, rows = instance
    projected = project_stock(requirements, stock, receipts_of(rows), START)
    assert (projected["is_short"] == (projected["closing_kg"] < -1e-6)).all()
    assert (projected["is_short"] == (projected["note"] != "")).all()


@few
@given(instances(), receipt)
def test_ordering_more_never_increases_a_shortage(
    instance: tuple[pd.DataFrame, pd.DataFrame, list[tuple[str, float, int]]], extra: tuple[str, float, int]
) -> None:
    requirements, stock, rows = instance
    less = project_stock(requirements, stock, receipts_of(rows), START)["closing_kg"].clip(upper=0)
    more = project_stock(requirements, stock, receipts_of([*rows, extra]), START)["closing_kg"].clip(upper=0)
    assert (more >= less - 1e-4).all()


def test_notes_say_how_much_and_until_when() -> None:
    use = {"M1": [10.0, 10.0, 2000.0, 0.0, 0.0, 10.0], "M2": [1.0] * 6}
    projected = project_stock(
        requirements_of(use), stock_of(M1=15.0, M2=3.0), receipts_of([("M1", 2100.0, 4), ("M2", 0.5, -9)]), START
    )
    notes = {material: lines["note"].tolist() for material, lines in projected.groupby("material_code")}
    assert notes["M1"] == [
        "",
        "short by 5 kg until 7 June",
        "short by 2.0 t until 7 June",
        "short by 2.0 t until 7 June",
        "",
        "",
    ]
    assert notes["M2"][2:4] == ["", "short by 0.5 kg until the end of the plan"]
    assert (projected["stock_source"] == "assumed").all()


@few
@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.integers(0, 40), st.integers(0, 15))
def test_days_of_cover_are_those_of_a_loop(use: list[int], on_hand: int, arriving: int) -> None:
    """Stock is used up day by day without another receipt, until a day cannot be served in full."""
    rows = requirements_of({"M1": [float(kg) for kg in use]})
    projected = project_stock(rows, stock_of(M1=float(on_hand)), receipts_of([("M1", float(arriving), 2)]), START)
    for day, row in projected.iterrows():
        left, served = row["closing_kg"], 0
        for later in use[int(str(day)) + 1 :]:
            left -= later
            if left < 0:
                break
            served += 1
        assert row["cover_days"] == (served if row["closing_kg"] >= 0 else 0)
