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

With `--draws` the plant is drawn again with other seeds, so that nothing is judged by the luck of one: on each, the
candidates that need no drivers are trained and scored at the same selection origins. One line a draw.

Run after `make demo`:
    python benchmarks/oracle.py
    python benchmarks/oracle.py --draws 10
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from mixplan.artifacts.files import read_json, read_parquet
from mixplan.config.params import Params, load_params
from mixplan.config.source import SampleSource
from mixplan.demand.active import weekly_purchases
from mixplan.demand.backtest import backtest
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.history import horizon_month, long_demand, weekly_demand
from mixplan.demand.scores import by_month
from mixplan.evaluation.metrics import bias, wape
from mixplan.evaluation.origins import plan_origins
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
WITHOUT_DRIVERS = ("seasonal_average", "seasonal_naive", "planner")
ROW = ["origin", "product", "week", "horizon_weeks", "actual_kg"]


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
    """Print both tables, or a line for each further draw."""
    parser = argparse.ArgumentParser(description="Forecasts of the sample beside those of who knows its function.")
    parser.add_argument("--draws", type=int, default=0, metavar="N", help="other seeds: 1 to N")
    options = parser.parse_args()
    params = load_params(PROJECT / "params.yaml")
    if not isinstance(params.source, SampleSource) or not (PROJECT / "metrics/demand.json").is_file():
        sys.exit("error: the last run was none of the sample: run `make demo` first")
    if options.draws:
        sys.stdout.write("\n".join(each_draw(params, params.source, options.draws)) + "\n")
        return
    truth = read_truth(params.source, params.seed)
    sales = read_table(PROJECT / "data/mart", "sales")
    winner = read_json(PROJECT / "metrics/demand.json")["winner"]
    found = {
        name: read_parquet(PROJECT / f"predictions/demand/{name}.parquet")
        for name in dict.fromkeys([winner, "seasonal_naive", "planner"])
    }
    rows = found[winner]
    forecasts = oracles(truth, rows[ROW], weekly_demand(sales, truth.scenario.days[-1])) | found
    version = read_json(PROJECT / "metrics/mart.json")["data_version"]
    sys.stdout.write(f"data {version}, winner {winner}, {rows['origin'].nunique()} origins\n")
    sys.stdout.write(show(forecasts, forecasts["oracle"]) + "\n")
    sys.stdout.write(show(mended(forecasts[winner], forecasts["oracle"]), forecasts["oracle"]))


def each_draw(params: Params, source: SampleSource, draws: int) -> Iterator[str]:
    """WAPE at product x month, 6 months, of the oracle and of each candidate, and the ratios to the oracle's."""
    yield f"{'seed':>6}{'oracle':>10}" + "".join(f"{name:>20}{'ratio':>7}{'bias':>8}" for name in WITHOUT_DRIVERS)
    for seed in range(1, draws + 1):
        history, found = of_draw(params, source, seed)
        forecasts = oracles(read_truth(source, seed), found["seasonal_average"][ROW], history) | found
        months = {name: by_month(forecasts[name]) for name in ("oracle", *WITHOUT_DRIVERS)}
        oracle = error(months["oracle"], 6)
        line = f"{seed:>6}{oracle:>10.1%}"
        for name in WITHOUT_DRIVERS:
            own, over = error(months[name], 6), bias(months[name]["actual_kg"], months[name]["prediction_kg"])
            line += f"{own:>20.1%}{own / oracle:>7.2f}{over:>+8.1%}"
        yield line


def of_draw(params: Params, source: SampleSource, seed: int) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Weekly demand of a plant with another seed, and forecasts of it at the selection origins, by candidate."""
    plant, evaluation = simulate(source.simulation, load_catalogue(PROJECT / source.path), seed), params.evaluation
    sales = plant.sales
    origins = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), evaluation)
    history, purchases = (of(sales, origins.final) for of in (weekly_demand, weekly_purchases))
    ahead = [pd.date_range(origin, periods=evaluation.horizon_weeks, freq="W-MON") for origin in origins.grid]
    drivers = pd.concat(
        pd.DataFrame({"origin": origin, "week": weeks}) for origin, weeks in zip(origins.grid, ahead, strict=True)
    )
    observed = pd.DataFrame({"week": history.index})
    builder = FeatureBuilder(history, drivers, observed, params.demand.country, plant.recipes, purchases)
    setting = (origins, evaluation, params.demand.interval, params.seed)
    candidates = {name: params.demand.candidates[name] for name in WITHOUT_DRIVERS}
    return history, {
        name: backtest(origins.selection, builder, candidate, *setting) for name, candidate in candidates.items()
    }


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


def show(forecasts: Mapping[str, pd.DataFrame], oracle: pd.DataFrame) -> str:
    """Scores at product x month, and their ratio to the oracle's."""
    lines = [f"{'':38}{'WAPE 3m':>9}{'WAPE 6m':>9}{'bias 6m':>9}{'ratio 3m':>10}{'ratio 6m':>10}"]
    best = by_month(oracle)
    for name, rows in forecasts.items():
        months = by_month(rows)
        near, far = error(months, 3), error(months, 6)
        over = bias(months["actual_kg"], months["prediction_kg"])
        lines.append(
            f"{name:38}{near:>9.1%}{far:>9.1%}{over:>+9.1%}{near / error(best, 3):>10.2f}{far / error(best, 6):>10.2f}"
        )
    return "\n".join(lines) + "\n"


def error(months: pd.DataFrame, ahead: int) -> float:
    """WAPE of the first months of the horizon."""
    part = months[months["month"] <= ahead]
    return wape(part["actual_kg"], part["prediction_kg"])


if __name__ == "__main__":
    main()
