# Kaifong 街坊. Two commands: `make run` shows it, `make test` proves it. `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
.DEFAULT_GOAL := help

# What is built is kept outside the clone, so that a second clone does not start from nothing.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/kaifong/target
# Nothing is resolved anew: what was tested is what is built.
CARGO := cargo --locked
PROGRAMS := $(CARGO_TARGET_DIR)/debug
# The same cases in every run of the tests, so that a failure is the change's own; new cases are for `make sim` and
# `make fuzz`, and for `PROPTEST_RNG_SEED=… make test`.
export PROPTEST_RNG_SEED ?= 20261122
# nextest writes it here, whatever the target folder is.
JUNIT := target/nextest/ci/junit.xml

.PHONY: android apart app bench help open run test check fmt-check lint docs tidy deny sim fuzz features tools tools-test shots tools-ui ui ui-check

help: ## this list
	@echo "Kaifong 街坊: make …"
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 14

tools:
	@scripts/tools build
	@mkdir -p "$(CARGO_TARGET_DIR)"

# The desktop window is compiled and opened where there is a display; elsewhere the page in a browser does the same.
ifneq ($(DISPLAY)$(WAYLAND_DISPLAY),)
tools-run:
	@scripts/tools window
	@mkdir -p "$(CARGO_TARGET_DIR)"
SHOWN := -p kaifong-app --bin kaifong-app
else
tools-run: tools
SHOWN :=
endif

tools-test:
	@scripts/tools test
	@mkdir -p "$(CARGO_TARGET_DIR)"

tools-ui:
	@scripts/tools ui

# Installed again only when the lock file has changed since. `npm ci` refuses a lock file when the registry at hand lacks
# somebody else's platform; `npm install` takes the same versions from it and checks the same hashes.
ui/node_modules/.package-lock.json: ui/package-lock.json
	cd ui && { npm ci --no-audit --no-fund || npm install --no-audit --no-fund; }
	@touch $@

ui: tools-ui ui/node_modules/.package-lock.json ## the web interface, into ui/dist
	cd ui && npm run build

# Types, lints, and the tests that need no browser. Building comes first: it makes the messages' functions.
ui-check: ui
	cd ui && npm run --silent check && npm run --silent lint && npm run --silent test

# On the usual data folder. Another: make app DATA=folder
DATA ?= $(or $(KAIFONG_DATA),$(or $(XDG_DATA_HOME),$(HOME)/.local/share)/kaifong)
app: tools-run ui ## your own household: in a window where there is a display, else in a browser of this computer
	$(CARGO) build -p kaifong-cli $(SHOWN)
ifneq ($(SHOWN),)
	@exec "$(PROGRAMS)/kaifong-app" --data "$(DATA)"
else
	@echo "Open this link in a browser (it opens once; Ctrl-C ends; 'make open' prints another):"
	@exec "$(PROGRAMS)/kaifong" --data "$(DATA)" serve
endif

# What can be checked of the phone without its tools: that everything compiles for it.
ANDROID := aarch64-linux-android
android: tools-run ui ## checks that the window compiles for Android, where Rust's std for it is there
	@if [ -d "$$(rustc --print sysroot)/lib/rustlib/$(ANDROID)" ]; then \
	  $(CARGO) check -p kaifong-app --lib --target $(ANDROID); \
	else echo "skipped: android (Rust's std for $(ANDROID) is not installed; rustup target add $(ANDROID))"; fi

open: ## another link for the household that 'make app' runs, or its window shown
	@"$(PROGRAMS)/kaifong" --data "$(DATA)" open

# ONLY=part of a page's name for fewer.
shots: tools-test ui ## pictures of every page in six variants, and what they break of their rules, into target/shots
	$(CARGO) build -p kaifong-cli
	KAIFONG="$(PROGRAMS)/kaifong" ONLY=$(ONLY) node tests/browser/shots.mjs

run: tools-run ui ## a living building on this machine: six households and a desk, one exchange told, then a window or pages
	@echo "Building kaifong (from nothing: some minutes, once) …"
	$(CARGO) build -p kaifong-cli -p kaifong-tests $(SHOWN) --bin kaifong --bin living-building
	@exec "$(PROGRAMS)/living-building" $(if $(SHOWN),--window)

# Doctests first: they are few, and the last line then counts the tests.
test: tools-test fmt-check ui-check lint android ## everything that must hold: format, lints, every test, every feature's proof
	$(CARGO) build --workspace --all-targets
	cd ui && KAIFONG="$(PROGRAMS)/kaifong" npm run --silent api:check
	$(CARGO) test --quiet --workspace --doc
	@status=0; \
	rm -f $(JUNIT); \
	cargo nextest run --locked --workspace --profile ci || status=$$?; \
	"$(PROGRAMS)/features-check" report $(JUNIT) || status=1; \
	exit $$status

check: tools-test fmt-check ui-check lint apart docs tidy deny android ## without the long tests: format, lints, rustdoc, tidiness, licences

# ROW=name for one of them; docs/BENCH.md says what they measure.
bench: tools-test ui ## each row of the benches beside its peer, into target/bench/summary.json
	$(CARGO) build --release -p kaifong-cli
	KAIFONG="$(CARGO_TARGET_DIR)/release/kaifong" $(CARGO) run --release --manifest-path bench/Cargo.toml -- $(ROW)

fmt-check:
	cargo fmt --all --check

# The window has the interface in it, so that it is built first.
lint: ui
	$(CARGO) clippy --workspace --all-targets -- -D warnings

# Benches and fuzz targets are crates of their own, which the workspace's lints do not reach.
apart:
	@for apart in fuzz bench; do $(CARGO) clippy --manifest-path $$apart/Cargo.toml --all-targets -- -D warnings || exit 1; done

docs: ui
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps

tidy:
	cargo nextest run --locked -p kaifong-tests --test tidy

# The advisories come from outside. A machine that cannot reach them still checks the rest, and says so.
deny:
	@scripts/tools deny
	cargo deny --locked check licenses bans sources
	@for apart in fuzz bench; do \
	  echo "cargo deny ($$apart)"; \
	  cargo deny --locked --config deny.toml --manifest-path $$apart/Cargo.toml check licenses bans sources || exit 1; \
	done
	@if timeout 120 cargo deny --locked fetch db >/dev/null 2>&1; then cargo deny --locked check advisories; \
	else echo "skipped: advisories (database not reachable)"; fi

# SEED=k replays one seed and tells its story; a run that was broken off goes on where it stopped.
SEEDS ?= 10000
sim: tools ## simulated buildings (SEEDS=n, SEED=k), into target/sim/summary.json
	@mkdir -p target/sim
	$(CARGO) run --release -p kaifong-testkit --bin kaifong-sim -- \
	  --out target/sim/summary.json $(if $(SEED),--seed $(SEED),--seeds $(SEEDS))

# The next run goes on where this one ended: its inputs stay in target/fuzz/corpus.
SECONDS_EACH ?= 60
fuzz: tools ## fuzzes every parser of foreign bytes (SECONDS_EACH=n, TARGET=name), into target/fuzz/summary.json
	@scripts/fuzz $(SECONDS_EACH) $(TARGET)

features: tools ## writes the names of the proving tests into docs/FEATURES.md
	$(CARGO) run -p kaifong-tests --bin features-check -- write
