"""The exports of the order book and of production: contracts, lots, and what went into the lots."""

import numpy as np
import pandas as pd

from mixplan.sources.sample.plant import Plant
from mixplan.sources.sample.sheets import Sheet, dates, flags, numbers

PRODUCTION = "생산작업지시구분(생산:A,생산제외:D)"
SITE = "사업단위(평택:20000,태안:60000등)"
WORK_TYPE = "작업지시타입(일반:WO/재투입:WR)"


def order_sheets(plant: Plant, rng: np.random.Generator) -> list[Sheet]:
    """The exports ``contract``, ``production_lot`` and ``production_recipe``."""
    version = pd.Series(rng.integers(1, 400, len(plant.products)).astype(str), index=plant.products["product_code"])
    lots, materials = _lots(plant, version), _lot_materials(plant, version)
    return [
        Sheet("orders", "erp/contract.csv", _contract(plant.orders), "cp949", "\r\n"),
        Sheet("lots", "erp/production_lot.csv", lots, "cp949", "\r\n"),
        Sheet("lot_materials", "erp/production_recipe.csv", materials, "cp949", "\r\n"),
    ]


def _contract(orders: pd.DataFrame) -> pd.DataFrame:
    ordered, due = dates(orders["ordered_on"]), dates(orders["due_on"])
    return pd.DataFrame(
        {
            "수주번호": orders["order_no"],
            "거래처코드": orders["customer_code"],
            "제품코드": orders["product_code"],
            "영업등록구분(계획, 추가)": np.where(orders["is_rush"], "추가", "계획"),
            "수주량": numbers(orders["quantity_kg"]),
            "수주단가": numbers(orders["unit_price_krw"]),
            "수주금액": numbers(orders["amount_krw"]),
            "수주예정일자": ordered,
            "수주일자": ordered,
            "납기예정일자": due,
            "납기일자": due,
            "생산계획확정여부": "Y",
            "자재계획확정여부": "Y",
            "판매수량": numbers(orders["sold_kg"]),
            "진행현황": np.where(orders["sold_kg"] > 0.0, "완료", "진행"),
            "적재창고위치": "20000",
            "적재창고위치명": "본사",
            "긴급여부": flags(orders["is_rush"]),
            "비고": "",
        }
    )


def _lots(plant: Plant, version: pd.Series) -> pd.DataFrame:
    lots = plant.lots
    remark = plant.products.set_index("product_code")["remark"]
    weight, requested = numbers(lots["weight_kg"]), dates(lots["requested_on"])
    produced = dates(lots["produced_on"]).where(~lots["is_excluded"], "\\N")
    return pd.DataFrame(
        {
            PRODUCTION: np.where(lots["is_excluded"], "D", "A"),
            SITE: "20000",
            WORK_TYPE: np.where(lots["is_rework"], "WR", "WO"),
            "작업공정정보(PCW11/PCW12)": "PCW12",
            "생산작업요청일자": requested,
            "장소정보": "3",
            "LOT번호": lots["lot_no"],
            "분할순번": lots["split_no"].astype(str),
            "제품코드": lots["product_code"],
            "제품BOM차수": lots["product_code"].map(version),
            "제품명": lots["product"] + " " + lots["product_code"].map(remark),
            "생산작업지시순번(일련번호(1,2,3,4…))": (lots.groupby("requested_on").cumcount() + 1).astype(str),
            "LOT생산요청총중량ⓐ": weight,
            "LOT실수량ⓑ": "1",
            "LOT실중량ⓒ": weight,
            "작업지시및주문비고사항1": lots["work_remark"],
            "작업지시및주문비고사항2": "",
            "시방적요": "",
            "생산단위": "KG",
            "작업지시구분(D:내수/E:수출)": "D",
            "생산제조일자": produced,
            "비고": "",
        }
    )


def _lot_materials(plant: Plant, version: pd.Series) -> pd.DataFrame:
    used, keys = plant.lot_materials, ["lot_no", "split_no"]
    lots = used[keys].merge(plant.lots[[*keys, "product_code", "requested_on"]], on=keys, how="left")
    return pd.DataFrame(
        {
            "원자재코드": used["material_code"],
            PRODUCTION: "A",
            WORK_TYPE: "WO",
            SITE: "20000",
            "생산작업요청일자": dates(lots["requested_on"]),
            "LOT번호": used["lot_no"],
            "분할순번": used["split_no"].astype(str),
            "제품코드": lots["product_code"],
            "제품BOM차수": lots["product_code"].map(version),
            "원자재투입순번": (used.groupby(keys).cumcount() + 1).astype(str),
            "원자재명": used["material_name"],
            "원자재탱크번호": (pd.factorize(used["material_code"])[0] % 30).astype(str),
            "투입지시중량": numbers(used["weight_kg"]),
            "투입지시비율": numbers(used["share_pct"]),
            "투입지시오차비율": "0",
            "투입지시단위": "KG",
            "시방원재료적요": used["material_remark"],
            "추가투입량(생산자판단)": numbers(used["extra_kg"]),
            "정지중량(유속흐름제어)": "0",
            "스텝그룹넘버": "1",
            "비고": "",
        }
    )
