# The commands of a developer and of a first visitor. `make demo` and `make test` need git, make and
# Python 3.11 or newer, nothing else; what they install goes into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CONSTRAINTS := .ci/constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo test test-real check format bench shots docs messages clean

help: ## say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.user ## open the dashboard on sample data
	@$(BIN)/oncall-tui demo

test: $(VENV)/.dev ## run the tests, with a PostgreSQL server of their own
	@$(BIN)/python -m pytest -n auto --dist worksteal

test-real: $(VENV)/.dev ## real telephones, desktops, mail servers and Request Tracker; installs them, root on Debian only
	@$(BIN)/python tests/real/run.py

check: $(VENV)/.dev ## lint, format, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.bench ## print one line a figure: name, ours, other, ratio
	@$(BIN)/python bench/run.py

shots: $(VENV)/.dev ## draw the pictures of README and docs/ anew
	$(BIN)/python docs/shots.py

docs: $(VENV)/.dev ## write the generated pages of docs/ anew
	$(BIN)/python -m oncall_tui.reference

messages: $(VENV)/.dev ## collect the texts to translate, and compile the catalogues
	$(BIN)/python -m oncall_tui.catalogues

clean: ## take away what was installed and built
	rm -rf $(VENV) .bench-venvs build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp for each set of packages, so that a second `make` starts at once.
$(VENV)/.user: EXTRA := [pdf]
$(VENV)/.dev: EXTRA := [dev]
$(VENV)/.bench: EXTRA := [dev,bench]
$(VENV)/.user $(VENV)/.dev $(VENV)/.bench: pyproject.toml $(CONSTRAINTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "oncall-tui needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1)." >&2; \
	  echo "Name another with: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "Python can't make a virtual environment. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV) (once, about a minute) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint $(CONSTRAINTS) --editable '.$(EXTRA)'
	@touch $@
