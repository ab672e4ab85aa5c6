"""``conf/`` and ``params.yaml``: what is shipped composes, fits its types, and can be built."""

import json
import shutil
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from omegaconf import OmegaConf
from pydantic import ValidationError

from mixplan.config.base import Candidate, ConfigError, Strict
from mixplan.config.compose import compose
from mixplan.config.params import PARAMS_FILE, Params, load_params, parse_params
from mixplan.config.source import FilesSource, SampleSource

ROOT = Path(__file__).parents[2]
CONF = ROOT / "conf"
TASKS = ("drivers", "demand", "recommend")
GROUPS = {
    path.relative_to(CONF).parent.as_posix(): sorted(option.stem for option in path.parent.glob("*.yaml"))
    for path in sorted(CONF.rglob("*.yaml"))
    if path.parent != CONF
}
OPTIONS = [(group, option) for group, options in GROUPS.items() for option in options]
KINDS = ("candidates", "policies")
CANDIDATES = [(group, option) for group, option in OPTIONS if group.endswith(KINDS)]


@pytest.fixture(scope="module")
def composed() -> str:
    return compose(CONF)


@pytest.fixture(scope="module")
def params(composed: str) -> Params:
    return parse_params(composed)


def test_params_file_is_the_composition_byte_for_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever source was composed last."""
    source = load_params(ROOT / PARAMS_FILE).source
    monkeypatch.setenv("MIXPLAN_SOURCE_DIR", source.path)
    name = "sample" if isinstance(source, SampleSource) else "admixture"
    assert (ROOT / PARAMS_FILE).read_bytes() == compose(CONF, [f"source={name}"]).encode()


def test_every_group_is_known_here() -> None:
    groups = {
        "customers",
        "demand",
        "drivers",
        "evaluation",
        "experiment",
        "mart",
        "monitor",
        "plan",
        "promote",
        "recommend",
        "risk",
        "serving",
        "source",
    }
    assert set(GROUPS) == groups | {f"{task}/candidates" for task in TASKS} | {
        "plan/lines",
        "risk/candidates",
        "plan/policies",
        "source/exports",
        "source/services",
    }


@pytest.mark.parametrize(("group", "option"), OPTIONS)
def test_every_option_composes_to_valid_parameters(group: str, option: str) -> None:
    task, _, kind = group.partition("/")
    if kind in KINDS:
        override = f"+{group}@{task}.{kind}.{option}_again={option}"
        simplicity = f"{task}.simplicity=[{','.join([*GROUPS[group], option + '_again'])}]"
        again = parse_params(compose(CONF, [override, simplicity]))
        candidates = getattr(getattr(again, task), kind)
        assert candidates[f"{option}_again"] == candidates[option]
    elif group == "plan/lines":
        again = parse_params(compose(CONF, [f"+{group}@plan.production.lines.again={option}"])).plan.production.lines
        assert again["again"] == again[option]
    elif group == "experiment":
        assert parse_params(compose(CONF, [f"+{group}={option}"])) != parse_params(compose(CONF))
    elif group == "source/services":
        source = parse_params(compose(CONF, [f"+{group}@source.services={option}"])).source
        assert source.served == ("weather", "construction")
    else:
        parse_params(compose(CONF, [f"{group}={option}"]))


@pytest.mark.parametrize(("group", "option"), CANDIDATES)
def test_every_candidate_file_competes_and_can_be_built(params: Params, group: str, option: str) -> None:
    task, _, kind = group.partition("/")
    candidate: Candidate = getattr(getattr(params, task), kind)[option]
    text = (CONF / group / f"{option}.yaml").read_text(encoding="utf-8")
    whole = json.loads(params.model_dump_json(by_alias=True))
    content = OmegaConf.to_container(OmegaConf.create(whole | {"read": yaml.safe_load(text)}), resolve=True)["read"]
    assert json.loads(candidate.model_dump_json(by_alias=True)) == content
    chance = {"random_state": 1} if candidate.draws_at_random else {}
    if task == "drivers":
        chance |= {"facts": params.drivers.series["temperature_c"], "interval": 0.8}
    if kind == "policies" and candidate.has_service_level:
        chance |= {"service_level": 0.9}
    assert candidate.build(**chance) is not None


@pytest.mark.parametrize("task", TASKS)
def test_every_candidate_has_a_rank_of_simplicity(params: Params, task: str) -> None:
    config = getattr(params, task)
    assert sorted(config.simplicity) == sorted(config.candidates)


def test_sources_are_what_their_names_say(monkeypatch: pytest.MonkeyPatch, params: Params) -> None:
    monkeypatch.setenv("MIXPLAN_SOURCE_DIR", "/exports")
    real = parse_params(compose(CONF, ["source=admixture"])).source
    assert isinstance(params.source, SampleSource)
    assert isinstance(real, FilesSource)
    assert real.path == "/exports"
    assert real.exports == params.source.exports


def test_every_policy_has_a_rank_of_simplicity(params: Params) -> None:
    assert sorted(params.plan.simplicity) == sorted(params.plan.policies)


def test_overrides_reach_the_parameters() -> None:
    overridden = parse_params(compose(CONF, ["seed=3", "demand.candidates.ridge.alpha=2.5"]))
    assert overridden.seed == 3
    assert overridden.demand.candidates["ridge"].hyper_parameters() == {"alpha": 2.5}


def test_composing_twice_gives_the_same_text(composed: str) -> None:
    assert compose(CONF) == composed


@pytest.mark.parametrize(
    "override", ["source=nowhere", "sead=1", "demand.candidates.ridge.beta=1", "seed=${oc.env:NOT_SET}"]
)
def test_an_override_that_does_not_fit_is_one_sentence(override: str) -> None:
    with pytest.raises(ConfigError) as caught:
        compose(CONF, [override])
    message = str(caught.value)
    assert message.startswith(str(CONF))
    assert "\n" not in message
    assert any(word in message for word in ("nowhere", "sead", "beta", "NOT_SET"))


def test_a_file_that_is_not_yaml_is_named(tmp_path: Path) -> None:
    shutil.copytree(CONF, tmp_path / "conf")
    (tmp_path / "conf/promote/default.yaml").write_text("margin: [0.0\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"conf: a file is not YAML"):
        compose(tmp_path / "conf")


def test_a_folder_without_configuration_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=str(tmp_path)):
        compose(tmp_path)


WRONG = [
    ("seed", "one", "seed: "),
    ("seed", 1.5, "seed: "),
    ("sead", 1, "sead: Extra"),
    ("evaluation.horizon_weeks", 0, "evaluation.horizon_weeks: "),
    ("evaluation.horizon_weeks", 28, "evaluation.horizon_weeks: "),
    ("evaluation.grid_weeks", 3, "evaluation: .* must be a multiple of grid_weeks"),
    ("evaluation.weeks", 3, "evaluation.weeks: Extra"),
    ("demand.interval", 1.0, "demand.interval: "),
    ("demand.select.metric", "mape", "demand.select.metric: "),
    ("demand.select.level", 0.0, "demand.select.level: "),
    ("demand.select.level", 0.5, "demand.select.level: "),
    ("demand.classes.volume", [0.95, 0.8], "demand.classes: .* must be above the first"),
    ("demand.simplicity", ["ridge"], "demand: .* it lacks average, decision_tree, lasso"),
    ("demand.candidates.ridge.alpha", -1.0, "demand.candidates.ridge.alpha: "),
    ("demand.candidates.ridge.alpha", "strong", "demand.candidates.ridge.alpha: "),
    ("demand.candidates.ridge.alpha", float("nan"), "demand.candidates.ridge.alpha: .* finite"),
    ("demand.candidates.ridge.alpha", float("inf"), "demand.candidates.ridge.alpha: .* finite"),
    ("demand.candidates.ridge.beta", 1.0, "demand.candidates.ridge.beta: Extra"),
    ("demand.candidates.ridge._target_", "os.system", "demand.candidates.ridge: .*os.system"),
    ("demand.candidates.lightgbm.deterministic", "yes", "demand.candidates.lightgbm.deterministic: "),
    ("drivers.series.temperature_c.frequency", "H", "drivers.series.temperature_c.frequency: "),
    ("drivers.candidates.gru.decay_steps", [2.0, "x"], r"drivers.candidates.gru.decay_steps.1: "),
    ("source.kind", "cloud", "source: .*cloud"),
    ("source.pat", "x", "source.pat: Extra"),
    ("source.simulation.products", "many", "source.simulation.products: "),
    ("source.simulation.effects.snow", "x", "source.simulation.effects.snow: "),
    ("source.exports.sales.columns", 7, "source.exports.sales.columns: "),
    ("source.exports.sells", {"files": [], "columns": {}}, "source.exports.sells.files: "),
    ("mart.earliest_day", "yesterday", "mart.earliest_day: "),
    ("plan.calendar.weekdays", [True], "plan.calendar.weekdays: "),
    ("plan.simplicity", ["min_max"], "plan: .* it lacks .*forecast_cover"),
    ("plan.policies.min_max._target_", "os.system", "plan.policies.min_max: .*os.system"),
    ("plan.policies.min_max.service_level", 1.0, "plan.policies.min_max.service_level: "),
    ("plan.costs.order_krw", -1.0, "plan.costs.order_krw: "),
    ("plan.production.lines.mixer_1.families", ["mortar"], "plan.production: .*not in families: mortar"),
    ("plan.production.lines.mixer_1.largest_lot_kg", 900.0, "plan.production.lines.mixer_1: .*twice smallest_lot_kg"),
    ("plan.production.solver.gap", 1.0, "plan.production.solver.gap: "),
    ("promote.margin", -0.1, "promote.margin: "),
]


def changed(text: str, key: str, value: object) -> str:
    content: dict[str, Any] = yaml.safe_load(text)
    inner = content
    *folders, last = key.split(".")
    for folder in folders:
        inner = inner[folder]
    inner[last] = value
    return yaml.safe_dump(content, allow_unicode=True)


@pytest.mark.parametrize(("key", "value", "message"), WRONG)
def test_a_wrong_key_or_value_is_named_by_its_dotted_path(composed: str, key: str, value: object, message: str) -> None:
    with pytest.raises(ConfigError, match=rf"^params\.yaml: {message}.*\(mend it in conf/\)$"):
        parse_params(changed(composed, key, value))


@pytest.mark.parametrize("key", ["seed", "evaluation.horizon_weeks", "demand.candidates.ridge.alpha", "source.path"])
def test_a_missing_key_is_named_by_its_dotted_path(composed: str, key: str) -> None:
    content: dict[str, Any] = yaml.safe_load(composed)
    inner = content
    *folders, last = key.split(".")
    for folder in folders:
        inner = inner[folder]
    del inner[last]
    with pytest.raises(ConfigError, match=rf"^params\.yaml: {key}: Field required"):
        parse_params(yaml.safe_dump(content, allow_unicode=True))


def test_every_mistake_is_named_at_once(composed: str) -> None:
    text = changed(changed(composed, "seed", "x"), "promote.margin", 2.0)
    with pytest.raises(ConfigError, match=r"seed: .*; promote.margin: |promote.margin: .*; seed: "):
        parse_params(text)


@pytest.mark.parametrize("text", ["", "[1]", "words"])
def test_a_file_that_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"params\.yaml: the whole file: "):
        parse_params(text)


def test_a_file_that_is_not_yaml_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"params\.yaml is not YAML"):
        parse_params("seed: [1")


def test_a_date_may_stand_without_quotes(composed: str, params: Params) -> None:
    text = composed.replace("earliest_day: '2000-01-01'", "earliest_day: 2000-01-01")
    assert text != composed
    assert parse_params(text) == params


def test_a_missing_file_says_how_to_write_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"params\.yaml is missing: run `mixplan compose`"):
        load_params(tmp_path / "params.yaml")


def test_parameters_cannot_be_changed(params: Params) -> None:
    frozen: list[tuple[Strict, str]] = [
        (params, "seed"),
        (params.evaluation, "horizon_weeks"),
        (params.demand.candidates["ridge"], "alpha"),
        (params.demand.select, "metric"),
        (params.plan.ordering, "weekday"),
    ]
    for config, name in frozen:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(config, name, 1)


def test_parameters_survive_their_own_json(params: Params) -> None:
    assert Params.model_validate_json(params.model_dump_json(by_alias=True)) == params


def test_every_candidate_class_is_shipped(params: Params) -> None:
    """A class that no file configures would never run."""
    competing = [*(getattr(params, task).candidates for task in TASKS), params.plan.policies, params.risk.candidates]
    shipped = {candidate.target for candidates in competing for candidate in candidates.values()}
    families = (found.__subclasses__() or [found] for found in Candidate.__subclasses__())
    classes = [found for family in families for found in family if found.__module__.startswith("mixplan.")]
    assert shipped == {get_args(found.model_fields["target"].annotation)[0] for found in classes}
