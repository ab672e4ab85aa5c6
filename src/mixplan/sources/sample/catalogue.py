"""The catalogue of the simulated plant: regions, products, recipes, materials and the words of its names."""

import json
from pathlib import Path

import yaml
from pydantic import NonNegativeFloat, PositiveFloat, ValidationError, model_validator

from mixplan.config.base import MixplanError, Strict

Taste = tuple[float, float, float, float]


class CatalogueError(MixplanError):
    """The catalogue file is missing or does not say what it must."""


class Region(Strict):
    """A region: its climate, and the towns where customers have sites."""

    name: str
    demand_weight: PositiveFloat
    temperature_c: float
    """Mean of the year."""
    temperature_swing_c: PositiveFloat
    """Half the distance from the coldest to the warmest day's mean."""
    humidity_pct: PositiveFloat
    wetness: PositiveFloat
    towns: tuple[str, ...]


class Supplier(Strict):
    """A supplier: its lead times are lognormal about the median."""

    code: str
    median_lead_days: PositiveFloat
    lead_spread: NonNegativeFloat
    """Standard deviation of the log of the lead time."""


class Material(Strict):
    """A material that is bought."""

    code: str
    name: str
    supplier: str
    price_krw: PositiveFloat
    container_kg: PositiveFloat
    """It is bought in multiples of this."""
    listed: bool
    """Whether the ERP's list of raw materials has it."""


class Segment(Strict):
    """A trade: what its customers like."""

    name: str
    weight: PositiveFloat
    taste: Taste


class Product(Strict):
    """A product of the plant; its recipe is in per cent, by material code or by the product whose mix is added."""

    name: str
    code_prefix: str
    weight: PositiveFloat
    load_kg: PositiveFloat
    price_krw: PositiveFloat
    temperature: float
    humidity: float
    growth: float
    taste: Taste
    recipe: dict[str, PositiveFloat]


class Catalogue(Strict):
    """Everything the simulation does not draw by chance."""

    regions: tuple[Region, ...]
    suppliers: tuple[Supplier, ...]
    spot_supplier: str
    materials: tuple[Material, ...]
    mixes: tuple[str, ...]
    """Products of which one customer's mix is a material of other products."""
    segments: tuple[Segment, ...]
    products: tuple[Product, ...]
    company_names: tuple[str, ...]
    departments: tuple[str, ...]
    product_remarks: tuple[str, ...]
    lot_remarks: tuple[str, ...]
    material_remarks: tuple[str, ...]

    @model_validator(mode="after")
    def _consistent(self) -> "Catalogue":
        recipes = {product.name: product.recipe for product in self.products}
        known = {material.code for material in self.materials} | set(self.mixes)
        for name, recipe in recipes.items():
            if set(recipe) - known:
                raise ValueError(f"recipe of {name}: unknown materials {sorted(set(recipe) - known)}")
            if abs(sum(recipe.values()) - 100.0) > 1e-6:
                raise ValueError(f"recipe of {name}: shares add to {sum(recipe.values()):g}, not 100")
        for mix in self.mixes:
            if mix not in recipes or set(recipes[mix]) & set(self.mixes):
                raise ValueError(f"mix {mix}: must be a product whose own recipe holds no mix")
        return self

    def first(self, products: int, regions: int, customers: int) -> "Catalogue":
        """The same plant with fewer products and regions; recipes lose the mixes that are no longer made.

        Raises:
            CatalogueError: the catalogue has fewer entries than asked for.
        """
        for what, asked, entries in (
            ("products", products, len(self.products)),
            ("regions", regions, len(self.regions)),
            ("customers", customers, len(self.company_names)),
        ):
            if asked > entries:
                raise CatalogueError(
                    f"simulation.{what}: {asked} asked for, but the catalogue has {entries}; ask for fewer"
                )
        kept = self.products[:products]
        mixes = tuple(mix for mix in self.mixes if mix in {product.name for product in kept})
        gone = set(self.mixes) - set(mixes)
        return self.model_copy(
            update={
                "products": tuple(_without(product, gone) for product in kept),
                "regions": self.regions[:regions],
                "mixes": mixes,
            }
        )


def _without(product: Product, gone: set[str]) -> Product:
    kept = {material: share for material, share in product.recipe.items() if material not in gone}
    total = sum(kept.values())
    return product.model_copy(update={"recipe": {material: 100.0 * share / total for material, share in kept.items()}})


def load_catalogue(path: Path) -> Catalogue:
    """Read a catalogue.

    Raises:
        CatalogueError: the file is missing, or an entry is missing, unknown or of the wrong type.
    """
    try:
        return Catalogue.model_validate_json(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8"))))
    except FileNotFoundError as error:
        raise CatalogueError(f"{path}: no such catalogue; set source.path to the plant's YAML file") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CatalogueError(f"{path}: {where}: {first['msg']}; correct the entry") from error
