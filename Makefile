# Every command of this project. `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help

.PHONY: help
help: ## List the commands
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Xiaoer needs Python 3.11 or newer; name one with: make PYTHON=python3.12 run"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "The venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.installed: requirements.txt pyproject.toml $(VENV)/.made
	@echo "Installing dependencies, once …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "Installing development tools, once …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

.PHONY: run
run: $(VENV)/.installed ## Set everything up and serve the demo store on http://127.0.0.1:8000
	@$(BIN)/xiaoer run

# The small model of the tests marked `model`, fetched once and kept outside the checkout.
TEST_DATA ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/xiaoer-test
TEST_MODEL := qwen2.5-coder-0.5b

.PHONY: test
test: $(VENV)/.installed-dev ## Set everything up and run all tests
	@XIAOER_DATA_DIR=$(TEST_DATA) $(BIN)/xiaoer model pull $(TEST_MODEL)
	@XIAOER_TEST_MODEL=$(TEST_DATA)/models/$(TEST_MODEL)-instruct-q4_k_m.gguf $(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist loadfile

.PHONY: check
check: $(VENV)/.installed-dev ## Format, lint, types, laws of import, spelling: what CI asks too
	$(BIN)/ruff format --check src tests
	$(BIN)/ruff check src tests
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell src tests docs README.md CONTRIBUTING.md CHANGELOG.md

.PHONY: fix
fix: $(VENV)/.installed-dev ## Mend what a machine can mend
	$(BIN)/ruff check --fix src tests
	$(BIN)/ruff format src tests

.PHONY: bench
bench: $(VENV)/.installed ## Show the benchmarks there are
	@$(BIN)/xiaoer bench --help

.PHONY: eval
eval: $(VENV)/.installed ## Ask the demo store the questions of evals/ and compare
	@$(BIN)/xiaoer eval evals/demo.jsonl

.PHONY: docs
docs: $(VENV)/.installed ## Write docs/settings.md anew from the settings
	@$(BIN)/python -m xiaoer.cli.settings_page > docs/settings.md

.PHONY: vectors
vectors: $(VENV)/.installed ## Make the vectors of the demo store's texts anew
	@$(BIN)/python -m xiaoer.cli.demo_vectors

.PHONY: kept-desk
kept-desk: $(VENV)/.installed-dev ## Keep a small desk of this version for the tests of later ones
	@$(BIN)/python tests/kept_desk.py

.PHONY: lock
lock: ## Pin all dependencies with hashes anew (needs uv)
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  pyproject.toml requirements-build.in -o requirements.txt
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  -c requirements.txt --group pyproject.toml:dev -o requirements-dev.txt
