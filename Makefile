# From a fresh clone, with Python 3.11+ and git: `make demo` or `make test`.

VENV := .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?= -n 2 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help demo walk test check check-format check-lint check-types check-imports format bench bench-reproduce bench-capture bench-judging wheel clean

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 26

$(VENV)/.made-from: pyproject.toml scripts/venv.sh
	@echo "setting up $(VENV)"
	@sh scripts/venv.sh $(VENV)
	@touch $@

demo: $(VENV)/.made-from ## a sample service with real errors, in the app; offline, no keys
	@$(BIN)/triage demo

walk: $(VENV)/.made-from ## the whole loop on the sample, without a terminal
	@$(BIN)/triage demo --walk

test: $(VENV)/.made-from ## the whole test suite
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: check-format check-lint check-types check-imports ## formatting, lint, strict types, import contracts

check-format: $(VENV)/.made-from
	$(BIN)/ruff format --check .

check-lint: $(VENV)/.made-from
	$(BIN)/ruff check .

check-types: $(VENV)/.made-from
	$(BIN)/mypy

check-imports: $(VENV)/.made-from
	$(BIN)/lint-imports --no-logo

format: $(VENV)/.made-from ## put the code in order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.made-from ## the budgets of the design, beside their floors
	@$(BIN)/python -m benchmarks

bench-reproduce: $(VENV)/.made-from ## triage reproduce over real crashes and services, each test run again in plain pytest
	@$(BIN)/python -m benchmarks.reproduce --services --plain

bench-capture: $(VENV)/.made-from ## the same with the capture hook in every driver and service
	@$(BIN)/python -m benchmarks.reproduce --capture

bench-judging: $(VENV)/.made-from ## bad drafts of every class: how many are believed
	@$(BIN)/python -m benchmarks.judging

wheel: $(VENV)/.made-from ## dist/*.whl
	$(BIN)/python -m build --wheel

clean: ## forget the environment and what was built
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
