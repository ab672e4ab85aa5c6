"""How near the winner comes to an oracle that knows the demand function of the sample's simulated plant.

The oracle is the plant's own function (`mixplan.sources.sample.demand`): who buys which mixes, how fast each customer
grows, what weather, closed days and construction starts do. It knows neither chance nor the drivers to come, and
forecasts them by their own laws: weather is the mean over many draws of the climate, construction starts from the
origin's month on are what those before make likely. All are scored on the rows that chose the last run's winner.

- `chance alone` knows all of the future but how the dice of each day fall: no forecast can do better.
- `oracle of all customers` knows who will come, leave and take up which products, also after the origin.
- `oracle` knows what has happened by the origin: who came, who has begun to buy less because it leaves, and how every
  customer and product feels that day (the moods of the function, which fade as they do there). It takes customers and
  their products to stay as they are. The ratios are to it.
- `oracle without moods` does not know how anyone feels, as nobody could.

The second table puts the oracle's parts into the winner's forecast, one after another: what the excess is made of.

Run after `make demo`:
    python benchmarks/oracle.py
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from mixplan.artifacts.files import read_json, read_parquet
from mixplan.config.params import load_params
from mixplan.config.source import SampleSource
from mixplan.demand.history import horizon_month, long_demand, weekly_demand
from mixplan.demand.scores import by_month
from mixplan.evaluation.metrics import bias, wape
from mixplan.mart.read import read_table
from mixplan.sources.sample import load_catalogue, simulate
from mixplan.sources.sample.construction import (
    CYCLE,
    CYCLE_MEMORY,
    NOISE,
    SEASON,
    construction_effect,
    simulate_construction,
)
from mixplan.sources.sample.customers import Customers, simulate_customers
from mixplan.sources.sample.demand import (
    CUSTOMER_MEMORY,
    PRODUCT_MEMORY,
    Moods,
    customer_effect,
    mean_load,
    product_effect,
    simulate_moods,
    weather_effect,
)
from mixplan.sources.sample.randomness import Values, generator
from mixplan.sources.sample.scenario import Scenario
from mixplan.sources.sample.weather import simulate_weather
from mixplan.sources.sample.workdays import workday_factor

PROJECT = Path(__file__).parents[1]
WEATHER_DRAWS = 40


@dataclass(frozen=True)
class Truth:
    """The simulated plant as its own function sees it."""

    scenario: Scenario
    customers: Customers
    moods: Moods
    construction: pd.DataFrame
    weather_kg: Values
    """Factor (days, mixes) of the weather, in kilograms a load: its mean over many draws of the climate."""
    scale: float
    """Factor on all demand."""
    expected: pd.DataFrame
    """Weekly kilograms by product before chance, see ``weekly_demand``."""


def main() -> None:
    """Print both tables."""
    params = load_params(PROJECT / "params.yaml")
    if not isinstance(params.source, SampleSource) or not (PROJECT / "metrics/demand.json").is_file():
        sys.exit("error: the last run was none of the sample: run `make demo` first")
    truth = read_truth(params.source, params.seed)
    sales = read_table(PROJECT / "data/mart", "sales")
    winner = read_json(PROJECT / "metrics/demand.json")["winner"]
    found = {
        name: read_parquet(PROJECT / f"predictions/demand/{name}.parquet")
        for name in dict.fromkeys([winner, "seasonal_naive", "planner"])
    }
    rows = found[winner][["origin", "product", "week", "horizon_weeks", "actual_kg"]]
    forecasts = oracles(truth, rows, weekly_demand(sales, truth.scenario.days[-1])) | found
    version = read_json(PROJECT / "metrics/mart.json")["data_version"]
    sys.stdout.write(f"data {version}, winner {winner}, {rows['origin'].nunique()} origins\n")
    sys.stdout.write(show(forecasts) + "\n")
    sys.stdout.write(show(mended(forecasts[winner], forecasts["oracle"])))


def read_truth(source: SampleSource, seed: int) -> Truth:
    """Draw the plant again, and the weather of its climate many times."""
    catalogue, config = load_catalogue(PROJECT / source.path), source.simulation
    scenario = Scenario.of(config, catalogue, seed)
    plant, customers, days = simulate(config, catalogue, seed), simulate_customers(scenario), scenario.future
    effects, mixes, used = config.effects, customers.mixes, scenario.catalogue
    sizes = (len(days), len(used.products), len(customers.arrival))
    moods = simulate_moods(scenario.rng("demand"), effects, *sizes)
    months = pd.date_range(
        days[0].replace(day=1) - pd.DateOffset(months=effects.construction_lag_months + 1), days[-1], freq="MS"
    )
    weather_kg = np.zeros((len(days), len(mixes)))
    for draw in range(1, WEATHER_DRAWS + 1):
        weather = simulate_weather(generator(seed + draw, "weather"), days, used)
        kg = np.exp(weather_effect(effects, used, weather, mixes)) * mean_load(effects, used, weather, mixes)
        weather_kg += kg / WEATHER_DRAWS
    truth = Truth(
        scenario=scenario,
        customers=customers,
        moods=moods,
        construction=simulate_construction(scenario.rng("construction"), months),
        weather_kg=weather_kg,
        scale=1.0,
        expected=as_weeks(plant.expected_demand.pivot_table(index="date", columns="product", values="quantity_kg")),
    )
    return replace(truth, scale=scale_of(truth))


def scale_of(truth: Truth) -> float:
    """What turns the function's rates into the plant's kilograms, by weather as it came."""
    scenario, customers = truth.scenario, truth.customers
    effects, used = scenario.config.effects, scenario.catalogue
    weather = simulate_weather(scenario.rng("weather"), scenario.future, used)
    came = np.exp(weather_effect(effects, used, weather, customers.mixes))
    came *= mean_load(effects, used, weather, customers.mixes)
    table = as_weeks(expectation(replace(truth, weather_kg=came)))
    return float(truth.expected.to_numpy().sum() / table.loc[truth.expected.index].to_numpy().sum())


def expectation(truth: Truth) -> pd.DataFrame:
    """Kilograms expected by day and product."""
    scenario, customers, mixes = truth.scenario, truth.customers, truth.customers.mixes
    config, days = scenario.config, scenario.future
    starts = construction_effect(truth.construction, days, config.effects.construction_lag_months)
    by_day = np.log(workday_factor(days, config.effects)) + config.effects.construction * starts
    log_rate = by_day[:, None] + product_effect(scenario.catalogue, mixes, truth.moods)
    log_rate += customer_effect(config.life, customers, truth.moods)
    kg = pd.DataFrame(truth.scale * np.exp(log_rate) * truth.weather_kg, index=days)
    names = np.array(scenario.product_names, dtype=object)[mixes["product"]]
    return kg.T.groupby(names).sum().T


def as_weeks(by_day: pd.DataFrame) -> pd.DataFrame:
    """Sums of the weeks from Monday to Sunday, by their Monday."""
    return by_day.resample("W-MON", label="left", closed="left").sum()


def oracles(truth: Truth, rows: pd.DataFrame, history: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Forecasts of the rows of a backtest: product, week, origin and what was sold."""
    found: dict[str, list[pd.DataFrame]] = {}
    for origin in rows["origin"].unique():
        of_origin = rows[rows["origin"] == origin]
        day = (origin - truth.scenario.days[0]).days
        known = replace(
            truth,
            moods=moods_known(truth.moods, day, truth.scenario),
            construction=construction_known(truth.construction, origin),
        )
        fair = replace(known, customers=customers_known(truth.customers, day, truth.scenario.config.life.fade_days))
        calm = replace(fair, moods=moods_known(truth.moods, 0, truth.scenario))
        tables = {"chance alone": truth.expected, "oracle of all customers": as_weeks(expectation(known))}
        tables |= {"oracle": as_weeks(expectation(fair)), "oracle without moods": as_weeks(expectation(calm))}
        # Loads are rounded, some fall short, and some rows of the exports are spoilt.
        past = history.index[history.index < origin]
        sold = history.loc[past].to_numpy().sum() / truth.expected.loc[past].to_numpy().sum()
        for name, table in tables.items():
            kg = long_demand((sold * table).rename_axis("week"), "prediction_kg")
            found.setdefault(name, []).append(of_origin.merge(kg, on=["week", "product"], how="left"))
    return {name: pd.concat(parts, ignore_index=True) for name, parts in found.items()}


