import pandas as pd
import pytest

from mixplan.config.planning import OpenDays, SuppliersConfig
from mixplan.planning.stock import open_purchases, stock_on_hand
from tests.planning.conftest import ALWAYS_OPEN

ORIGIN = pd.Timestamp("2024-03-04")
POLICY = pd.DataFrame(
    {
        "material_code": ["M1", "M2", "M3"],
        "reorder_point_kg": [11.0, 22.0, 33.0],
        "mean_lead_time_days": [6.5, 3.0, 2.0],
    }
)


@pytest.fixture
def use() -> pd.DataFrame:
    days = pd.date_range("2024-02-01", "2024-03-10", name="date")
    return pd.DataFrame({"M1": 2.0, "M2": 5.0, "M3": 1.0}, index=days)


def counts(*rows: tuple[str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["counted_on", "material_code", "stock_kg"])
    return frame.assign(counted_on=pd.to_datetime(frame["counted_on"]))


def test_latest_count_plus_receipts_less_use(purchases: pd.DataFrame, use: pd.DataFrame) -> None:
    """M1: counted on 9 February (its receipt of that day is in the count), 40 kg came on the 16th, 23 days of 2 kg."""
    stock_counts = counts(
        ("2024-02-09", "M1", 50.0),
        ("2024-02-01", "M1", 7.0),
        ("2024-03-04", "M1", 9999.0),  # tonight's count is not known this morning
        ("2024-03-03", "M2", 80.0),
    )
    stock = stock_on_hand(stock_counts, purchases, use, POLICY, ORIGIN).set_index("material_code")
    assert stock["on_hand_kg"].to_dict() == {"M1": 50.0 + 40.0 - 23 * 2.0, "M2": 80.0, "M3": 33.0}
    assert stock["stock_source"].to_dict() == {
        "M1": "counted 2024-02-09",
        "M2": "counted 2024-03-03",
        "M3": "assumed",
    }


def test_books_below_zero_are_zero(purchases: pd.DataFrame, use: pd.DataFrame) -> None:
    stock = stock_on_hand(counts(("2024-02-20", "M2", 3.0)), purchases, use, POLICY, ORIGIN)
    assert stock.set_index("material_code").loc["M2", "on_hand_kg"] == 0.0


def test_without_counts_everything_is_assumed(purchases: pd.DataFrame, use: pd.DataFrame) -> None:
    stock = stock_on_hand(counts(), purchases, use, POLICY, ORIGIN)
    assert stock["on_hand_kg"].tolist() == [11.0, 22.0, 33.0]
    assert set(stock["stock_source"]) == {"assumed"}


def test_open_purchases_by_hand(purchases: pd.DataFrame) -> None:
    """B3: 60 kg still to come. B4: due late. B5: overdue. B6: not yet placed. B7: overdue, too. B8: not used."""
    found = open_purchases(purchases, POLICY, ORIGIN, ALWAYS_OPEN)
    assert [tuple(row) for row in found.itertuples(index=False)] == [
        ("M1", 60.0, ORIGIN),
        ("M2", 70.0, ORIGIN),
        ("M2", 30.0, ORIGIN),
        ("M1", 100.0, pd.Timestamp("2024-03-20")),
    ]


def test_what_is_awaited_comes_on_its_supplier_s_working_days(purchases: pd.DataFrame) -> None:
    """S1 takes the 20th off, a Wednesday; S3 works on no Monday, and S2 on no weekday before Thursday."""
    open_on = {"S1": "1101111", "S2": "0001111", "S3": "0111111"}
    others = {
        code: OpenDays(country="DE", weekdays=tuple(day == "1" for day in days)) for code, days in open_on.items()
    }
    found = open_purchases(purchases, POLICY, ORIGIN, SuppliersConfig(usual=ALWAYS_OPEN.usual, others=others))
    assert found["expected_on"].dt.strftime("%m-%d").tolist() == ["03-05", "03-05", "03-07", "03-21"]
    assert found["quantity_kg"].tolist() == [70.0, 30.0, 60.0, 100.0]


def test_row_labels_do_not_matter(purchases: pd.DataFrame) -> None:
    relabelled = purchases.set_axis([0] * len(purchases))
    pd.testing.assert_frame_equal(
        open_purchases(relabelled, POLICY, ORIGIN, ALWAYS_OPEN), open_purchases(purchases, POLICY, ORIGIN, ALWAYS_OPEN)
    )
