"""What each part of the order of products brings, on purchases that came after all that it was told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.config.customers import CustomersConfig
from mixplan.config.recommend import RecommendCandidate, RecommendConfig
from mixplan.config.rerank import AblationConfig
from mixplan.customers.behaviour import behaviour
from mixplan.customers.segments import TooFewCustomersError, find_segments
from mixplan.recommend.hits import gain_interval, hits, means
from mixplan.recommend.model import new_recommender
from mixplan.recommend.parts import PARTS
from mixplan.recommend.ranking import Ranker
from mixplan.recommend.ratings import ratings
from mixplan.recommend.shelf import YEAR, Plant, shelf_of

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A customer who bought something in the days after an origin; arrays have one value a product offered."""

    customer: str
    base: Values
    parts: Values
    """(parts, products)."""
    plain: Values
    """The model's scores alone; nothing for a new product."""
    wanted: npt.NDArray[np.bool_]
    """What was bought, of what was offered."""
    n_wanted: int
    """How many products were bought, offered or not."""
    is_first: npt.NDArray[np.bool_]
    """Which products the customer had never bought before."""
    is_new: bool
    """Whether the model did not know the customer."""


Judge = Callable[[Case, Values], tuple[float, float] | None]
"""NDCG at 10 and whether there was a hit, of a case by places."""


def ablation(
    plant: Plant,
    candidate: RecommendCandidate,
    holdout: pd.Timestamp,
    config: RecommendConfig,
    customers: CustomersConfig,
    seed: int,
) -> dict[str, object]:
    """Scores of the model alone, with each part, with all that are on and without each of them.

    Args:
        plant: tables of the mart.
        candidate: the model, fitted anew at each origin.
        holdout: first day of the window that no choice may see; the last origin's days end there.
        config: weights, and how many origins.
        customers: how segments are found, anew at each origin.
        seed: where chance starts.

    Returns:
        rows (variant, ndcg_at_10, hit_rate_at_10, ndcg_gain_low and ndcg_gain_high: where the gain in NDCG over the
        model alone lies by ``gain_interval``, or over all that are on where one of these is left out; and all with
        ``first_``: of products that the customer had never bought, over customers who bought such), new (what new
        customers got, and what averages alone would give) and n.
    """
    cases = list(_cases(plant, candidate, holdout, config, customers, seed))
    weights = {name: getattr(config.rerank, name).weight * (-1.0 if name == "rest" else 1.0) for name in PARTS}
    on = [name for name in PARTS if getattr(config.rerank, name).is_on]
    variants = {"model alone": [], **{f"model, {name}": [name] for name in PARTS}, "as configured": on}
    variants |= {f"as configured, without {name}": [one for one in on if one != name] for name in on}
    taken = {name: np.array([weights[part] * (part in chosen) for part in PARTS]) for name, chosen in variants.items()}
    rows = []
    for name, each in taken.items():
        against = taken["as configured"] if ", without " in name else taken["model alone"]
        everything, first = (_scores(judge, cases, each, against, seed) for judge in (_everything, _first))
        rows.append({"variant": name, **everything, **{f"first_{key}": value for key, value in first.items()}})
    return {"rows": rows, "new": _new(cases), "n": float(len(cases))}


def _cases(
    plant: Plant,
    candidate: RecommendCandidate,
    holdout: pd.Timestamp,
    config: RecommendConfig,
    customers: CustomersConfig,
    seed: int,
) -> Iterator[Case]:
    for origin in days_before(holdout, plant.sales, config.ablation):
        known = ratings(plant.sales, origin - pd.Timedelta(weeks=config.window_weeks), origin, config.rating)
        model = new_recommender(candidate, seed).fit(known)
        shelf = shelf_of(plant, prefers_at(plant.sales, origin, customers, seed), origin, config)
        ranker = Ranker(model, shelf, config.rerank)
        for customer, rows in bought_after(origin, plant.sales, config.ablation).groupby("customer_code"):
            wanted, code = set(rows["product"]), str(customer)
            buyer = ranker.buyer(code)
            scores, base = ranker.base(code)
            yield Case(
                customer=code,
                base=base,
                parts=ranker.parts.values(buyer),
                plain=np.where(np.arange(len(scores)) < len(ranker.known), scores, -np.inf),
                wanted=np.array([product in wanted for product in ranker.products]),
                n_wanted=len(wanted),
                is_first=buyer.orders == 0,
                is_new=code not in model.customers,
            )


