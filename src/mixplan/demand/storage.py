"""Each library's regressor in that library's own safe format."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from mixplan.artifacts.files import read_json, write_json
from mixplan.artifacts.sklearn_file import read_sklearn, write_sklearn
from mixplan.demand.average import Average
from mixplan.demand.baselines import Planner, SeasonalNaive
from mixplan.demand.seasonal_average import SeasonalAverage

OWN: dict[str, type] = {one.__name__: one for one in (Planner, SeasonalNaive, SeasonalAverage)}
"""This project's regressors, all of a few numbers."""


class Format(NamedTuple):
    """How one library's models are kept."""

    file: str
    """Its name, or a folder's."""
    write: Callable[[Path, Any], None]
    read: Callable[[Path], Any]


def _read_lightgbm(path: Path) -> Any:
    import lightgbm

    return lightgbm.Booster(model_file=path)


def _read_xgboost(path: Path) -> Any:
    import xgboost

    regressor = xgboost.XGBRegressor()
    regressor.load_model(path)
    return regressor


def _write_own(path: Path, regressor: Any) -> None:
    write_json(path, {"class": type(regressor).__name__, **vars(regressor)})


def _read_own(path: Path) -> Any:
    state = read_json(path)
    name = state.pop("class")
    if name not in OWN:
        raise ValueError(f"{path}: no regressor of this project is called {name!r}")
    regressor = OWN[name]()
    vars(regressor).update(state)
    return regressor


def _write_average(folder: Path, average: Average) -> None:
    libraries = {name: write_regressor(folder / name, member) for name, member in average.regressors.items()}
    write_json(folder / "members.json", libraries)


def _read_average(folder: Path) -> Average:
    libraries = read_json(folder / "members.json")
    return Average.of({name: read_regressor(folder / name, library) for name, library in libraries.items()})


FORMATS = {
    "lightgbm": Format("regressor.txt", lambda path, model: model.booster_.save_model(path), _read_lightgbm),
    "xgboost": Format("regressor.json", lambda path, model: model.save_model(path), _read_xgboost),
    "sklearn": Format("regressor.skops", write_sklearn, read_sklearn),
    "mixplan": Format("regressor.json", _write_own, _read_own),
    "average": Format("members", _write_average, _read_average),
}
"""By the top-level package of the regressor's class, an average apart."""


def write_regressor(folder: Path, regressor: Any) -> str:
    """Write a fitted regressor below ``folder`` and return the name of its library."""
    library = "average" if isinstance(regressor, Average) else type(regressor).__module__.partition(".")[0]
    folder.mkdir(parents=True, exist_ok=True)
    FORMATS[library].write(folder / FORMATS[library].file, regressor)
    return library


def read_regressor(folder: Path, library: str) -> Any:
    """What ``write_regressor`` wrote; it can ``predict``, and need not be able to ``fit``."""
    return FORMATS[library].read(folder / FORMATS[library].file)
