# The two that matter: `make run` and `make test`. CONTRIBUTING.md says what the others are for.
CARGO ?= cargo
PYTHON ?= python3
VENV := .venv
VENV_AWS := .venv-aws
VENV_HEAVY := .venv-heavy
JS := tests/e2e/js/node_modules
BIN := target/release/picquet
CONSOLE := $(shell find console/src console/build console/public crates/picquet-model/catalogue -type f) $(addprefix console/,\
	index.html package.json package-lock.json tsconfig.json vite.config.ts)
# Without -p, features are those of the whole workspace: with it, most crates would be built once more.
XTASK = $(CARGO) run --locked --bin xtask
# Tests of one file share their servers; two files run at a time, since most of them wait.
TWO := -n 2 --dist loadfile
# What is tried on PostgreSQL too, where the machine has it.
E2E_STORE := $(addprefix tests/e2e/test_,api_operations.py api_story.py api_crash.py hunts.py watch_folder.py postgres_tls.py)

.PHONY: help run build console console-test test clients lint eval bench bars demo-logs clean

help:
	@echo "make run     build, hunt through the bundled logs, and show the findings in the console"
	@echo "make console build the web console, which the binary embeds"
	@echo "make test    install what tests need, and pass all of them"
	@echo "make lint    formatting, clippy, structure, documentation"
	@echo "make eval    DATA=folder: precision and recall on labelled logs"
	@echo "make bench   [DATA=folder]: speed against decompression alone"
	@echo "make clients Prowler, Cloud Custodian and the Rust SDK against the API (downloads 2.4 GB of packages)"
	@echo "make bars    fuzzing for ten minutes a target, 100,000 requests to the API, 100 rounds of chaos, 200 kills, clients, and eval and bench with DATA=folder"

run: build
	@mkdir -p dist
	@echo
	@echo "Hunting through demo/logs: recorded attack techniques (demo/logs/recorded, real) and two hours of a"
	@echo "made-up account (demo/logs/synthetic). Threat lists are the bundled ones."
	@echo
	@$(BIN) scan demo/logs --format table --output dist/report.html --output dist/findings.ndjson --force
	@echo
	@echo "Report:   file://$(CURDIR)/dist/report.html"
	@echo "Findings: $(CURDIR)/dist/findings.ndjson (GuardDuty's JSON, one a line)"
	@echo "Next:     $(BIN) scan /path/to/AWSLogs"
	@$(PYTHON) tools/demo.py --binary $(BIN)

# The console becomes part of the binary; without npm the binary says that it has none. Built again only when something
# of it changed, since the binary then is too.
console: console/dist/index.html

console/dist/index.html: $(CONSOLE)
	@if command -v npm >/dev/null; then npm ci --prefix console --no-audit --no-fund --loglevel=error \
		&& npm run build --prefix console --silent && touch $@; \
	else echo "skipped: the console (no npm); the binary is built without it"; fi

build: console
	@command -v $(CARGO) >/dev/null || { echo "error: Rust is missing"; echo "help: install it from https://rustup.rs"; exit 1; }
	$(CARGO) build --release --locked -p picquet

test: console $(VENV)/.done $(VENV_AWS)/.done $(JS)/.done
	@if $(CARGO) nextest --version >/dev/null 2>&1; then $(CARGO) nextest run --workspace --locked; \
	else $(CARGO) test --workspace --locked; fi
	$(CARGO) build --locked -p picquet -p xtask
	@if $(CARGO) nextest --version >/dev/null 2>&1; then target/debug/xtask postgres $(CARGO) nextest run --workspace --locked -E 'package(picquet-store) + package(picquet-api)'; \
	else target/debug/xtask postgres $(CARGO) test --locked -p picquet-store -p picquet-api; fi
	PICQUET_BIN=$(CURDIR)/target/debug/picquet $(VENV)/bin/python -m pytest -q -rs $(TWO) tests/e2e
	PICQUET_BIN=$(CURDIR)/target/debug/picquet target/debug/xtask postgres $(VENV)/bin/python -m pytest -q $(TWO) -k postgres $(E2E_STORE)
	$(MAKE) console-test

