"""The promises of the layout: arrows point down, stages are thin and name what they depend on, the CLI starts fast."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import grimp
import pytest
import yaml
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted((ROOT / "pipelines").glob("*.py"))
STAGES: dict[str, Any] = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
PARAMS: dict[str, Any] = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
PARAMETERS_OF = {
    "promote": ("mixplan.promotion.assemble", "mixplan.promotion.winners"),
}
"""Modules that a stage hands all of its parameters to."""


def resolved(name: str, stage: dict[str, Any]) -> list[dict[str, Any]]:
    """A stage as DVC expands it: one for each candidate where it is a ``foreach``."""
    if "foreach" not in stage:
        return [stage]
    keys = PARAMS[stage["foreach"].strip("${}").partition(".")[0]]["candidates"]
    text = yaml.safe_dump(stage["do"])
    return [yaml.safe_load(text.replace("${key}", key)) for key in keys]


EXPANDED = [(name, part) for name, stage in STAGES.items() for part in resolved(name, stage)]
IDS = [part["cmd"].removeprefix("python pipelines/") for _, part in EXPANDED]


def script_of(stage: dict[str, Any]) -> Path:
    return ROOT / str(stage["cmd"]).split()[1]


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("mixplan", exclude_type_checking_imports=True, cache_dir=None)


def imported_by(script: Path, graph: grimp.ImportGraph) -> set[str]:
    """Every mixplan module that a script imports, directly or through others, at its top or inside a function."""
    direct: set[str] = set()
    for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("mixplan"):
            direct |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            direct |= {alias.name for alias in node.names}
    modules = direct & graph.modules
    return modules.union(*(graph.find_upstream_modules(module) for module in modules))


def test_import_contracts_hold() -> None:
    assert lint_imports(str(ROOT / "pyproject.toml"), cache_dir=None) == EXIT_STATUS_SUCCESS


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_stages_are_thin(script: Path) -> None:
    assert len(script.read_text(encoding="utf-8").splitlines()) < 60


def test_every_script_is_a_stage() -> None:
    assert {script_of(stage) for _, stage in EXPANDED} == set(SCRIPTS)


@pytest.mark.parametrize(("name", "stage"), EXPANDED, ids=IDS)
def test_stage_depends_on_the_code_that_it_imports(name: str, stage: dict[str, Any], graph: grimp.ImportGraph) -> None:
    """Less would leave stale results, more would train again for nothing."""
    deps = [dep for dep in stage["deps"] if isinstance(dep, str)]
    script = script_of(stage)
    assert script.relative_to(ROOT).as_posix() in deps
    rooms = {room(module) for module in imported_by(script, graph)} - {""}
    assert {dep.removeprefix("src/mixplan/") for dep in deps if dep.startswith("src/")} == rooms


@pytest.mark.parametrize(("name", "stage"), EXPANDED, ids=IDS)
def test_stage_names_parameters_that_exist(name: str, stage: dict[str, Any]) -> None:
    for key in stage.get("params", []):
        inner: Any = PARAMS
        for part in key.split("."):
            assert part in inner, key
            inner = inner[part]


def chains(tree: ast.AST) -> set[str]:
    """What is read of ``params``, as dotted paths: the longest of each chain of attributes."""
    found = set()
    for node in ast.walk(tree):
        names, inner = [], node
        while isinstance(inner, ast.Attribute):
            names.append(inner.attr)
            inner = inner.value
        if names and isinstance(inner, ast.Name) and inner.id == "params":
            found.add(".".join(reversed(names)))
    return {chain for chain in found if not any(other.startswith(f"{chain}.") for other in found)}


@pytest.mark.parametrize(("name", "stage"), EXPANDED, ids=IDS)
def test_stage_names_every_parameter_that_it_reads(name: str, stage: dict[str, Any]) -> None:
    modules = [ROOT / "src" / f"{module.replace('.', '/')}.py" for module in PARAMETERS_OF.get(name, ())]
    read = set().union(*(chains(ast.parse(path.read_text("utf-8"))) for path in (script_of(stage), *modules)))
    named = stage.get("params", [])
    fields = {chain.partition(".model_dump")[0] for chain in read}
    for chain in fields:
        assert any(f"{chain}.".startswith(f"{key}.") or key.startswith(f"{chain}.") for key in named), chain


@pytest.mark.parametrize(("name", "stage"), EXPANDED, ids=IDS)
def test_stage_with_chance_names_its_seed_and_no_stage_writes_what_another_does(
    name: str, stage: dict[str, Any]
) -> None:
    own = outputs(stage)
    for other_name, other in EXPANDED:
        if other is not stage:
            assert not own & outputs(other), other_name
    assert ("seed" in stage.get("params", [])) or "params.seed" not in script_of(stage).read_text(encoding="utf-8")


def outputs(stage: dict[str, Any]) -> set[str]:
    found = [*stage.get("outs", []), *stage.get("metrics", [])]
    return {out if isinstance(out, str) else next(iter(out)) for out in found}


def test_every_input_of_a_stage_is_an_output_of_another() -> None:
    """Or code, or the source, or what people decided or saved: those folders are in Git, and so never absent."""
    of_people = {"${plan.overrides}": "overrides", "scenarios": "scenarios"}
    written = set().union(*(outputs(stage) for _, stage in EXPANDED))
    for name, stage in EXPANDED:
        for dep in stage["deps"]:
            if dep.startswith(("src/", "pipelines/", "${source.path}")):
                continue
            if dep in of_people:
                assert (ROOT / of_people[dep] / "README.md").is_file()
                continue
            assert any(dep == out or out.startswith(f"{dep}/") or dep.startswith(f"{out}/") for out in written), (
                name,
                dep,
            )


@pytest.mark.parametrize("module", ["mixplan.cli", "mixplan.config.params"])
def test_command_line_starts_without_heavy_libraries(module: str) -> None:
    heavy = (
        "{'pandas', 'numpy', 'tensorflow', 'keras', 'mlflow', 'sklearn', 'hydra', 'lightgbm', 'pmdarima', 'matplotlib'}"
    )
    command = [sys.executable, "-c", f"import sys, {module}; print(*sorted({heavy} & set(sys.modules)))"]
    found = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603 - own text
    assert found.stdout.split() == []


def test_library_never_pickles() -> None:
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & {"pickle", "joblib", "cloudpickle", "dill"}, path
