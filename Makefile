# Everything that a person or CI does with a checkout. `make help` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The first interpreter that is new enough.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
  command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 4
SEEDS ?= 10000

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

demo: setup ## a network on this machine: hub, two real Slurm centres, simulated ones, jobs, receipts, costs
	@$(BIN)/computility lab demo

up: setup ## bring up a lab and leave it running
	@$(BIN)/computility lab up

down: $(READY) ## take the lab down
	@$(BIN)/computility lab down

test: setup ## the test suite, on real etcd, kube-apiserver and Slurm; what takes long is in test-slow
	@$(BIN)/pytest -n $(WORKERS) --dist loadgroup -m "not crash and not slow"

test-slow: setup ## the tests that take long: thousands of indices, real waits
	@$(BIN)/pytest -n $(WORKERS) --dist loadgroup -m "slow and not crash"

test-simulation: $(READY) ## the pure core through SEEDS (10000) seeded walks
	@COMPUTILITY_SEEDS=$(SEEDS) $(BIN)/pytest -n $(WORKERS) tests/simulation

test-crash: setup ## kill hub, agent and slurmctld of a running lab at every step
	@$(BIN)/pytest tests/crash -m crash -s

bench: setup ## what short jobs cost: 2,000 at once over 30 simulated members, all processes counted
	@$(BIN)/python -m bench $(BENCH)

bench-placement: $(READY) ## decisions per second of placement alone, 30 to 7,000 pools; a minute
	@$(BIN)/python -m bench.placement $(BENCH)

soak: setup ## a virtual day of 33 simulated members in which everything breaks; about 16 minutes
	@$(BIN)/python -m bench.soak $(SOAK)

lint: $(READY) ## style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY) ## mypy, strict
	@$(BIN)/mypy

layers: $(READY) ## imports point down only; the pure packages do no I/O; how long files and functions are
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python tests/repo/measure.py

crds: $(READY) ## write crds/ from the model
	@$(BIN)/python -m computility.cli.crds

verify: lint types layers crds ## all static checks; fails when a generated file was not committed
	@git diff --exit-code -- crds || { echo 'crds/ differs from the model: commit what `make crds` wrote'; exit 1; }
	@test -z "$$(git status --porcelain)" || { git status --short; echo 'the tree is dirty: commit or remove these'; exit 1; }

lock: $(READY) ## pin the dependencies anew, with hashes and without naming an index
	@$(BIN)/uv pip compile pyproject.toml --extra cli --extra plot --group dev --universal --python-version 3.11 \
	  --generate-hashes --no-strip-extras --no-emit-index-url --quiet --custom-compile-command 'make lock' -o requirements/dev.txt

setup: $(READY) ## install what the machine lacks: Python packages, control-plane programs, Slurm
	@$(BIN)/python -m computility.lab.tools
	@$(BIN)/python -m computility.lab.packages

$(READY): requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer is needed; none was found'; exit 1; }
	@echo "Python environment: $(VENV) ($(PYTHON)), about a minute"
	@$(MAKE) venv-module
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

# Debian keeps `venv` in a package of its own.
venv-module:
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null && exit; \
	install='apt-get install --yes --no-install-recommends $(notdir $(PYTHON))-venv'; \
	become=; test "$$(id -u)" = 0 || become='sudo -n'; \
	{ command -v apt-get && $$become true; } >/dev/null 2>&1 && $$become apt-get update -qq && $$become $$install || \
	  { echo "$(PYTHON) cannot make environments: run \`sudo $$install\`, or the like of it on your system"; exit 1; }

clean: ## remove the Python environment and caches of this checkout
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

.PHONY: help demo up down test test-simulation test-crash bench bench-placement soak lint types layers crds verify lock setup venv-module clean
