# `make run` tries radiorate on this machine, `make test` checks it. Both do all their own set-up.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := run
.PHONY: run test lint lock vendor bench
VENDOR := static/vendor

vendor:  ## copy the pinned front-end files from npm into static/vendor
	npm ci --ignore-scripts --no-audit --no-fund
	mkdir -p $(VENDOR)
	cp node_modules/htmx.org/dist/htmx.min.js $(VENDOR)/htmx-4.0.1.min.js
	cp node_modules/htmx.org/LICENSE $(VENDOR)/htmx-LICENSE.txt
	cp node_modules/idb/build/index.js $(VENDOR)/idb-8.0.4.js
	cp node_modules/idb/LICENSE $(VENDOR)/idb-LICENSE.txt
	cd $(VENDOR) && { \
	  echo "Copies of npm packages, made by \`make vendor\` from package-lock.json. SHA-384 of each file:"; \
	  for file in *.js; do echo "$$file  sha384-$$(openssl dgst -sha384 -binary $$file | base64 -w 0)"; done; \
	  echo "Licences: htmx 0BSD (htmx-LICENSE.txt), idb ISC (idb-LICENSE.txt)."; \
	} > VENDOR.txt
