"""A simulated plant that mixes to order: its truth, the exports its systems write, and a ledger of their defects."""

from mixplan.sources.sample.catalogue import Catalogue, load_catalogue
from mixplan.sources.sample.exports import write_exports
from mixplan.sources.sample.plant import Plant, simulate

__all__ = ["Catalogue", "Plant", "load_catalogue", "simulate", "write_exports"]
