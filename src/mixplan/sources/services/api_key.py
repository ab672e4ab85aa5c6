"""An API key that comes from the environment and is seen nowhere but on the wire."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from mixplan.sources.services.errors import ServiceError


@dataclass(frozen=True)
class ApiKey:
    """A key without percent-encoding; its text is in no ``repr``."""

    value: str = field(repr=False)

    @classmethod
    def from_environment(cls, variable: str, environment: Mapping[str, str]) -> "ApiKey":
        """The key in an environment variable; data.go.kr also hands keys out percent-encoded, which is undone.

        Raises:
            ServiceError: the variable is missing or blank, or holds what no key holds.
        """
        value = unquote(environment.get(variable, "").strip())
        if not value:
            raise ServiceError(f"environment variable {variable} is not set: set it to the API key of the service")
        if not (value.isascii() and value.isprintable()):
            raise ServiceError(f"environment variable {variable} is no API key: copy it again, letters and signs alone")
        return cls(value)

    def redacted(self, text: str) -> str:
        r"""The text with ``***`` in place of the key, however URLs and JSON spell its signs.

        >>> ApiKey("a+b/c==").redacted(r"a%2Bb%2Fc%3D%3D or a+b\/c\u003d=")
        '*** or ***'
        """
        return re.sub("".join(map(_spellings, self.value)), "***", text, flags=re.IGNORECASE)


def _spellings(sign: str) -> str:
    """One sign of a key as a pattern: percent-encoded, as JSON's code point, escaped or as it is; also twice."""
    return rf"(?:%(?:25)*{ord(sign):02x}|\\+u{ord(sign):04x}|\\*{re.escape(sign)})"
