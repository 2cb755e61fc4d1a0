# Two commands matter: `make demo` and `make test`. The others serve them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint soak bench lock clean

demo: $(VENV)/.runs
	$(BIN)/python -m demo

# The second run mostly waits; more than three at once would try its patience. Long files come early.
test: $(VENV)/.tests lint
	$(BIN)/python -m pytest -n auto -m "not process and not browser"
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "process or browser"

lint: $(VENV)/.tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

soak: $(VENV)/.tests
	$(BIN)/python -m tests.soak

bench: $(VENV)/.tests
	$(BIN)/python -m benchmarks

# The lock holds every version and hash; it names no registry.
lock: $(VENV)/.tests
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet \
	    pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet \
	    --extra test pyproject.toml -o requirements-test.lock

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runs: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.tests: requirements-test.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.runs

clean:
	rm -rf $(VENV) .demo .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
