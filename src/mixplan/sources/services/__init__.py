"""Public services as raw tables: asked politely, resumed where they stopped, and kept in a cache of their answers."""

from mixplan.sources.services.client import Clock
from mixplan.sources.services.construction import fetch_construction
from mixplan.sources.services.errors import ServiceError
from mixplan.sources.services.ingest import ingest_services
from mixplan.sources.services.weather import fetch_weather

__all__ = ["Clock", "ServiceError", "fetch_construction", "fetch_weather", "ingest_services"]
