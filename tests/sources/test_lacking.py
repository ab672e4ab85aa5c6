"""What is said of a table or a column that a source lacks, and of materials that nothing else knows."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml

from mixplan.config.source import RAW_TABLES, Melt, TableExport
from mixplan.sources.ingest import read_exports
from mixplan.sources.lacking import WITHOUT, WITHOUT_COLUMN, tell_lacking

ROOT = Path(__file__).parents[2]
Write = Callable[..., Path]
WEATHER = TableExport(
    files=("weather_*",),
    columns={"day": "date", "place": "region"},
    optional_columns={"TEMP": "temperature_c", "HUM": "humidity_pct", "RAIN": "rain_mm", "SNOW": "snow_cm"},
)
MATERIALS = TableExport(files=("raw.csv",), columns={"code": "material_code", "name": "material_name"})
RECIPES = TableExport(
    files=("recipe.csv",), columns={"product": "product"}, melt=Melt(header="material_code", value="share")
)


@pytest.fixture
def told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Callable[[Mapping[str, TableExport]], list[str]]:
    """What is said while the test's folder is read, but for the tables that the map does not name."""

    def messages(exports: Mapping[str, TableExport]) -> list[str]:
        with caplog.at_level(logging.INFO):
            read_exports(tmp_path, exports)
        return [message for message in caplog.messages if "not in this source" not in message]

    return messages


def test_every_table_has_its_consequence() -> None:
    assert set(WITHOUT) == set(RAW_TABLES)


@pytest.mark.parametrize("path", ["exports/plant_erp.yaml", "database.yaml"])
def test_every_column_that_a_map_may_lack_has_its_consequence(path: str) -> None:
    content = yaml.safe_load((ROOT / "conf/source" / path).read_text(encoding="utf-8"))
    for table, entry in content.get("exports", content).items():
        for column in entry.get("optional_columns", {}).values():
            assert (table, column) in WITHOUT_COLUMN
    assert all(column in RAW_TABLES[table] for table, column in WITHOUT_COLUMN)


def test_the_consequence_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        tell_lacking("stock_counts")
    assert caplog.messages == ["stock_counts: not in this source, so opening stock is assumed at the reorder point"]


def test_a_table_without_rows_is_said_like_one_that_is_missing(
    write: Write, told: Callable[[Mapping[str, TableExport]], list[str]]
) -> None:
    write("raw.csv", "code,name\n")
    assert told({"materials": MATERIALS}) == ["materials: no row in raw.csv, so materials have no names"]


def test_a_file_without_rows_is_named_beside_the_others(
    write: Write, told: Callable[[Mapping[str, TableExport]], list[str]]
) -> None:
    for year, rows in (("2020", "2020-01-01,x,1,1,1,1\n"), ("2021", "")):
        write(f"weather_{year}.csv", "day,place,TEMP,HUM,RAIN,SNOW\n" + rows)
    assert told({"weather": WEATHER}) == ["weather: 1 rows from 2 files, none of them from weather_2021.csv"]


def test_a_column_that_no_file_has_is_said_with_what_follows_and_what_stands_beside(
    write: Write, told: Callable[[Mapping[str, TableExport]], list[str]]
) -> None:
    """A header that was renamed is found among the unknown ones."""
    write("weather_2020.csv", "day,place,TEMP,HUM,fresh snow\n2020-01-01,x,1,1,1\n")
    write("weather_2021.csv", "day,place,TEMP,RAIN\n2021-01-01,x,1,1\n")
    assert told({"weather": WEATHER})[1:] == [
        "weather: no column HUM in weather_2021.csv, so its cells stay blank there; "
        "no column RAIN in weather_2020.csv, so its cells stay blank there; "
        "no column SNOW, so snow is not forecast, nor used to forecast demand; unknown there: fresh snow"
    ]


def test_a_column_that_the_map_does_not_name_is_said(
    write: Write, told: Callable[[Mapping[str, TableExport]], list[str]]
) -> None:
    write("raw.csv", "code,name\nW,water\n")
    export = TableExport(files=("raw.csv",), columns={"code": "material_code"})
    assert told({"materials": export})[1:] == [
        "materials: no header for material_name in the map, so materials have no names"
    ]


def test_a_header_that_only_recipes_take_for_a_material_is_named(
    write: Write, told: Callable[[Mapping[str, TableExport]], list[str]]
) -> None:
    write("recipe.csv", "product,W,2001,density,P1\nAE,0.4,0.6,1.05,0\n")
    write("product.csv", "code,name\nP1,AE\n")
    products = TableExport(files=("product.csv",), columns={"code": "product_code", "name": "product_name"})
    assert "count as materials" not in told({"recipes": RECIPES, "products": products})[-1]
    write("raw.csv", "code,name\n W ,water\n2001.0,base\n")
    assert told({"recipes": RECIPES, "materials": MATERIALS, "products": products})[-1].startswith(
        "recipes: density count as materials"
    )
    write("raw.csv", "code,name\nW,water\n2001,base\ndensity,x\n")
    assert "count as materials" not in told({"recipes": RECIPES, "materials": MATERIALS, "products": products})[-1]