def customers_known(customers: Customers, day: int, fade_days: int) -> Customers:
    """Who had come, and what each had taken up, by a day; who had begun to leave goes on doing so, the others stay."""
    mixes = customers.mixes
    return replace(
        customers,
        arrival=np.where(customers.arrival < day, customers.arrival, np.inf),
        departure=np.where(customers.departure - fade_days < day, customers.departure, np.inf),
        mixes=mixes.assign(adopted=mixes["adopted"].where(mixes["adopted"] < day, np.inf)),
    )


def moods_known(moods: Moods, day: int, scenario: Scenario) -> Moods:
    """Moods of the days before ``day``, then the log of the mean of what they may become."""
    effects = scenario.config.effects
    return Moods(
        fading(moods.products, day, PRODUCT_MEMORY, effects.product_noise),
        fading(moods.customers, day, CUSTOMER_MEMORY, effects.customer_noise),
    )


def fading(moods: Values, day: int, memory: float, deviation: float) -> Values:
    """An autoregression of order one ahead of its last known value; before the first one it knows nothing."""
    ahead = np.arange(1, len(moods) - day + 1)[:, None]
    kept = memory**ahead * (moods[day - 1] if day else 0.0)
    spread = deviation**2 * (1.0 - memory ** (2 * ahead) if day else 1.0)
    return np.concatenate([moods[:day], kept + spread / 2.0 + np.zeros((1, moods.shape[1]))])


