# The commands of the project; each is a few lines, the work is in Deploy/local.
SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c
export SWIFT_BACKTRACE := enable=no
SWIFT ?= swift
CONFIGURATION ?= release
export CITIZEN_BIN ?= $(CURDIR)/.build/$(CONFIGURATION)

.PHONY: deps build demo test up down status check bench soak docs lint format

deps:
	@Deploy/local/deps.sh

build: deps
	@$(SWIFT) build -c $(CONFIGURATION) 2>&1 | grep -vE 'prohibited flag|^\[[0-9]+/|Planning build|^Build complete' || true
	test -x $(CITIZEN_BIN)/citizend

demo: build
	@Deploy/local/demo.sh

test: deps
	@Deploy/local/test.sh

up: build
	@Deploy/local/stack.sh up

down:
	@Deploy/local/stack.sh down

status:
	@Deploy/local/stack.sh status

check: deps
	@Deploy/local/check.sh

bench: build
	@Deploy/local/bench.sh

soak: deps
	@Deploy/local/soak.sh

docs:
	@Deploy/local/docs.sh

lint:
	@$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests

format:
	@$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests
