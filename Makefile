# A fresh machine needs Python 3.11, make and git; everything else is set up here, in .venv.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
Q ?= What are the symptoms of gout?

.DEFAULT_GOAL := help
.PHONY: help setup ask test check format wheel serve clean

help: ## Show this help
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up $(VENV): this takes a few minutes the first time" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

setup: $(READY) ## Set everything up in .venv

ask: $(READY) ## Answer a question: make ask Q="What are the symptoms of gout?"
	@$(BIN)/medkg ask "$(Q)"

serve: $(READY) ## Start the HTTP service and its page on http://127.0.0.1:8000
	@$(BIN)/medkg serve

test: $(READY) ## Run the tests and the doctests
	@$(BIN)/python -m pytest

check: $(READY) ## Lint, types and the import contract
	@$(BIN)/ruff check kg qa server tests benchmarks
	@$(BIN)/ruff format --check kg qa server tests benchmarks
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY) ## Format the code
	@$(BIN)/ruff format kg qa server tests benchmarks
	@$(BIN)/ruff check --fix kg qa server tests benchmarks

wheel: $(READY) ## Build the wheel, with data and weights in it
	@$(BIN)/python -m build --wheel --outdir dist

clean: ## Remove what was built
	rm -rf $(VENV) dist build
