"""What a plan leaves open, each with its reason: the rest of the plan is made all the same."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from mixplan.planning.basis import Basis
from mixplan.planning.lead_times import planned_days
from mixplan.planning.overrides import in_force
from mixplan.planning.supply_calendar import first_arrival
from mixplan.planning.tables import TOLERANCE_KG
from mixplan.planning.wording import day, weight

COLUMNS = ["kind", "code", "quantity_kg", "reason"]
Gap = tuple[str, str, float, str]


def unplanned(basis: Basis, orders: pd.DataFrame) -> pd.DataFrame:
    """What is not made in time, products whose materials are unknown, and materials that are not ordered in full.

    Args:
        basis: what the plan starts from.
        orders: see ``plan_orders``.

    Returns:
        kind ("order", "product", "material" or "override"), code, quantity_kg (what is to be made, needed or ordered)
        and reason, sorted by kind, code and reason.
    """
    needed = basis.requirements.groupby("material_code")["requirement_kg"].sum()
    gaps = [
        *basis.schedule.short.itertuples(index=False, name=None),
        *_products(basis),
        *_too_far(basis, needed),
        *_below_zero(basis.stock),
        *_without_price(orders),
        *_not_carried(basis, orders),
    ]
    return pd.DataFrame(sorted(gaps), columns=COLUMNS).astype({"quantity_kg": "float64"})


def _products(basis: Basis) -> Iterator[Gap]:
    made = basis.production.groupby("product")["quantity_kg"].sum()
    for product, kilograms in made[~made.index.isin(basis.bill.index) & (made > TOLERANCE_KG)].items():
        why = basis.reasons.get(str(product), "it has no recipe")
        yield "product", str(product), kilograms, f"{why}, so its materials are not in the plan; correct its recipe"


def _too_far(basis: Basis, needed: pd.Series) -> Iterator[Gap]:
    """Materials whose orders would all come after the plan's last day."""
    terms, horizon = basis.known.terms, int(basis.requirements["date"].nunique())
    arrives = np.broadcast_to(first_arrival(basis.windows, horizon), len(terms))
    days = planned_days(terms["mean_lead_time_days"])
    for material, takes, day_of_receipt in zip(terms["material_code"], days, arrives, strict=True):
        if day_of_receipt >= horizon and needed.get(material, 0.0) > TOLERANCE_KG:
            came = basis.origin + pd.Timedelta(days=int(day_of_receipt))
            yield (
                "material",
                str(material),
                float(needed[material]),
                (
                    f"an order takes {takes} days and comes on {day(came)} at the earliest, after the plan's last day, "
                    "so none is in it; order by hand, or plan further"
                ),
            )


def _below_zero(stock: pd.DataFrame) -> Iterator[Gap]:
    wrong = stock[stock["book_kg"] < -TOLERANCE_KG]
    for material, book_kg, source in zip(wrong["material_code"], wrong["book_kg"], wrong["stock_source"], strict=True):
        yield (
            "material",
            str(material),
            0.0,
            f"the books say {weight(book_kg)} since it was {source}, so it is planned from 0; count it",
        )


def _without_price(orders: pd.DataFrame) -> Iterator[Gap]:
    without = orders[orders["unit_price_krw"].isna()]
    for material, kilograms in without.groupby("material_code")["quantity_kg"].sum().items():
        yield (
            "material",
            str(material),
            kilograms,
            ("no supplier has a price for it: it is ordered, but no sum of money has it in; ask for one"),
        )


def _not_carried(basis: Basis, orders: pd.DataFrame) -> Iterator[Gap]:
    """What people decided and the plan has no place for."""
    places = {
        "forecast": set(zip(basis.production["product"], basis.production["week"], strict=True)),
        "order": set(zip(orders["material_code"], orders["order_on"], strict=True)),
    }
    for kind, known in places.items():
        for key, line in in_force(basis.overrides, kind, basis.origin).items():
            if key not in known and line.new_kg > 0:
                yield (
                    "override",
                    line.code,
                    line.new_kg,
                    (
                        f"{line.who} decided the {kind} of {day(key[1])} (decision {line.number}), but the plan has no "
                        f"such {'week' if kind == 'forecast' else 'order day, or it would come after the plan'}; "
                        "decide anew, or withdraw it"
                    ),
                )
