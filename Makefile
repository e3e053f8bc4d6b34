# `make help` lists everything. A fresh machine needs Python 3.11 to 3.13, make and git; the rest goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
export CHROMIUM
export FAST

.DEFAULT_GOAL := help
.PHONY: help serve lab html test lint units notebooks browser gallery bench samples lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

serve: $(VENV)/.serve ## set up what is needed and open the dashboards at http://localhost:5006 (PORTFOLIO=path, POLICY=file.toml: your data, your rules)
	$(BIN)/python -m dashboards $(if $(PORTFOLIO),--portfolio "$(PORTFOLIO)") $(if $(POLICY),--policy "$(POLICY)")

lab: $(VENV)/.dev ## open the course in JupyterLab
	JUPYTER_CONFIG_PATH=$(CURDIR)/notebooks/.jupyter $(BIN)/jupyter lab --ServerApp.root_dir=$(CURDIR)/notebooks \
	  --LabApp.default_url=/lab/tree/training/00_how_to_use_this_course.ipynb

html: $(VENV)/.dev ## write the course as pages to read without Jupyter, into build/html
	JUPYTER_CONFIG_PATH=$(CURDIR)/notebooks/.jupyter $(BIN)/jupyter nbconvert --to html --output-dir build/html \
	  notebooks/training/*.ipynb notebooks/guide/*.ipynb

test: lint units ## set up and run every check: lint, units, doctests, properties, notebooks, browser (FAST=1: the quick ones)
ifdef FAST
	@echo "FAST=1: the notebooks and the browser tests were NOT run, properties tried few examples."
else
	@$(MAKE) --no-print-directory notebooks browser
endif

lint: $(VENV)/.dev ## style, types, layers and spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

units: $(VENV)/.dev
	$(BIN)/pytest --numprocesses=auto --dist=loadfile --ignore=tests/browser

notebooks: $(VENV)/.dev ## run every notebook and compare its outputs with the committed ones
	$(BIN)/pytest --numprocesses=auto --dist=loadfile --nbval --nbval-current-env --nbval-cell-timeout=120 --nbval-sanitize-with=notebooks/sanitize.cfg notebooks

browser: $(VENV)/.dev
ifneq ($(CHROMIUM),)
	$(BIN)/pytest --numprocesses=auto --dist=loadfile tests/browser
else ifeq ($(CI),true)
	@echo "No chromium on this machine, so the browser tests cannot run: install chromium."; exit 1
else
	@echo "The browser tests (tests/browser) were NOT run: no chromium on this machine."
	@echo "Install chromium, or name a browser: make test CHROMIUM=/path/to/chromium"
endif

gallery: $(VENV)/.dev ## take the pictures of every page anew (docs/gallery.md)
	$(BIN)/python -m docs.gallery

bench: $(VENV)/.bench ## measure how fast all is, against what, and its memory; writes benchmarks/README.md
	$(BIN)/python -m benchmarks --write benchmarks

samples: $(VENV)/.dev ## write data/samples/demo again from the simulation
	$(BIN)/python -c 'from collectkit.samples import write_demo; write_demo()'

lock: $(VENV)/.dev ## write constraints.txt from pyproject.toml (UPGRADE=1: newest versions of everything)
	$(BIN)/uv pip compile --universal --python-version 3.11 --all-extras --no-annotate --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade) \
	  --quiet --output-file constraints.txt pyproject.toml

clean: ## remove .venv and everything that tools left behind
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps: set up once, and again only when pyproject.toml or the lock changes.
$(VENV)/.serve: EXTRAS := dashboards
$(VENV)/.dev: EXTRAS := dashboards,notebooks,sql,distributed,dev
$(VENV)/.bench: EXTRAS := dashboards,sql,distributed,dev,bench
$(VENV)/.serve $(VENV)/.dev $(VENV)/.bench: pyproject.toml constraints.txt | $(BIN)/pip
	@echo "Setting up $(VENV) ($(EXTRAS)); this takes a minute or two, once."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(EXTRAS)]'
	@touch $@

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || { \
	  echo "collectkit needs Python 3.11, 3.12 or 3.13. $(PYTHON) says: $$($(PYTHON) --version 2>&1)"; \
	  echo "Name another one: make serve PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