# Logic, then what people do in Chromium against the real binary; console/test-results has a picture of each story.
console-test:
	@if command -v npm >/dev/null; then npm test --prefix console --silent \
		&& PICQUET_BIN=$(CURDIR)/target/debug/picquet npm run stories --prefix console --silent; \
	else echo "skipped: the console (no npm)"; fi

$(VENV_AWS)/.done: tests/e2e/clients.txt
	$(PYTHON) -m venv $(VENV_AWS)
	$(VENV_AWS)/bin/pip install --quiet --disable-pip-version-check -r tests/e2e/clients.txt
	@touch $@

# Without npm the tests of the JavaScript SDK are skipped, and say so.
$(JS)/.done: tests/e2e/js/package-lock.json
	@if command -v npm >/dev/null; then npm ci --prefix tests/e2e/js --no-audit --no-fund --loglevel=error; \
	else mkdir -p $(JS); echo "skipped: the JavaScript SDK (no npm)"; fi
	@touch $@

# The clients that take too long to install for every `make test`.
clients: build $(VENV)/.done $(VENV_HEAVY)/.done
	$(CARGO) build --locked --manifest-path tests/e2e/rust/Cargo.toml --target-dir target/clients
	PICQUET_HEAVY=1 PICQUET_BIN=$(CURDIR)/$(BIN) $(VENV)/bin/python -m pytest -q -rs tests/e2e/test_api_heavy.py \
		tests/e2e/test_api_clients.py tests/e2e/test_api_terraform.py -k "prowler or custodian or rust or terraform"

# A venv for each: they pin other versions of the same packages.
$(VENV_HEAVY)/.done: tests/e2e/heavy.txt
	@whole=yes; mkdir -p $(VENV_HEAVY); while read -r package; do \
		home=$(VENV_HEAVY)/$${package%%==*}; \
		$(PYTHON) -m venv "$$home" && "$$home/bin/pip" install --quiet --disable-pip-version-check "$$package" </dev/null \
			|| { whole=; echo "skipped: $$package (pip does not install it)"; }; \
	done <$<; if [ -n "$$whole" ]; then touch $@; fi

$(VENV)/.done: tests/e2e/requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r tests/e2e/requirements.txt
	@touch $@

lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --locked --quiet
	$(XTASK) --quiet -- tidy

eval: build
	@test -n "$(DATA)" || { echo "error: give the labelled data: make eval DATA=folder"; exit 1; }
	$(XTASK) --release --quiet -- eval --data $(DATA)

bench: build
	$(XTASK) --release --quiet -- bench $(if $(DATA),--data $(DATA))

bars: build $(VENV)/.done
	tools/fuzz.sh 600
	PICQUET_BIN=$(CURDIR)/$(BIN) $(VENV)/bin/python tools/fuzz-api.py --requests 100000
	PICQUET_CHAOS_ROUNDS=100 PICQUET_BIN=$(CURDIR)/$(BIN) $(VENV)/bin/python -m pytest -q -s tests/e2e/test_watch_chaos.py
	PICQUET_KILL_ROUNDS=200 PICQUET_BIN=$(CURDIR)/$(BIN) $(VENV)/bin/python -m pytest -q tests/e2e/test_api_crash.py
	$(MAKE) clients
	@if [ -n "$(DATA)" ]; then $(MAKE) eval bench DATA=$(DATA); else echo "skipped: eval and bench (no DATA given)"; fi

demo-logs:
	$(PYTHON) tools/demo-logs.py

clean:
	$(CARGO) clean
	rm -rf dist console/dist/assets console/dist/index.html* console/node_modules $(VENV) $(VENV_AWS) $(VENV_HEAVY) $(JS)
