"""Customers: who they are, when they come and go, and which mixes of which products they buy for which sites."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixplan.sources.sample.catalogue import Catalogue
from mixplan.sources.sample.randomness import Counts, Values
from mixplan.sources.sample.scenario import Scenario

START_SCALE_DAYS = 25.0
"""Time scale on which a new customer, or a new mix, reaches its full volume."""


@dataclass(frozen=True)
class Customers:
    """Customers and their mixes; a mix is a product for one site of one customer, and has a product code."""

    frame: pd.DataFrame
    """customer_code, customer_name, company (its short name), department."""
    arrival: Values
    """Day of the first possible order, by customer; below zero before the first day."""
    departure: Values
    """Day after the last possible order; infinite where the customer stays."""
    growth: Values
    """Log growth a year."""
    discount: Values
    """Discount on the list price."""
    mixes: pd.DataFrame
    """product_code, product_name, customer, product, region (positions), town, share (of all demand), adopted (day)."""


def simulate_customers(scenario: Scenario) -> Customers:
    """Draw the customers of all years and what each will buy."""
    rng, catalogue, days = scenario.rng("customers"), scenario.catalogue, len(scenario.days)
    count, life = scenario.config.customers, scenario.config.life
    segment = rng.choice(len(catalogue.segments), count, p=_shares([one.weight for one in catalogue.segments]))
    arrival = np.where(rng.random(count) < life.present_at_start, -365.0, rng.uniform(0.0, 0.8 * days, count))
    leaves = rng.uniform(np.maximum(arrival, 0.0) + 0.15 * days, 1.1 * days)
    size = rng.lognormal(0.0, 0.6, count)
    frame = _names(rng, catalogue, segment)
    mixes = _mixes(rng, scenario, frame, segment, size)
    adopted_late = rng.random((count, len(catalogue.products))) >= life.adopted_at_start
    adopted = arrival[:, None] + adopted_late * rng.uniform(0.0, 1.0, adopted_late.shape) * (days - arrival[:, None])
    mixes["adopted"] = adopted[mixes["customer"], mixes["product"]]
    return Customers(
        frame=frame,
        arrival=arrival,
        departure=np.where(rng.random(count) < life.leaving, leaves, np.inf),
        # the mean keeps the plant about as large over five years, since growing customers outweigh shrinking ones
        growth=rng.normal(-2.0 * life.growth_spread**2, life.growth_spread, count),
        discount=rng.uniform(0.0, life.discount_max, count),
        mixes=mixes,
    )


def _shares(weights: list[float]) -> Values:
    return np.array(weights, dtype=np.float64) / sum(weights)


def _names(rng: np.random.Generator, catalogue: Catalogue, segment: Counts) -> pd.DataFrame:
    company = rng.permutation(np.array(catalogue.company_names, dtype=object))[: len(segment)]
    trade = np.array([one.name for one in catalogue.segments], dtype=object)[segment]
    code = (2001100 + 100 * np.arange(len(segment))).astype(str).astype(object)
    department = rng.choice(np.array(catalogue.departments, dtype=object), len(segment))
    columns = {"customer_code": code, "customer_name": "(주)" + company + trade, "company": company}
    return pd.DataFrame({**columns, "department": department})


def _mixes(
    rng: np.random.Generator, scenario: Scenario, frame: pd.DataFrame, segment: Counts, size: Values
) -> pd.DataFrame:
    """Every customer's mixes: the products it likes best, each for one or more of its sites."""
    config, catalogue = scenario.config, scenario.catalogue
    popularity = np.log([product.weight for product in catalogue.products])
    affinity = popularity + _affinity(rng, scenario, segment)
    spare = config.product_codes - 2 * config.customers
    wanted = 2 + rng.multinomial(spare, np.sqrt(size) / np.sqrt(size).sum())
    rows = []
    for customer, count in enumerate(wanted):
        sites = _sites(rng, catalogue, int(np.ceil(count / 12)), int(np.ceil(count / len(catalogue.products))))
        liking = affinity[customer][:, None] + 0.4 * rng.gumbel(size=(len(catalogue.products), len(sites)))
        wish = liking - 0.75 * popularity[:, None]  # even a rare product has its buyers, who take little of it
        wish[customer :: config.customers, 0] = np.inf  # and every product has one
        product, site = np.unravel_index(np.argsort(-wish, axis=None)[:count], wish.shape)
        share = np.exp(liking[product, site])
        place = pd.DataFrame([sites[one] for one in site], columns=["region", "town"])
        place.insert(0, "customer", customer)
        rows.append(place.assign(product=product, share=size[customer] * share / share.sum()))
    mixes = pd.concat(rows, ignore_index=True)
    mixes.insert(0, "product_code", _codes(catalogue, mixes))
    mixes.insert(1, "product_name", _product_names(rng, catalogue, frame, mixes))
    return mixes


