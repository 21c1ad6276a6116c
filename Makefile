# `make run` tries radiorate on this machine, `make test` checks it. Both do all their own set-up.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := run
.DELETE_ON_ERROR:
.PHONY: run test slow lint browser bench lock vendor
PYTHON := $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11 python,$(shell \
  $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
VENV := .venv/bin/python
PIP := $(VENV) -m pip install -qq --disable-pip-version-check --require-hashes
# Without bytecode every start would take three times as long.
export PYTHONDONTWRITEBYTECODE :=

run: .venv/run.txt  ## PostgreSQL, Redis, web, workers and a demonstration; Ctrl-C stops all of it
	@exec $(VENV) manage.py local

test: lint browser node_modules/.package-lock.json  ## everything that must hold, in under ten minutes
	@echo "== migrations and deployment settings"
	@export SECRET_KEY=$$($(VENV) -c 'import secrets; print(secrets.token_hex(32))') ALLOWED_HOSTS=radiorate.example VAR=$$(mktemp -d); \
	  trap 'rm -rf "$$VAR"' EXIT; \
	  $(VENV) -W ignore::RuntimeWarning manage.py makemigrations --check; \
	  $(VENV) manage.py check --deploy --fail-level WARNING
	@$(VENV) -m pytest --numprocesses logical --maxprocesses 4 --dist worksteal

slow: browser  ## what takes too long for every change: 200 random kills, walks of 200 faults, histories of 480 ratings
	@SLOW=1 $(VENV) -m pytest -m slow -o faulthandler_timeout=0

lint: .venv/test.txt  ## format, rules, import contracts, types
	@echo "== format"; .venv/bin/ruff format --check .
	@echo "== rules"; .venv/bin/ruff check .
	@echo "== import contracts"; .venv/bin/lint-imports
	@echo "== types"; .venv/bin/mypy

browser: .venv/test.txt  ## a Chromium for the browser tests, where there is none
	@$(VENV) tests/browser.py

node_modules/.package-lock.json: package-lock.json  # a stranger's image service to test against, where there is Node
	@! command -v npm >/dev/null || npm ci --ignore-scripts --no-audit --no-fund --silent || echo "radiorate: npm failed"

bench: .venv/test.txt  ## every benchmark, each beside its floor
	@for benchmark in $$(grep -l '"__main__"' bench/*.py); do echo "== $$benchmark"; $(VENV) "$$benchmark"; done

# A copy of the list beside what was installed from it: compared by content, so a fresh checkout installs nothing anew.
.venv/run.txt: requirements.txt
	@test -n "$(PYTHON)" || { echo "radiorate needs Python 3.11 or later, and there is none on PATH." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "Python's venv module is missing: on Debian and Ubuntu it is in the package python3-venv." >&2; exit 1; }
	@test -x $(VENV) || { echo "radiorate: making .venv"; $(PYTHON) -m venv .venv; }
	@cmp -s $< $@ || { echo "radiorate: installing requirements.txt, once"; $(PIP) -r $<; }
	@cp $< $@

.venv/test.txt: requirements-dev.txt .venv/run.txt
	@cmp -s $< $@ || { echo "radiorate: installing requirements-dev.txt, once"; $(PIP) -r $<; }
	@cp $< $@

lock:  ## new versions into requirements*.txt, none younger than a week
	$(PYTHON) -m venv var/lock && var/lock/bin/pip install --quiet uv
	for list in requirements requirements-dev requirements-diffusers; do \
	  var/lock/bin/uv pip compile $$list.in -o $$list.txt --upgrade --universal --generate-hashes --python-version 3.11 \
	    --no-emit-index-url --no-strip-extras --exclude-newer $$(date -u -d '7 days ago' +%F); \
	done

VENDOR := static/vendor

vendor:  ## copy the pinned front-end files from npm into static/vendor
	npm ci --ignore-scripts --no-audit --no-fund
	mkdir -p $(VENDOR)
	cp node_modules/htmx.org/dist/htmx.min.js $(VENDOR)/htmx-4.0.1.min.js
	cp node_modules/htmx.org/LICENSE $(VENDOR)/htmx-LICENSE.txt
	cd $(VENDOR) && { \
	  echo "Copies of npm packages, made by \`make vendor\` from package-lock.json. SHA-384 of each file:"; \
	  for file in *.js; do echo "$$file  sha384-$$(openssl dgst -sha384 -binary $$file | base64 -w 0)"; done; \
	  echo "Licence: htmx 0BSD (htmx-LICENSE.txt)."; \
	} > VENDOR.txt
