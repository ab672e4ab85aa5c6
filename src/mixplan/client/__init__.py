"""Questions to a running service and its answers, as typed Python objects."""

from mixplan.client.client import Client, RefusedError, UnreachableError

__all__ = ["Client", "RefusedError", "UnreachableError"]
