"""Demand: what every mix is expected to sell on every day, and the deliveries that chance makes of it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixplan.config.simulation import CustomerLife, DemandEffects
from mixplan.sources.sample.catalogue import Catalogue
from mixplan.sources.sample.customers import START_SCALE_DAYS, Customers
from mixplan.sources.sample.randomness import Values, autocorrelated
from mixplan.sources.sample.scenario import Scenario
from mixplan.sources.sample.weather import Weather

PRODUCT_MEMORY, CUSTOMER_MEMORY = 0.98, 0.99
"""Correlation of the moods of one day with those of the day before."""


@dataclass(frozen=True)
class Deliveries:
    """Deliveries due, one a mix and day at most, and what was to be expected before chance."""

    frame: pd.DataFrame
    """day, mix (positions), quantity_kg."""
    expected_kg: Values
    """Expected quantity (days, products)."""


@dataclass(frozen=True)
class Moods:
    """Slow ups and downs that nothing explains, as log changes."""

    products: Values
    """Of shape (days, products)."""
    customers: Values
    """Of shape (days, customers)."""


def simulate_deliveries(scenario: Scenario, customers: Customers, weather: Weather, by_day: Values) -> Deliveries:
    """Draw the loads of every mix and day from Poisson laws; the loads of one day make one delivery.

    Args:
        scenario: its effects and catalogue are used.
        customers: who buys what.
        weather: weather of all days, those after the last one included.
        by_day: log change of demand that all sites share: closed days and construction starts.
    """
    rng, effects, catalogue = scenario.rng("demand"), scenario.config.effects, scenario.catalogue
    mixes = customers.mixes
    moods = simulate_moods(rng, effects, len(by_day), len(catalogue.products), len(customers.arrival))
    log_rate = by_day[:, None] + weather_effect(effects, catalogue, weather, mixes)
    log_rate += product_effect(catalogue, mixes, moods)
    log_rate += customer_effect(scenario.config.life, customers, moods)
    rate = np.exp(log_rate)
    rate *= _scale(rate, scenario.config.order_lines_per_year * len(by_day) / 365.25)
    loads = rng.poisson(rate)
    day, mix = np.nonzero(loads)
    of_load = mean_load(effects, catalogue, weather, mixes)
    noise = rng.lognormal(-(effects.load_noise**2) / 2.0, effects.load_noise, len(day))
    quantity = _rounded(loads[day, mix] * of_load[day, mix] * noise)
    expected = np.zeros((len(by_day), len(catalogue.products)))
    np.add.at(expected.T, mixes["product"].to_numpy(), (rate * of_load).T)
    return Deliveries(pd.DataFrame({"day": day, "mix": mix, "quantity_kg": quantity}), expected)


def simulate_moods(rng: np.random.Generator, effects: DemandEffects, days: int, products: int, customers: int) -> Moods:
    """Moods of all products and customers; a product's change faster."""
    of_products = effects.product_noise * autocorrelated(rng, (days, products), PRODUCT_MEMORY)
    of_customers = effects.customer_noise * autocorrelated(rng, (days, customers), CUSTOMER_MEMORY)
    return Moods(of_products, of_customers)


def pour_effect(weather: Weather, effects: DemandEffects) -> Values:
    """Log change of demand (days, regions) by weather in which nobody pours concrete."""
    frost = np.clip(effects.cold_below_c - weather.temperature_c, 0.0, None) / 10.0
    rain, snow = np.clip(weather.rain_mm, 0.0, 40.0) / 20.0, np.clip(weather.snow_cm, 0.0, 10.0) / 5.0
    return np.asarray(-effects.cold * frost - effects.rain * rain - effects.snow * snow, dtype=np.float64)