def construction_known(construction: pd.DataFrame, origin: pd.Timestamp) -> pd.DataFrame:
    """Starts of the months before the origin's, then what a Kalman filter that knows their law expects of them."""
    season = SEASON[construction["month"].dt.month - 1]
    known = int((construction["month"] < origin.replace(day=1)).sum())
    season_free = np.log(construction["construction_index"].to_numpy()) - season
    mean = season_free[:known].mean()
    cycle, variance = 0.0, CYCLE**2
    for value in season_free[:known] - mean:
        cycle, variance = CYCLE_MEMORY * cycle, CYCLE**2 + CYCLE_MEMORY**2 * (variance - CYCLE**2)
        gain = variance / (variance + NOISE**2)
        cycle, variance = cycle + gain * (value - cycle), (1.0 - gain) * variance
    ahead = np.arange(1, len(season) - known + 1)
    season_free[known:] = mean + CYCLE_MEMORY**ahead * cycle
    return construction.assign(construction_index=np.exp(season_free + season))


def mended(rows: pd.DataFrame, oracle: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """A forecast that takes over one part of the oracle's after the other."""
    month = horizon_month(rows["horizon_weeks"])
    own, steps = rows.assign(month=month), {"winner": rows}
    theirs = own[["origin", "product", "week"]].merge(oracle, on=["origin", "product", "week"])
    parts = {
        "+ level of the plant": ["origin"],
        "+ level of each product": ["origin", "product"],
        "+ season of the plant": ["origin", "month"],
    }
    for name, by in parts.items():
        keys = [own[key] for key in by]
        asked = theirs["prediction_kg"].set_axis(own.index).groupby(keys).transform("sum")
        own["prediction_kg"] *= asked / own.groupby(by)["prediction_kg"].transform("sum")
        steps[name] = own.copy()
    return steps | {"+ season of each product: the oracle": oracle}


def show(forecasts: Mapping[str, pd.DataFrame]) -> str:
    """Scores at product x month, and their ratio to those of the last oracle named so."""
    months = {name: by_month(rows) for name, rows in forecasts.items()}
    scores = {name: {ahead: error(rows, ahead) for ahead in (3, 6)} for name, rows in months.items()}
    oracle = next(score for name, score in reversed(scores.items()) if name.endswith("oracle"))
    lines = [f"{'':38}{'WAPE 3m':>9}{'WAPE 6m':>9}{'bias 6m':>9}{'ratio 3m':>10}{'ratio 6m':>10}"]
    for name, score in scores.items():
        over = bias(months[name]["actual_kg"], months[name]["prediction_kg"])
        ratios = [score[ahead] / oracle[ahead] for ahead in (3, 6)]
        lines.append(f"{name:38}{score[3]:>9.1%}{score[6]:>9.1%}{over:>+9.1%}{ratios[0]:>10.2f}{ratios[1]:>10.2f}")
    return "\n".join(lines) + "\n"


def error(months: pd.DataFrame, ahead: int) -> float:
    """WAPE of the first months of the horizon."""
    part = months[months["month"] <= ahead]
    return wape(part["actual_kg"], part["prediction_kg"])


if __name__ == "__main__":
    main()
