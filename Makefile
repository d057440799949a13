# Everything that is done here, on a machine with nothing but Python 3.11 or newer and make. `make` lists it.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test soak faults lint check-clients bench clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(STAMP) ## Serve made-up plans of six systems here and ask them three questions
	@$(BIN)/plangate demo

test: $(STAMP) ## Run all tests, on SQLite and on a real PostgreSQL
	$(BIN)/pytest -n 2

soak: $(STAMP) ## Run the proofs that need load or time, under 10 minutes; one of them: make soak ARGS=memory
	@$(BIN)/python tests/bench/soak.py $(ARGS)

faults: $(STAMP) ## Print what twelve faults of every upstream system come to
	$(BIN)/python -m tests.fault_matrix

lint: $(STAMP) ## Check style, types and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check-clients: $(STAMP) ## Check that other tools take the schema and the answers; needs Node
	@tests/clients/run.sh

bench: ## Measure against peers: make bench LAB=path/to/bench ARGS='--only raw-rows'
	@test -n "$(LAB)" || { echo "Say where the harness is: make bench LAB=path/to/bench"; exit 2; }
	@$(MAKE) --no-print-directory $(STAMP)
	$(BIN)/python tests/bench/lab.py "$(LAB)" $(ARGS)

clean: ## Remove what was installed and remembered here
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Again when the dependencies change; half an environment leaves no stamp.
$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Plangate needs Python 3.11 or newer. Name one: make PYTHON=python3.12"; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e . --group dev
	@touch $@