def weather_effect(effects: DemandEffects, catalogue: Catalogue, weather: Weather, mixes: pd.DataFrame) -> Values:
    """Log change (days, mixes) by the weather: what is poured, and summer, winter and damp weather products."""
    likes = pd.DataFrame([(one.temperature, one.humidity) for one in catalogue.products]).to_numpy()
    product, region = mixes["product"].to_numpy(), mixes["region"].to_numpy()
    warmth = _fortnight((weather.temperature_c - 13.0) / 10.0)[:, region]
    damp = _fortnight((weather.humidity_pct - 66.0) / 10.0)[:, region]
    season = effects.product_season * (warmth * likes[product, 0] + damp * likes[product, 1])
    return np.asarray(pour_effect(weather, effects)[:, region] + season, dtype=np.float64)


def product_effect(catalogue: Catalogue, mixes: pd.DataFrame, moods: Moods) -> Values:
    """Log change (days, mixes) by the product, apart from the weather: growth, and what nobody knows."""
    growth = np.array([one.growth for one in catalogue.products])
    years = np.arange(len(moods.products))[:, None] / 365.25
    return np.asarray((years * growth + moods.products)[:, mixes["product"]], dtype=np.float64)


def _fortnight(values: Values) -> Values:
    """Mean of the last fourteen days: people change to the winter mix when it has been cold for a while."""
    return pd.DataFrame(values).rolling(14, min_periods=1).mean().to_numpy()


def customer_effect(life: CustomerLife, customers: Customers, moods: Moods) -> Values:
    """Log change (days, mixes) by the customer: arrival, growth, fading, departure, and its slow ups and downs."""
    day = np.arange(len(moods.customers), dtype=np.float64)[:, None]
    fading = np.clip((customers.departure - day) / life.fade_days, 1e-9, 1.0)
    gone = np.where(day >= customers.departure, -np.inf, 0.0)
    started = _started(day - customers.arrival)
    activity = started + np.log(fading) + gone + customers.growth * day / 365.25 + moods.customers
    return activity[:, customers.mixes["customer"]] + _mix_shares(customers, day)


def _mix_shares(customers: Customers, day: Values) -> Values:
    """Log share (days, mixes) of all demand: a customer's volume is spread over the mixes it has taken up so far."""
    mixes = customers.mixes
    taken_up = mixes["share"].to_numpy() * np.exp(_started(day - mixes["adopted"].to_numpy()))
    of_customer = pd.get_dummies(mixes["customer"]).to_numpy(dtype=np.float64)
    total = (taken_up @ of_customer) @ of_customer.T
    size = (mixes["share"].to_numpy() @ of_customer) @ of_customer.T
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(np.where(total > 0.0, size * taken_up / total, 0.0)), dtype=np.float64)


def _started(age_days: Values) -> Values:
    """Log share of the full volume that is reached at an age; minus infinity before the start."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(-np.expm1(-np.clip(age_days, 0.0, None) / START_SCALE_DAYS)), dtype=np.float64)


def _scale(rate: Values, lines: float) -> float:
    """Factor on all rates that makes the expected number of days with a delivery what it should be."""
    factor = lines / rate.sum()
    for _ in range(8):
        factor *= lines / -np.expm1(-factor * rate).sum()
    return float(factor)


def mean_load(effects: DemandEffects, catalogue: Catalogue, weather: Weather, mixes: pd.DataFrame) -> Values:
    """Mean weight (days, mixes) of a load: the product's, changed by the dosage that the weather asks for."""
    warm, damp = (weather.temperature_c - 13.0) / 10.0, (weather.humidity_pct - 66.0) / 10.0
    dosage = np.exp(effects.dosage_temperature * warm + effects.dosage_humidity * damp)
    load = np.array([product.load_kg for product in catalogue.products])
    return np.asarray(dosage[:, mixes["region"]] * load[mixes["product"]], dtype=np.float64)


def _rounded(quantity_kg: Values) -> Values:
    """As people order: full hundreds for small loads, full five hundreds for larger ones."""
    step = np.where(quantity_kg < 3000.0, 100.0, 500.0)
    return np.maximum(np.round(quantity_kg / step) * step, 500.0)
