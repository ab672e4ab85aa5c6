"""The exports as files: equal bytes for equal seeds, the real systems' headers, and a ledger that tells the truth."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from mixplan.artifacts.files import sha256_of
from mixplan.config.simulation import SimulationConfig
from mixplan.sources.sample import Catalogue, Plant, write_exports

from .conftest import SMALL, simulation

Cells = dict[str, list[list[str]]]


@pytest.fixture(scope="module")
def written(
    small_plant: Plant, small_config: SimulationConfig, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, pd.DataFrame]:
    folder = tmp_path_factory.mktemp("exports")
    return folder, write_exports(small_plant, folder, small_config, seed=5)


@pytest.fixture(scope="module")
def exports(written: tuple[Path, pd.DataFrame]) -> Path:
    return written[0]


@pytest.fixture(scope="module")
def ledger(written: tuple[Path, pd.DataFrame]) -> pd.DataFrame:
    return written[1]


@pytest.fixture(scope="module")
def cells(exports: Path) -> Cells:
    """Every file as a list of rows, the header first, so that row n stands on line n + 1."""
    return {path.relative_to(exports).as_posix(): rows_of(path) for path in sorted(exports.rglob("*.csv"))}


def rows_of(path: Path) -> list[list[str]]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp949")
    rows = list(csv.reader(text.splitlines()))
    assert len(rows) == text.count("\n"), "no cell holds a line break"
    return rows


def test_equal_seeds_write_equal_bytes(
    small_plant: Plant, small_config: SimulationConfig, exports: Path, ledger: pd.DataFrame, tmp_path: Path
) -> None:
    again = write_exports(small_plant, tmp_path / "again", small_config, seed=5)
    write_exports(small_plant, tmp_path / "other", small_config, seed=6)
    assert sha256_of(tmp_path / "again") == sha256_of(exports)
    assert sha256_of(tmp_path / "other") != sha256_of(exports)
    pd.testing.assert_frame_equal(again, ledger)


def test_every_planted_defect_stands_where_the_ledger_says(ledger: pd.DataFrame, cells: Cells) -> None:
    assert len(ledger) > 50
    for entry in ledger.itertuples():
        header, row = cells[entry.file][0], cells[entry.file][entry.line - 1]
        if entry.kind == "blank_row":
            assert set(row) == {""}
        elif entry.kind == "duplicate_row":
            assert row in cells[entry.file][max(entry.line - 6, 1) : entry.line - 1], "a few rows below its original"
        else:
            assert row[header.index(entry.column)] == entry.written != entry.original


def test_every_kind_is_planted_and_no_row_twice(ledger: pd.DataFrame) -> None:
    kinds = {"blank_row", "duplicate_row", "impossible_date", "date_order", "negative_quantity", "shares_not_100"}
    assert set(ledger["kind"]) == kinds | {"unknown_product", "unknown_customer", "unknown_material"}
    assert not ledger.duplicated(["file", "line"]).any()


def test_no_row_is_a_duplicate_by_accident(ledger: pd.DataFrame, cells: Cells) -> None:
    for file, rows in cells.items():
        filled = [tuple(row) for row in rows if any(row)]
        planted = ledger[(ledger["file"] == file) & (ledger["kind"] == "duplicate_row")]
        assert len(filled) - len(set(filled)) == len(planted), file


def test_defects_are_defects(ledger: pd.DataFrame, cells: Cells) -> None:
    """What the ledger calls unknown, impossible or out of order is so, judged by the files alone."""
    known = {
        "unknown_product": {row[0] for row in cells["erp/product.csv"]},
        "unknown_customer": {row[0] for row in cells["erp/client.csv"]},
        "unknown_material": set(cells["erp/recipe.csv"][0]),
    }
    for kind, codes in known.items():
        assert not set(ledger.loc[ledger["kind"] == kind, "written"].str.removesuffix(".000000")) & codes
        assert set(ledger.loc[ledger["kind"] == kind, "original"].str.removesuffix(".000000")) <= codes
    dates = ledger[ledger["kind"] == "impossible_date"]
    assert pd.to_datetime(dates["written"], format="%Y-%m-%d", errors="coerce").isna().all()
    assert pd.to_datetime(dates["original"], format="%Y-%m-%d", errors="coerce").notna().all()
    for entry in ledger[ledger["kind"] == "date_order"].itertuples():
        header, row = cells[entry.file][0], cells[entry.file][entry.line - 1]
        ordered = row[header.index("수주일자" if entry.table == "orders" else "발주일자")]
        assert entry.written < ordered <= entry.original


def test_rows_without_defects_are_the_truth(small_plant: Plant, ledger: pd.DataFrame, cells: Cells) -> None:
    touched = ledger[ledger["table"] == "sales"]
    clean = []
    for file in sorted(name for name in cells if name.startswith("sales/")):
        lines = set(touched.loc[touched["file"] == file, "line"])
        clean += [row for line, row in enumerate(cells[file], start=1) if line > 1 and line not in lines]
    truth = small_plant.sales
    spoiled = touched["kind"] != "duplicate_row"
    assert len(clean) == len(truth) - spoiled.sum()
    day = truth["sold_on"].dt.strftime("%Y-%m-%d")
    assert {(row[0], row[3], float(row[9])) for row in clean} <= set(
        zip(day, truth["product_code"], truth["quantity_kg"], strict=True)
    )


def test_shares_of_spoiled_lots_add_to_eighty(ledger: pd.DataFrame, cells: Cells) -> None:
    header, *rows = cells["erp/production_recipe.csv"]
    frame = pd.DataFrame(rows, columns=header).drop_duplicates()
    sums = frame["투입지시비율"].astype(float).groupby([frame["LOT번호"], frame["분할순번"]]).sum()
    wrong = sums[(sums - 100.0).abs() > 0.5]
    assert wrong.to_numpy() == pytest.approx(80.0, abs=0.01)
    assert len(wrong) == (ledger["kind"] == "shares_not_100").sum()


def test_a_rate_of_zero_plants_nothing(small_plant: Plant, tmp_path: Path) -> None:
    none = dict.fromkeys(type(simulation().defects).model_fields, 0.0)
    ledger = write_exports(small_plant, tmp_path, simulation(**SMALL, defects=none), seed=5)
    assert ledger.empty
    assert list(ledger.columns) == ["table", "file", "line", "column", "kind", "original", "written"]


def test_product_names_come_down_to_their_product(full_plant: Plant) -> None:
    """The longest product that a name begins with is the product, whatever remarks follow."""
    products = sorted(full_plant.recipes["product"].unique(), key=len, reverse=True)
    names = full_plant.products["product_name"].str.replace(" ", "")
    found = [next(product for product in products if name.startswith(product)) for name in names]
    assert found == full_plant.products["product"].tolist()
    assert full_plant.products["product_name"].is_unique
    assert names.str.contains(r"F/A|%|용|TYPE").any()


def test_encodings_and_formats_are_as_mixed_as_the_real_ones(exports: Path, cells: Cells) -> None:
    assert (exports / "erp/order.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with pytest.raises(UnicodeDecodeError):
        (exports / "erp/contract.csv").read_bytes().decode("utf-8")
    sales = cells["sales/sales_2021.csv"]
    derived = ["TEMP_M", "HUM_M", "CONSTRUCTION", "CONSTRUCTION_RATE"]
    assert sales[0] == ["SOLDDATE", "CUSTID", "PRODNAME", "PRODCODE", "REGION_U", *derived, "QUANT", "판매단가"]
    assert all(row[1].endswith(".000000") for row in sales[1:])
    assert [f"sales/sales_{year}.csv" in cells for year in (2021, 2022, 2023)] == [True] * 3


def test_personal_data_is_obviously_made_up(cells: Cells) -> None:
    header, *rows = cells["erp/client.csv"]
    for row in rows:
        person = dict(zip(header, row, strict=True))
        assert person["대표자명"].startswith("가상")
        assert person["사업자번호"].startswith("000-00-")
        assert person["법인번호"].startswith("000000-")
        assert person["전화번호"].startswith("000-0000-")


@pytest.mark.parametrize(
    "name", ["client", "contract", "order", "product", "production_lot", "production_recipe", "raw"]
)
def test_headers_are_those_of_the_real_systems(name: str, cells: Cells) -> None:
    real = Path(__file__).parents[3] / "shared/data/admixture/erp" / f"{name}.csv"
    if not real.exists():
        pytest.skip(f"no real exports at {real.parent}")
    assert cells[f"erp/{name}.csv"][0] == rows_of_header(real)


def rows_of_header(path: Path) -> list[str]:
    first = path.read_bytes().splitlines()[0]
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return next(csv.reader([first.decode(encoding)]))
        except UnicodeDecodeError:
            continue
    raise AssertionError(f"{path}: neither UTF-8 nor CP949")


def test_a_small_plant_is_small(small_plant: Plant, catalogue: Catalogue) -> None:
    assert 700 < len(small_plant.sales) < 1100
    assert small_plant.products["product"].nunique() == 8
    assert set(small_plant.weather["region"]) == {region.name for region in catalogue.regions[:4]}
