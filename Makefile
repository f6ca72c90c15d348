# Two commands matter: `make run` and `make test`. Everything installs into .venv.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 5001
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
SECONDS ?= 600
export HOST PORT

.PHONY: run test lint unit js browser chromium format translations bench conformance phantom fuzz clean help

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is wanted, this is %d.%d" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

# One command installs all pins together: see the head of requirements.txt.
$(VENV)/.run: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.run

run: $(VENV)/.run ## install, bring the database up to date, start on http://127.0.0.1:5001
	@$(BIN)/flask --app wsgi prepare
	@exec $(BIN)/gunicorn --config gunicorn.conf.py wsgi:app

test: lint js unit ## everything that must pass before a change lands

lint: $(VENV)/.dev ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

js: ## the browser's modules that know no DOM
	node --test tests/js/*.test.js

unit: $(VENV)/.dev chromium ## pytest, browser tests among them
	$(BIN)/pytest -n $(WORKERS) --dist loadfile

chromium: ## Chromium from the system's packages, when it is missing
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
	{ echo "Installing Chromium from the system's packages"; \
	  SUDO=$$(test "$$(id -u)" = 0 || echo sudo); \
	  $$SUDO apt-get update -qq && $$SUDO apt-get install -y -qq --no-install-recommends chromium fonts-liberation >/dev/null; }

format: $(VENV)/.dev ## ruff's formatting and import order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

translations: $(VENV)/.dev ## collect the strings, update and compile the Spanish catalogue
	$(BIN)/python -m app.translations.update

bench: $(VENV)/.dev ## the benchmarks of docs/performance.md
	$(BIN)/python benchmarks/slices.py
	$(BIN)/python benchmarks/ingest.py
	$(BIN)/python benchmarks/loading.py
	$(BIN)/python benchmarks/oblique.py
	$(BIN)/python benchmarks/overlays.py
	node benchmarks/overlays_browser.mjs
	$(BIN)/python benchmarks/viewer.py
	$(BIN)/python benchmarks/scene3d.py
	$(BIN)/python benchmarks/scene3d_browser.py
	$(BIN)/python benchmarks/segmentation.py

conformance: $(VENV)/.dev ## every case of the shared data against other tools: docs/conformance.md
	@command -v dcm2niix >/dev/null || echo "dcm2niix is not installed (apt-get install dcm2niix): the rows will say so"
	@$(BIN)/python -m tests.conformance > docs/.conformance.md; STATUS=$$?; \
	if [ -s docs/.conformance.md ]; then mv docs/.conformance.md docs/conformance.md; else rm docs/.conformance.md; fi; \
	exit $$STATUS

phantom: $(VENV)/.dev chromium ## the viewer's tools on a phantom, in every orientation of every scan
	PHANTOM=all $(BIN)/pytest -n $(WORKERS) tests/browser/phantom

fuzz: $(VENV)/.dev ## damaged images at random for SECONDS=600; findings go to tests/artifacts
	nice $(BIN)/python -m tests.imaging.bad_input.fuzz --seconds $(SECONDS)

clean: ## remove what was installed and cached; accounts and images stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
