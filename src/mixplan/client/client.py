"""A client of the services."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from mixplan.client.schemas import (
    CustomerAnswer,
    ExplainAnswer,
    ExplainRequest,
    ForecastAnswer,
    ForecastRequest,
    ModelAnswer,
    RecommendAnswer,
    RecommendRequest,
    ReorderAnswer,
    ReorderRequest,
    ScenarioAnswer,
    ScenarioRequest,
)
from mixplan.config.base import MixplanError

if TYPE_CHECKING:
    import httpx

A = TypeVar("A", bound=BaseModel)
ADDRESS = "http://127.0.0.1:3000"
AGAIN = {429, 503, 504}
"""Refusals that pass: too many requests at once, and a service that starts or is too busy."""


class RefusedError(MixplanError):
    """The service does not answer the question; its sentence says why."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        """The HTTP status."""


class UnreachableError(MixplanError):
    """No service answers at the address."""


class ChangedError(MixplanError):
    """Pages of two champions do not belong together."""


class _PassingError(RefusedError):
    """Worth to ask again."""


class Client:
    """Asks one service; safe to share between threads. Questions change nothing, so what fails is asked again.

    Args:
        address: of the service.
        key: an API key, where the service asks for one.
        timeout_s: seconds to wait for an answer.
        attempts: how often to ask in all, with growing pauses.
        transport: how requests travel; over the network where left out.

    >>> client = Client("http://127.0.0.1:3000")
    >>> client.forecast(ForecastRequest(weeks=4, products=["MPA-HR1000"])).rows  # doctest: +SKIP
    """

    def __init__(
        self,
        address: str = ADDRESS,
        key: str | None = None,
        timeout_s: float = 30.0,
        attempts: int = 5,
        transport: "httpx.BaseTransport | None" = None,
    ) -> None:
        import httpx

        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        self.attempts = attempts
        self._http = httpx.Client(base_url=address, headers=headers, timeout=timeout_s, transport=transport)

    def __enter__(self) -> Self:
        """Connections close with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def forecast(self, request: ForecastRequest) -> ForecastAnswer:
        """Weekly demand with its interval."""
        return self._ask("/forecast", request, ForecastAnswer)

    def forecast_pages(self, request: ForecastRequest) -> Iterator[ForecastAnswer]:
        """The forecast page by page, from the request's offset to its end.

        Raises:
            ChangedError: another champion answers than on the page before; ask anew.
        """
        first: ForecastAnswer | None = None
        offset: int | None = request.offset
        while offset is not None:
            page = self.forecast(request.model_copy(update={"offset": offset}))
            first = first or page
            if page.model_version != first.model_version:
                raise ChangedError("another champion answers than on the page before; ask for the first page again")
            yield page
            offset = page.next_offset

    def explain(self, request: ExplainRequest) -> ExplainAnswer:
        """What moved the plant's forecast."""
        return self._ask("/explain", request, ExplainAnswer)

    def reorder(self, request: ReorderRequest) -> ReorderAnswer:
        """Purchases to place."""
        return self._ask("/reorder", request, ReorderAnswer)

    def scenario(self, request: ScenarioRequest) -> ScenarioAnswer:
        """What would be otherwise."""
        return self._ask("/scenario", request, ScenarioAnswer)

    def recommend(self, request: RecommendRequest) -> RecommendAnswer:
        """Products to offer to a customer."""
        return self._ask("/recommend", request, RecommendAnswer)

    def customer(self, customer: str) -> CustomerAnswer:
        """Segment, risk and action of a customer."""
        return self._ask(f"/customers/{quote(customer, safe='')}", None, CustomerAnswer)

    def model(self) -> ModelAnswer:
        """Versions and cards of the champion."""
        return self._ask("/model", None, ModelAnswer)

    def _ask(self, path: str, request: BaseModel | None, answer: type[A]) -> A:
        """An answer as its class.

        Raises:
            RefusedError: the service refuses the question.
            UnreachableError: nothing answers at the address, or not in time.
        """
        import httpx
        from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

        retrying = Retrying(
            retry=retry_if_exception_type((httpx.TransportError, _PassingError)),
            wait=wait_exponential_jitter(initial=0.1, max=5.0, jitter=0.1),
            stop=stop_after_attempt(self.attempts),
            reraise=True,
        )
        try:
            return answer.model_validate_json(retrying(self._once, path, request))
        except httpx.TransportError as error:
            raise UnreachableError(
                f"{self._http.base_url}: {error or type(error).__name__}; see whether the service runs (`make serve`)"
            ) from None

    def _once(self, path: str, request: BaseModel | None) -> bytes:
        if request is None:
            response = self._http.get(path)
        else:
            body = request.model_dump_json(exclude_unset=True).encode()
            response = self._http.post(path, content=body, headers={"Content-Type": "application/json"})
        if response.is_success:
            return response.content
        kind = _PassingError if response.status_code in AGAIN else RefusedError
        raise kind(response.status_code, _sentence(response))


def _sentence(response: "httpx.Response") -> str:
    try:
        return str(response.json()["error"])
    except (ValueError, KeyError, TypeError):  # a proxy before the service has words of its own
        return f"HTTP status {response.status_code}"
