# The targets are thin: the work is in the command line `tierhouse` (see `make help`).
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
TOOLS  := $(VENV)/.ready-dev
PARSED := dbt_project/target/manifest.json
SPARK  := .venv-spark
AS_OF  ?=

.DEFAULT_GOAL := help
.PHONY: help install demo run train ui test soak spark spark-test bench bench-large evaluate lint fix lock clean

help:  ## Show the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'
	@echo "  $(BIN)/tierhouse --help lists all commands"

$(READY): requirements.lock pyproject.toml .ci/install
	@bash .ci/install $(PYTHON) $(VENV) requirements.lock
	@touch $@

$(TOOLS): requirements-dev.lock $(READY)
	@bash .ci/install $(PYTHON) $(VENV) requirements-dev.lock
	@touch $@

$(PARSED): $(READY) $(shell find dbt_project -name target -prune -o -type f \( -name '*.sql' -o -name '*.yml' -o -name '*.csv' -o -name '*.md' \) -print)
	@echo "Preparing the dbt manifest ..."
	@$(BIN)/tierhouse-dbt --quiet parse

install: $(PARSED)  ## Install what runs need, no test tools

demo: $(PARSED)  ## Generate the demo's raw files, train, grade the last year and the last day
	@$(BIN)/tierhouse demo

run: $(PARSED)  ## Grade one day: make run AS_OF=2026-06-30
	@$(BIN)/tierhouse run $(if $(AS_OF),--as-of $(AS_OF))

train: $(PARSED)  ## Train on the month-ends before a day: make train AS_OF=2026-06-30
	@$(BIN)/tierhouse train $(if $(AS_OF),--as-of $(AS_OF))

ui: $(PARSED)  ## Open the Dagster UI on http://127.0.0.1:3000
	@$(BIN)/tierhouse ui

test: $(TOOLS) $(PARSED)  ## Run every test but the soak tests
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --durations 15 --durations-min 10 -m "not soak and not spark"

soak: $(TOOLS) $(PARSED)  ## Run the soak tests, which take longer
	@$(BIN)/pytest -m soak

$(SPARK)/.ready: requirements-spark.lock pyproject.toml .ci/install
	@bash .ci/install $(PYTHON) $(SPARK) requirements-spark.lock
	@touch $@

spark: $(PARSED) $(SPARK)/.ready  ## Install the environment of TIERHOUSE_ENGINE=spark (needs Java 17)

spark-test: spark  ## Compare the engines: every published table of DuckDB and Spark
	@$(SPARK)/bin/python -m pytest -m spark tests/spark

bench: $(TOOLS) $(PARSED)  ## Print the speed and memory ratios
	@$(BIN)/python -m benchmarks

bench-large: $(TOOLS) $(PARSED)  ## Measure each stage at up to 1,000,000 leads (two hours)
	@$(BIN)/python -m benchmarks.large

evaluate: $(TOOLS) $(PARSED)  ## Compare the models with the truth of the demo (hours)
	@$(BIN)/python -m benchmarks.trust

lint: $(TOOLS) $(PARSED)  ## Check style, SQL, layering and generated docs
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-logo --no-cache
	@$(BIN)/pyrefly check --output-format=min-text
	@$(BIN)/sqlfluff lint dbt_project
	@$(BIN)/dbt-bouncer --config-file dbt_project/dbt-bouncer.yml
	@$(BIN)/python docs/columns.py --check
	@$(BIN)/python -m bi.superset.build --check

fix: $(TOOLS) $(PARSED)  ## Format code and SQL, write the generated docs
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/sqlfluff fix dbt_project
	@$(BIN)/python docs/columns.py
	@$(BIN)/python -m bi.superset.build

COMPILE := uv pip compile --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock" -q pyproject.toml
lock:  ## Resolve pyproject.toml into the three lock files again (needs uv)
	$(COMPILE) --extra build --extra dev --upgrade -o requirements-all.lock
	$(COMPILE) --extra build --constraint requirements-all.lock --upgrade -o requirements.lock
	sed -n 's/^\([^][ =]*\).*==[^ ;]* \\$$/--no-emit-package \1/p' requirements.lock | \
		xargs $(COMPILE) --extra build --extra dev --constraint requirements-all.lock --upgrade -o requirements-dev.lock
	sed -i.full '/^# The following packages were excluded/,$$d' requirements-dev.lock
	rm requirements-dev.lock.full requirements-all.lock
	$(COMPILE) --extra build --extra spark --upgrade -o requirements-spark.lock

clean:  ## Remove the environment, the caches and dbt's artefacts; data/ stays
	rm -rf $(VENV) $(SPARK) dbt_project/target dbt_project/logs .pytest_cache .ruff_cache .hypothesis
