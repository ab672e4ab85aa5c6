"""What a recommender can do, and what all of mixplan share: arrays that estimates are read from."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.artifacts.files import read_arrays, read_json, write_arrays, write_json
from mixplan.config.recommend import RecommendCandidate
from mixplan.recommend.order import by_content
from mixplan.recommend.ratings import HIGHEST, LOWEST

Values = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]
UNKNOWN = -1
"""Position of a customer or product without ratings: arrays end with one more row that stands for it."""


class Recommender(Protocol):
    """Estimates ratings. Adding a model takes a class with these methods, its configuration class and a YAML file."""

    rates: ClassVar[bool]
    """Whether scores are ratings; otherwise they only rank."""
    reason: ClassVar[str]
    """Why a product is offered, in plain words with ``{score:.1f}``."""
    customers: Mapping[str, int]
    """Position of every customer with a rating."""
    products: Mapping[str, int]
    """Position of every product with a rating."""

    def fit(self, ratings: pd.DataFrame) -> Self:
        """Learn from customer_code, product and rating, one row a pair, in any order; forget what came before.

        What customers are called changes nothing: those who rated all alike get the same answers.
        """

    def score(self, customer: str, products: Sequence[str]) -> Values:
        """One estimate a product, within 1 to 5 if it ``rates``; averages stand in for what is unknown."""

    def score_all(self, customer: str) -> Values:
        """The same for every product with a rating, in the order of ``products``."""

    def known(self, customer: str, product: str) -> bool:
        """Whether both have ratings, so that ``score`` need not stand in with averages."""

    def save(self, folder: Path) -> None:
        """Write arrays and JSON below ``folder``: equal models are equal bytes."""

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote."""


class ArrayModel:
    """A recommender whose subclass is a dataclass of hyper-parameters with ``_learn`` and ``_estimates``."""

    reason: ClassVar[str]
    rates: ClassVar[bool] = True
    customers: Mapping[str, int]
    products: Mapping[str, int]
    arrays: Mapping[str, Values]

    def fit(self, ratings: pd.DataFrame) -> Self:
        """See ``Recommender.fit``."""
        ordered = by_content(ratings)
        self.customers = _positions(ordered["customer_code"].unique())
        self.products = _positions(np.sort(ordered["product"].unique()))
        self.arrays = self._learn(ordered)
        return self

    def score(self, customer: str, products: Sequence[str]) -> Values:
        """See ``Recommender.score``."""
        return self._scores(customer, np.array([self.products.get(name, UNKNOWN) for name in products], dtype=np.intp))

    def score_all(self, customer: str) -> Values:
        """See ``Recommender.score_all``."""
        return self._scores(customer, np.arange(len(self.products), dtype=np.intp))

    def known(self, customer: str, product: str) -> bool:
        """See ``Recommender.known``."""
        return customer in self.customers and product in self.products

    def save(self, folder: Path) -> None:
        """See ``Recommender.save``."""
        state = {
            "target": f"{type(self).__module__}.{type(self).__qualname__}",
            "parameters": asdict(self),  # type: ignore[call-overload]
            "customers": list(self.customers),
            "products": list(self.products),
        }
        write_json(folder / "model.json", state)
        write_arrays(folder / "arrays.npz", self.arrays)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See ``Recommender.load``."""
        state = read_json(folder / "model.json")
        model = cls(**state["parameters"])
        model.customers = {customer: position for position, customer in enumerate(state["customers"])}
        model.products = {product: position for position, product in enumerate(state["products"])}
        model.arrays = read_arrays(folder / "arrays.npz")
        return model

    def _scores(self, customer: str, products: Positions) -> Values:
        estimates = self._estimates(self.customers.get(customer, UNKNOWN), products)
        return np.clip(estimates, LOWEST, HIGHEST) if self.rates else estimates

    def _learn(self, ratings: pd.DataFrame) -> dict[str, Values]:
        """Arrays from ratings ``by_content``: rows are of ``customers`` or ``products`` in order, then the unknown."""
        raise NotImplementedError

    def _estimates(self, customer: int, products: Positions) -> Values:
        """Estimates, not clipped, of products by a customer, each given by its position."""
        raise NotImplementedError


def new_recommender(candidate: RecommendCandidate, seed: int) -> Recommender:
    """The candidate's model, not fitted yet; the seed reaches those that draw at random."""
    model: Recommender = candidate.build(**({"random_state": seed} if candidate.draws_at_random else {}))
    return model


def load_recommender(folder: Path) -> Recommender:
    """Read a model of any kind that mixplan's configuration names; no other class is ever imported."""
    from pydantic import TypeAdapter

    state = read_json(folder / "model.json")
    parameters: dict[str, Any] = {"_target_": state["target"], **state["parameters"]}
    parameters.pop("random_state", None)
    candidate = TypeAdapter[RecommendCandidate](RecommendCandidate).validate_python(parameters)
    model: Recommender = candidate.implementation().load(folder)  # type: ignore[attr-defined]
    return model


def with_unknown(array: Values) -> Values:
    """The array with one more row of zeros, which stands for the unknown.

    >>> with_unknown(np.array([3.0, 4.0])).tolist()
    [3.0, 4.0, 0.0]
    """
    return np.concatenate([array, np.zeros((1, *array.shape[1:]))])


def _positions(names: npt.NDArray[Any]) -> dict[str, int]:
    return {str(name): position for position, name in enumerate(names)}
