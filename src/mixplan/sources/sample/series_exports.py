"""The exports that come one file a year: sales and weather, and the construction index."""

import pandas as pd

from mixplan.sources.sample.plant import Plant
from mixplan.sources.sample.sheets import Sheet, dates, numbers


def series_sheets(plant: Plant) -> list[Sheet]:
    """Sales and weather by year, and the construction index of all years."""
    sales, weather = _sales(plant), _weather(plant.weather)
    years = sorted(plant.sales["sold_on"].dt.year.unique())
    sheets = []
    for year in years:
        of_year = sales["SOLDDATE"].str.startswith(f"{year}-")
        sold = sales[of_year].reset_index(drop=True)
        sheets.append(Sheet("sales", f"sales/sales_{year}.csv", sold, "utf-8", "\r\n"))
        measured = weather[weather["SOLDDATE"].str.startswith(f"{year}-")].reset_index(drop=True)
        sheets.append(Sheet("weather", f"external/weather_{year}.csv", measured, "cp949", "\n"))
    index = _construction(plant.construction)
    return [*sheets, Sheet("construction", f"external/construction_{years[0]}_{years[-1]}.csv", index, "utf-8", "\n")]


def _sales(plant: Plant) -> pd.DataFrame:
    sales = plant.sales
    month = sales["sold_on"].dt.to_period("M")
    derived = _derived(plant)
    return pd.DataFrame(
        {
            "SOLDDATE": dates(sales["sold_on"]),
            "CUSTID": sales["customer_code"] + ".000000",
            "PRODNAME": sales["product"],
            "PRODCODE": sales["product_code"],
            "REGION_U": sales["region"],
            **{column: month.map(derived[column]) for column in derived},
            "QUANT": sales["quantity_kg"].astype(str),
            "판매단가": numbers(sales["unit_price_krw"]),
        }
    )


def _derived(plant: Plant) -> pd.DataFrame:
    """What the real system adds: monthly means scaled to 0..1 within their year, which no forecaster could know yet."""
    month = plant.weather["date"].dt.to_period("M")
    monthly = plant.weather.groupby(month)[["temperature_c", "humidity_pct"]].mean()
    index = plant.construction.set_index(plant.construction["month"].dt.to_period("M"))["construction_index"]
    rate = index.pct_change().fillna(0.0)
    columns = {
        "TEMP_M": _within_year(monthly["temperature_c"]),
        "HUM_M": _within_year(monthly["humidity_pct"]),
        "CONSTRUCTION": _scaled(index),
        "CONSTRUCTION_RATE": _scaled(rate),
    }
    return pd.DataFrame(columns).astype(str)


def _scaled(values: pd.Series) -> pd.Series:
    scaled: pd.Series = (values - values.min()) / (values.max() - values.min())
    return scaled


def _within_year(monthly: pd.Series) -> pd.Series:
    scaled: pd.Series = pd.concat([_scaled(one) for _, one in monthly.groupby(pd.PeriodIndex(monthly.index).year)])
    return scaled


def _weather(weather: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "SOLDDATE": dates(weather["date"]),
            "TEMP": weather["temperature_c"].astype(str),
            "HUM": weather["humidity_pct"].astype(str),
            "REGION_U": weather["region"],
            "RAIN": weather["rain_mm"].astype(str),
            "SNOW": weather["snow_cm"].astype(str),
        }
    )


def _construction(construction: pd.DataFrame) -> pd.DataFrame:
    month = dates(construction["month"]).str[:7]
    return pd.DataFrame({"month": month, "construction_index": construction["construction_index"].astype(str)})
