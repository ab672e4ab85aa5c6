"""The exports of master data, buying and planning: customers, products, recipes, purchases, counts, plans."""

import numpy as np
import pandas as pd

from mixplan.sources.sample.plant import Plant
from mixplan.sources.sample.sheets import Sheet, dates, flags, numbers

ASSET_CLASS = "품목자산분류(102201:완제품,102202:반제품,102203:원재료,102204:상품)"


def master_sheets(plant: Plant, rng: np.random.Generator) -> list[Sheet]:
    """Every export of ``erp/`` but those about orders and lots."""
    return [
        Sheet("customers", "erp/client.csv", _client(plant.customers), "cp949", "\n"),
        Sheet("products", "erp/product.csv", _product(plant.products, rng), "cp949", "\r\n"),
        Sheet("materials", "erp/raw.csv", _raw(plant.materials), "cp949", "\r\n"),
        Sheet("recipes", "erp/recipe.csv", _recipe(plant.recipes, plant.materials), "utf-8-sig", "\r\n"),
        Sheet("purchases", "erp/order.csv", _order(plant.purchases), "utf-8-sig", "\r\n"),
        Sheet("stock_counts", "erp/stock_count.csv", _stock_count(plant.stock_counts), "utf-8-sig", "\n"),
        Sheet("planner_forecasts", "erp/plan.csv", _plan(plant.planner_forecasts), "cp949", "\n"),
    ]


def _client(customers: pd.DataFrame) -> pd.DataFrame:
    """Personal data that nobody can mistake for a person's: numbers of zeros, and names that say what they are."""
    number = pd.Series(range(1, len(customers) + 1)).map("{:05d}".format)
    return pd.DataFrame(
        {
            "거래처코드": customers["customer_code"],
            "거래처명": customers["customer_name"],
            "거래처부서명": customers["department"],
            "대표자명": "가상대표" + number,
            "사업자번호": "000-00-" + number,
            "법인번호": "000000-00" + number,
            "전화번호": "000-0000-" + number.str[1:],
        }
    )


def _product(products: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    short = pd.Series(rng.choice(np.arange(700000, 800000), len(products), replace=False)).astype(str)
    old_code = "MPA" + short.str[1:]
    return pd.DataFrame(
        {
            "제품코드": products["product_code"],
            "약식품번(제품번호와같이키값으로사용)": short,
            "제품명": products["product_name"],
            "규격": old_code.where(rng.random(len(products)) < 0.18, ""),
            ASSET_CLASS: "102201",
        }
    )


def _raw(materials: pd.DataFrame) -> pd.DataFrame:
    listed = materials[materials["is_listed"]].reset_index(drop=True)
    return pd.DataFrame(
        {
            "원자재코드(품목번호)": listed["material_code"],
            "원자재명(품목명)": listed["material_name"],
            "원자재투입중량(기준치중량/소수점둘째자리),": "1000",
            "오차율범위(%/실적만관리),": "0",
            "시방적요": "",
            "스텝그룹넘버": "1",
        }
    )


def _recipe(recipes: pd.DataFrame, materials: pd.DataFrame) -> pd.DataFrame:
    wide = recipes.pivot_table(index="product", columns="material_code", values="share", aggfunc="sum", fill_value=0.0)
    wide = wide.reindex(columns=list(materials["material_code"]), fill_value=0.0).sort_index()
    return wide.astype(str).rename_axis(index="제품명", columns=None).reset_index()


def _order(purchases: pd.DataFrame) -> pd.DataFrame:
    received = dates(purchases["received_on"])
    ordered, due = dates(purchases["ordered_on"]), dates(purchases["due_on"])
    return pd.DataFrame(
        {
            "발주번호": purchases["purchase_no"],
            "발주구분(계획, 추가)": np.where(purchases["is_spot"], "추가", "계획"),
            "원자재코드": purchases["material_code"],
            "거래처코드": purchases["supplier_code"],
            "발주수량": numbers(purchases["quantity_kg"]),
            "발주단가": numbers(purchases["unit_price_krw"]),
            "발주예정일자": ordered,
            "발주일자": ordered,
            "입고예정일자": due,
            "입고일자": received,
            "입고수량": numbers(purchases["received_kg"]),
            "회계일자": (received.str[:7] + "-25").where(received != "", ""),
            "입고완료여부": flags(purchases["is_fully_received"]),
            "발주서전송구분": "Y",
            "발주서출력횟수": "1",
            "비고": "",
        }
    )


def _stock_count(counts: pd.DataFrame) -> pd.DataFrame:
    columns = {"실사일자": dates(counts["counted_on"]), "원자재코드": counts["material_code"]}
    return pd.DataFrame({**columns, "재고량": numbers(counts["stock_kg"])})


def _plan(forecasts: pd.DataFrame) -> pd.DataFrame:
    columns = {"계획월": dates(forecasts["month"]).str[:7], "제품명": forecasts["product"]}
    return pd.DataFrame({**columns, "계획수량": numbers(forecasts["quantity_kg"])})
