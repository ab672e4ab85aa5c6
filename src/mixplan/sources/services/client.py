"""One service over HTTP: at its pace, again where that may help, and with the key on the wire alone."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Self, TypeVar

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from mixplan.config.services import Service
from mixplan.sources.services.api_key import ApiKey
from mixplan.sources.services.errors import PassingError, ServiceError, UnreadableError

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Clock:
    """Time as the client sees and spends it."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class KeyTransport(httpx.BaseTransport):
    """Adds the key to a request on its last step, so that the URLs which httpx logs and raises never have it."""

    def __init__(self, parameter: str, key: ApiKey) -> None:
        self._parameter = parameter
        self._key = key
        self._wire = httpx.HTTPTransport()
        # Below INFO httpcore logs the headers of answers, and that of a redirect may repeat the address with the key.
        logging.getLogger("httpcore").setLevel(logging.INFO)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request with the key."""
        url = request.url.copy_add_param(self._parameter, self._key.value)
        keyed = httpx.Request(request.method, url, headers=request.headers, extensions=request.extensions)
        return self._wire.handle_request(keyed)

    def close(self) -> None:
        """Close its connections."""
        self._wire.close()


class ServiceClient:
    """A service, its key parameter and its manners; the key is read when the first request needs it."""

    def __init__(
        self, name: str, config: Service, key_parameter: str, environment: Mapping[str, str], clock: Clock
    ) -> None:
        self.name = name
        self._config = config
        self._key_parameter = key_parameter
        self._environment = environment
        self._clock = clock
        self._next_request = clock.now()

    @cached_property
    def key(self) -> ApiKey:
        """The key in the environment."""
        return ApiKey.from_environment(self._config.key_variable, self._environment)

    @cached_property
    def _http(self) -> httpx.Client:
        transport = KeyTransport(self._key_parameter, self.key)
        return httpx.Client(transport=transport, timeout=self._config.timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if "_http" in self.__dict__:
            self._http.close()

    def ask(self, parameters: Mapping[str, str], read: Callable[[str], Answer]) -> Answer:
        """Ask once more after each passing error, with waits that double.

        Args:
            parameters: the query without the key.
            read: the answer's text, in which the key is redacted, as what is asked for; raises ``PassingError`` or
                ``ServiceError`` where the text says that something is wrong, ``UnreadableError`` where it says nothing.

        Raises:
            ServiceError: nothing helped.
        """
        retrying = Retrying(
            stop=stop_after_attempt(self._config.attempts),
            wait=wait_exponential(multiplier=self._config.first_wait_s, max=self._config.longest_wait_s),
            retry=retry_if_exception_type(PassingError),
            before_sleep=self._tell,
            sleep=self._clock.sleep,
            reraise=True,
        )
        try:
            answer: Answer = retrying(self._ask_once, parameters, read)
        except PassingError as error:
            raise ServiceError(
                f"{self.name}: {error}, {self._config.attempts} times; what was fetched is kept: run again later"
            ) from None
        except ServiceError as error:
            raise ServiceError(f"{self.name}: {error}") from None
        return answer

    def _ask_once(self, parameters: Mapping[str, str], read: Callable[[str], Answer]) -> Answer:
        http = self._http
        self._wait_for_turn()
        try:
            response = http.get(self._config.base_url, params=dict(parameters))
        except httpx.RequestError as error:
            raise PassingError(f"no answer ({type(error).__name__})") from None
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error:
            raise PassingError(f"HTTP {response.status_code}")
        try:
            return read(self.key.redacted(response.text))
        except UnreadableError:
            if response.is_success:
                raise PassingError("an answer that cannot be read") from None
            raise ServiceError(
                f"HTTP {response.status_code}: check {self._config.key_variable}, and that it may use this service"
            ) from None

    def _wait_for_turn(self) -> None:
        now = self._clock.now()
        if self._next_request > now:
            self._clock.sleep(self._next_request - now)
        self._next_request = max(now, self._next_request) + 1 / self._config.requests_per_second

    def _tell(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        wait = state.next_action.sleep if state.next_action else 0.0
        logger.info("%s: %s; again in %.0f s", self.name, error, wait)
