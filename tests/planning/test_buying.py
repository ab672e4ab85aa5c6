"""Packs, smallest orders, tanks and price breaks."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from mixplan.config.planning import MaterialTerms, OrderingConfig
from mixplan.planning.buying import BuyingTerms, buying_terms
from mixplan.planning.orders import plan_orders
from mixplan.planning.projection import project_stock
from tests.planning.conftest import ALWAYS_OPEN, EVERY_DAY

START = pd.Timestamp("2024-06-03")
some = settings(max_examples=100, deadline=None)


def config_of(**terms: object) -> OrderingConfig:
    own = MaterialTerms.model_validate(terms, strict=False)
    return OrderingConfig(weekday=0, pack_kg=50.0, minimum_kg=100.0, materials={"M": own}, suppliers=ALWAYS_OPEN)


def test_a_material_has_its_own_terms_and_the_general_ones_for_the_rest() -> None:
    config = config_of(tank_kg=900.0, price_breaks=[{"from_kg": 500.0, "price_share": 0.9}])
    terms = buying_terms(config, pd.Index(["L", "M"]))
    assert terms.pack_kg.tolist() == [50.0, 50.0]
    assert terms.minimum_kg.tolist() == [100.0, 100.0]
    assert terms.tank_kg.tolist() == [np.inf, 900.0]
    assert terms.price_share(np.array([500.0, 500.0])).tolist() == [1.0, 0.9]
    assert buying_terms(config_of(minimum_kg=0.0), pd.Index(["M"])).minimum_kg.tolist() == [0.0]


@pytest.mark.parametrize("breaks", [[(500.0, 0.9), (400.0, 0.8)], [(400.0, 0.8), (500.0, 0.9)]])
def test_price_breaks_that_do_not_fall_are_refused(breaks: list[tuple[float, float]]) -> None:
    rows = [{"from_kg": kilograms, "price_share": share} for kilograms, share in breaks]
    with pytest.raises(ValidationError, match="price_breaks must rise in from_kg and fall in price_share"):
        config_of(price_breaks=rows)


@some
@given(
    st.integers(0, 400),
    st.integers(0, 800),
    st.integers(1, 60),
    st.integers(0, 150),
    st.lists(st.tuples(st.integers(1, 500), st.integers(50, 99)), max_size=3),
)
def test_the_order_is_the_cheapest_that_is_enough_and_fits(
    lacking: int, room: int, pack: int, minimum: int, breaks: list[tuple[int, int]]
) -> None:
    """Every number of packs is tried; where nothing that is enough fits, as much as does."""
    starts, shares = sorted({start for start, _ in breaks}), sorted({share for _, share in breaks}, reverse=True)
    pairs = list(zip(starts, shares, strict=False))
    terms = BuyingTerms(
        np.array([float(pack)]),
        np.array([float(minimum)]),
        np.array([np.inf]),
        tuple((np.array([float(start)]), np.array([share / 100])) for start, share in pairs),
    )
    found = terms.order(np.array([float(lacking)]), np.array([float(room)]))[0]

    def cost(kilograms: int) -> int:
        return kilograms * min([share for start, share in pairs if kilograms >= start], default=100)

    fitting = range(0, room + 1, pack)
    enough = [kilograms for kilograms in fitting if kilograms >= max(lacking, minimum)]
    if lacking == 0 or fitting[-1] < minimum:
        assert found == 0
    elif enough:
        assert cost(round(found)) == min(map(cost, enough))
        assert found in enough
    else:
        assert found in fitting
        assert found == fitting[-1] or cost(round(found)) <= cost(fitting[-1])


@some
@given(
    st.lists(st.integers(0, 300), min_size=21, max_size=21),
    st.integers(0, 900),
    st.integers(0, 9),
    st.integers(900, 2000),
)
def test_no_receipt_of_the_plan_overflows_a_tank(use: list[int], on_hand: int, lead: int, tank: int) -> None:
    days = pd.date_range(START, periods=len(use))
    requirements = pd.DataFrame({"date": days, "material_code": "M", "requirement_kg": [float(kg) for kg in use]})
    stock = pd.DataFrame({"material_code": ["M"], "on_hand_kg": [float(on_hand)], "stock_source": "counted"})
    nothing = pd.DataFrame({"material_code": [], "quantity_kg": [], "expected_on": pd.to_datetime([])})
    policy = pd.DataFrame(
        {
            "material_code": ["M"],
            "mean_lead_time_days": float(lead),
            "safety_stock_kg": 500.0,
            "reorder_point_kg": 500.0,
            "order_up_to_kg": float("nan"),
            "unit_price_krw": 100.0,
            "supplier_code": "S",
            "lead_time_source": "9 receipts",
        }
    )
    terms = config_of(tank_kg=tank, price_breaks=[{"from_kg": 600.0, "price_share": 0.5}])
    orders = plan_orders(requirements, stock, nothing, policy, START, terms, EVERY_DAY)
    projected = project_stock(requirements, stock, orders[nothing.columns], START)
    after_receipt = projected["opening_kg"] + projected["receipts_kg"]
    assert (after_receipt[projected["receipts_kg"] > 0] <= tank + 1e-6).all()
    assert (orders["quantity_kg"] >= 100.0).all()
    cheap = orders["quantity_kg"] >= 600.0
    assert (orders.loc[cheap, "unit_price_krw"] == 50.0).all()
    assert (orders.loc[~cheap, "unit_price_krw"] == 100.0).all()
    is_less = orders["reason"].str.contains("fit in the tank of")
    assert orders.loc[is_less, "reason"].str.contains("no more than").all()
