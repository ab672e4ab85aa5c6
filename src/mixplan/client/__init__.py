"""Questions to a running service and its answers, as typed Python objects."""

from mixplan.client.client import ChangedError, Client, RefusedError, UnreachableError

__all__ = ["ChangedError", "Client", "RefusedError", "UnreachableError"]