def _affinity(rng: np.random.Generator, scenario: Scenario, segment: Counts) -> Values:
    """Log liking (customers, products): a low-rank taste that the trade shares, and the customer's own."""
    centre = np.array([one.taste for one in scenario.catalogue.segments])[segment]
    taste = centre + 0.2 * rng.standard_normal(centre.shape)
    products = np.array([product.taste for product in scenario.catalogue.products])
    own = 0.35 * rng.gumbel(size=(len(segment), len(products)))
    return np.asarray(scenario.config.effects.taste * taste @ products.T + own, dtype=np.float64)


def _sites(rng: np.random.Generator, catalogue: Catalogue, wanted: int, least: int) -> list[tuple[int, str]]:
    """Sites (region position, town): most of them in the customer's home region, some in another."""
    weight = _shares([region.demand_weight for region in catalogue.regions])
    home, other = rng.choice(len(weight), 2, p=weight)
    towns = [(int(region), town) for region in dict.fromkeys((home, other)) for town in catalogue.regions[region].towns]
    nearness = np.array([3.0 if region == home else 1.0 for region, _ in towns])
    chosen = rng.choice(len(towns), min(max(wanted, least), len(towns)), replace=False, p=nearness / nearness.sum())
    return [towns[place] for place in chosen]


def _codes(catalogue: Catalogue, mixes: pd.DataFrame) -> list[str]:
    """Codes as the ERP makes them: family, number within the customer, customer and site."""
    number = mixes.groupby("customer").cumcount() + 1
    site = mixes.groupby("customer")["town"].transform(lambda towns: pd.factorize(towns)[0])
    prefixes = [catalogue.products[product].code_prefix for product in mixes["product"]]
    return [
        f"{prefix}{nth:02d}3{customer + 1:04d}{place:02d}"
        for prefix, nth, customer, place in zip(prefixes, number, mixes["customer"], site, strict=True)
    ]


def _product_names(
    rng: np.random.Generator, catalogue: Catalogue, frame: pd.DataFrame, mixes: pd.DataFrame
) -> list[str]:
    """Names as people type them: the product, then the customer with its site, with or without a space, some remarks.

    A remark stands before the customer only where no other product's name begins with the product and that remark.
    """
    products = [product.name for product in catalogue.products]
    spaced, remarked = rng.random(len(mixes)) < 0.15, rng.random(len(mixes)) < 0.04
    remarks = rng.choice(np.array(catalogue.product_remarks, dtype=object), len(mixes))
    companies = frame["company"].to_numpy()[mixes["customer"]]
    names = []
    for row, (product, town) in enumerate(zip(mixes["product"], mixes["town"], strict=True)):
        name, buyer = products[product], f"{companies[row]}({town})"
        remark = remarks[row] if remarked[row] else ""
        ambiguous = any(other.startswith(name + remark[:1]) for other in products if other != name)
        space = " " if spaced[row] else ""
        names.append(f"{name}{space}{buyer}{remark}" if remark and ambiguous else f"{name}{remark}{space}{buyer}")
    return names
