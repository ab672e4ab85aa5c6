"""API keys: who may ask, and how often. Only hashes are kept; a key itself is never stored or logged."""

import hashlib
import os
import re
import time
from collections.abc import Mapping
from pathlib import Path

from mixplan.config.base import MixplanError

KEYS, KEYS_FILE = "MIXPLAN_API_KEYS", "MIXPLAN_API_KEYS_FILE"
_ENTRY = re.compile(r"(?P<name>[\w.-]{1,50}):(?P<digest>[0-9a-f]{64})")


class KeysError(MixplanError):
    """The keys cannot be read."""


def read_keys(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The names of keys by their SHA-256, from the environment or from a file; none where neither is set.

    Entries are ``name:sha256``, with blanks, line breaks or commas between them.

    Raises:
        KeysError: the file cannot be read, an entry is none, or both are set.
    """
    if KEYS in environment and KEYS_FILE in environment:
        raise KeysError(f"{KEYS} and {KEYS_FILE} are both set: set one of them")
    text, where = environment.get(KEYS, ""), KEYS
    if KEYS_FILE in environment:
        where = environment[KEYS_FILE]
        try:
            text = Path(where).read_text(encoding="utf-8")
        except OSError as error:
            raise KeysError(f"{where}: {error.strerror}; {KEYS_FILE} must name a file of keys") from None
    found = {}
    for position, entry in enumerate(re.split(r"[\s,]+", text.strip()) if text.strip() else (), 1):
        match = _ENTRY.fullmatch(entry)
        if not match:
            # The entry is not repeated: it may be a key in plain text.
            raise KeysError(f"{where}: entry {position} is not `name:sha256 of the key, in 64 hexadecimal digits`")
        found[match["digest"]] = match["name"]
    if KEYS_FILE in environment and not found:
        raise KeysError(f"{where}: no keys in it; write one `name:sha256` a line")
    return found


def digest_of(key: str) -> str:
    """SHA-256 of a key; keys are long and random, so that a slow hash would add nothing.

    >>> digest_of("a key")[:8]
    '8fa3aab2'
    """
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


class Allowance:
    """A token bucket for each key: one second's requests at once, then as many a second.

    Args:
        rate: requests a second.
    """

    def __init__(self, rate: float) -> None:
        self.rate, self.most = rate, max(rate, 1.0)
        self._left: dict[str, tuple[float, float]] = {}

    def seconds_to_wait(self, name: str, now: float | None = None) -> float:
        """Take one request, or say how long until there is one.

        Args:
            name: whose.
            now: seconds on a clock that does not go back.

        >>> allowance = Allowance(2.0)
        >>> [allowance.seconds_to_wait("a", now=0.0) for _ in range(3)], allowance.seconds_to_wait("a", now=0.5)
        ([0.0, 0.0, 0.5], 0.0)
        """
        now = time.monotonic() if now is None else now
        left, since = self._left.get(name, (self.most, now))
        left = min(self.most, left + (now - since) * self.rate)
        allowed = left >= 1.0
        self._left[name] = (left - allowed, now)
        return 0.0 if allowed else (1.0 - left) / self.rate