def days_before(holdout: pd.Timestamp, sales: pd.DataFrame, config: AblationConfig) -> list[pd.Timestamp]:
    """The days on which parts are tried, the last ``days`` before the holdout, and all with a year of sales before."""
    found = [holdout - pd.Timedelta(days=config.days * (number + 1)) for number in reversed(range(config.origins))]
    return [day for day in found if day - pd.Timedelta(days=YEAR) >= sales["sold_on"].min()]


def bought_after(origin: pd.Timestamp, sales: pd.DataFrame, config: AblationConfig) -> pd.DataFrame:
    """What was bought in the ``days`` from an origin on; returns are left out."""
    ahead = (sales["sold_on"] - origin).dt.days
    return sales[ahead.between(0, config.days - 1) & (sales["quantity_kg"] > 0)]


def prefers_at(sales: pd.DataFrame, as_of: pd.Timestamp, config: CustomersConfig, seed: int) -> pd.Series:
    """What each customer's segment asks for, by segments found on that day; nothing where there are too few customers.

    Only as many segments as sales has names for are tried: on a past day nothing is reported that stability would back.
    """
    kinds = len(config.segments)
    alone = config.model_copy(update={"min_segments": kinds, "max_segments": kinds, "bootstraps": 1})
    frame = behaviour(sales, as_of, config).assign(at_risk=False)
    try:
        segments = find_segments(frame, alone, seed)
    except TooFewCustomersError:
        return pd.Series(dtype=object)
    return preferred(segments.assign(frame), config)


def preferred(customers: pd.DataFrame, config: CustomersConfig) -> pd.Series:
    """What each customer's segment asks for, by customer_code; empty for who is gone."""
    asked = {key: kind.prefers for key, kind in config.segments.items()}
    return customers.set_index("customer_code")["segment_kind"].map(asked).fillna("")


def _everything(case: Case, places: Values) -> tuple[float, float]:
    return hits(places, case.wanted, case.n_wanted)


def _first(case: Case, places: Values) -> tuple[float, float] | None:
    """Of products never bought before; nothing where the customer bought none such."""
    wanted = case.wanted & case.is_first
    return hits(np.where(case.is_first, places, -np.inf), wanted, int(wanted.sum())) if wanted.any() else None


def _scores(judge: Judge, cases: list[Case], weights: Values, against: Values, seed: int) -> dict[str, float]:
    """Scores by parts' weights, and the interval of their gain over other weights."""
    judged = [
        (case.customer, own, other)
        for case in cases
        if (own := judge(case, case.base + weights @ case.parts))
        and (other := judge(case, case.base + against @ case.parts))
    ]
    scores = means([own for _, own, _ in judged])
    if not judged:
        return scores
    gains = np.array([own[0] - other[0] for _, own, other in judged])
    low, high = gain_interval(gains, [customer for customer, _, _ in judged], seed)
    return scores | {"ndcg_gain_low": low, "ndcg_gain_high": high}


def _new(cases: list[Case]) -> dict[str, float]:
    """What customers got whom the model did not know, beside what its averages alone would have given."""
    unknown = [case for case in cases if case.is_new]
    circle = means([hits(case.base, case.wanted, case.n_wanted) for case in unknown])
    averages = means([hits(case.plain, case.wanted, case.n_wanted) for case in unknown])
    return circle | {f"averages_{name}": value for name, value in averages.items() if name != "n"}
