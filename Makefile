# The one list of tasks: `make` alone shows it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3.11
SOURCE ?= sample
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Exports lie beside the project unless MIXPLAN_SOURCE_DIR names another folder; experiments run in copies of the
# workspace, so the path is absolute.
export MIXPLAN_SOURCE_DIR := $(abspath $(or $(MIXPLAN_SOURCE_DIR),../shared/data/admixture))
export BENTOML_DO_NOT_TRACK := True

# DVC takes one stage after another. Stages that match need nothing of one another, so two processes share them, so many
# at a time; what is up to date is left as it is, here as in `dvc repro`, which does all of this alone.
at_once = dvc stage list --name-only | grep -E '$(2)' | xargs -n $(1) -P 2 dvc --wait-for-lock repro -s

.PHONY: help demo test check format serve ui clean

help: ## Show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

.venv/.installed: requirements/lock.txt requirements/uv.txt
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) is missing: install Python 3.11 (Debian: apt-get install python3.11-venv)" >&2; exit 1; }
	@command -v git >/dev/null || { echo "error: git is missing: install it (Debian: apt-get install git)" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "error: $(PYTHON) has no venv module: install it (Debian: apt-get install python3.11-venv)" >&2; exit 1; }
	@echo "Setting up .venv (a minute or more, by your network) ..." >&2
	@$(PYTHON) -m venv --clear .venv
	@pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@uv pip install --quiet --compile-bytecode --require-hashes -r requirements/uv.txt -r requirements/lock.txt --python $(BIN)/python
	@uv pip install --quiet --no-deps --no-build-isolation --editable . --python $(BIN)/python
	@touch $@

demo: .venv/.installed ## Run the whole pipeline (SOURCE=sample or SOURCE=admixture) and show its results
	@mixplan compose source=$(SOURCE)
	@dvc repro mart
	@$(call at_once,4,^(drivers|recommend)@|^risk$$)
	@$(call at_once,1,^(drivers_select|customers)$$)
	@$(call at_once,4,^demand@)
	@dvc repro demand_select
	@$(call at_once,1,^(demand_oracle|plan|recommend_select)$$)
	@$(call at_once,1,^(promote|vintages)$$)
	@$(call at_once,1,^(report|track)$$)
	@dvc repro
	@mixplan summary

test: .venv/.installed ## Run the tests
	@pytest -n 2 --dist loadfile

check: .venv/.installed ## Lint, format, types and import contracts
	@ruff check .
	@ruff format --check .
	@mypy
	@lint-imports

format: .venv/.installed ## Mend formatting and what the linter can mend
	@ruff format .
	@ruff check --fix .

serve: .venv/.installed ## Answer HTTP requests with the champions on 127.0.0.1:3000
	@bentoml serve serving.service:Mixplan --host 127.0.0.1 --port 3000

ui: .venv/.installed ## Open MLflow on 127.0.0.1:5000
	@mixplan setup
	@mlflow ui --host 127.0.0.1 --port 5000 --backend-store-uri "$$(mixplan tracking-uri)"

clean: ## Remove everything that a run wrote (not the environment, nor the forecasts kept in vintages)
	@rm -rf data metrics models plots predictions reports tracking
