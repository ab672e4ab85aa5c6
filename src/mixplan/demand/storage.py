"""Each library's regressor in that library's own safe format."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from mixplan.artifacts.files import read_json, write_json
from mixplan.artifacts.sklearn_file import read_sklearn, write_sklearn


class Format(NamedTuple):
    """How one library's models are kept."""

    file: str
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


def _write_baseline(path: Path, regressor: Any) -> None:
    write_json(path, {"baseline": type(regressor).__name__})


def _read_baseline(path: Path) -> Any:
    name = read_json(path)["baseline"]
    if name not in ("SeasonalNaive", "Planner"):
        raise ValueError(f"{path}: no baseline is called {name!r}")
    return getattr(import_module("mixplan.demand.baselines"), name)()


FORMATS = {
    "lightgbm": Format("regressor.txt", lambda path, model: model.booster_.save_model(path), _read_lightgbm),
    "xgboost": Format("regressor.json", lambda path, model: model.save_model(path), _read_xgboost),
    "sklearn": Format("regressor.skops", write_sklearn, read_sklearn),
    "mixplan": Format("baseline.json", _write_baseline, _read_baseline),
}
"""By the top-level package of the regressor's class."""


def write_regressor(folder: Path, regressor: Any) -> str:
    """Write a fitted regressor below ``folder`` and return the name of its library."""
    library = type(regressor).__module__.partition(".")[0]
    FORMATS[library].write(folder / FORMATS[library].file, regressor)
    return library


def read_regressor(folder: Path, library: str) -> Any:
    """What ``write_regressor`` wrote; it can ``predict``, and need not be able to ``fit``."""
    return FORMATS[library].read(folder / FORMATS[library].file)
