# Terrace: “make help” lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

export CGO_ENABLED := 0
export GOTOOLCHAIN := local

BIN := $(CURDIR)/bin
ARGS ?=
FUZZ_TIME ?= 30s
# Packages to test; “make test PKG=./postgres/...” tests only some of them.
PKG ?= ./...
SOURCES := $(shell find . -name '*.go' -not -path './devstack/*' -not -path './e2e/*' -not -path './bench/*' -not -path './tools/*' -not -path './node_modules/*') \
	$(shell find postgres api programmes demo -type f -not -name '*.go' -not -path '*/node_modules/*')
DEVSTACK := $(shell find devstack -name '*.go') devstack/go.mod devstack/go.sum

## Run

demo: bin/terrace stack ## Run a whole pilot on this machine: make demo [ARGS=--exit-when-closed]
	@bin/terrace demo $(ARGS)

build: bin/terrace ## Build the program

bin/terrace: $(SOURCES) go.mod go.sum
	go build -trimpath -ldflags '-s -w' -o $@ ./cmd/terrace

## Test

test: bin/withstack bin/terrace bin/postgresd bin/temporald ## Test everything on a throw-away Postgres and Temporal: make test [PKG=./...]
	@devstack/need.sh postgres
	@if devstack/need.sh gcc; then race=-race; else race=; echo "no C compiler: testing without the race detector" >&2; fi; \
	CGO_ENABLED=$$([ -n "$$race" ] && echo 1 || echo 0) bin/withstack -- go test $$race -timeout 20m $(PKG)
	@[ "$(PKG)" != ./... ] || $(MAKE) --no-print-directory test-devstack test-e2e test-bench

test-devstack: bin/postgresd bin/temporald ## Test the private servers
	cd devstack && go test -timeout 20m ./...

test-e2e: bin/terrace bin/postgresd bin/temporald ## Test the whole program, with killed demonstrations and unreachable servers
	@devstack/need.sh postgres
	cd e2e && go test -count 1 -timeout 25m ./... # Go's test cache does not notice a new program

fuzz: ## Fuzz every parser for a while: make fuzz [FUZZ_TIME=30s]
	@grep -rHoE --include='*_test.go' --exclude-dir=node_modules --exclude-dir=e2e --exclude-dir=devstack '^func Fuzz[A-Za-z]+' . | \
		sed 's|/[^/]*:func | |' | sort | while read -r folder target; do \
			echo "$$folder $$target"; go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZ_TIME) -fuzzminimizetime 1s $$folder; \
		done

soak: bin/terrace bin/postgresd bin/temporald ## Run a short soak: pilots run while the stack suffers kills, bad links, full disks, calendar jumps and an upgrade: make soak [ARGS="-seed 7"]
	@devstack/need.sh postgres
	cd e2e && go run ./soak $(ARGS)

soak-long: bin/terrace bin/postgresd bin/temporald ## Soak until 1,000 kills, 10,000 pilots and 50,000 payments add up, continuing from this commit's last run
	@devstack/need.sh postgres
	cd e2e && go run ./soak -pilots 2500 -kills 260 -open 500 -clients 32 -day 6s -between 1s -until-kills 1000 -until-pilots 10000 -until-payments 50000 $(ARGS)

money-long: bin/postgresd ## Run 1,000,000 random money operations, continuing from the last run: make money-long [MONEY_OPERATIONS=…]
	@devstack/need.sh postgres
	go test -c -o bin/money.test ./postgres/moneytest
	@cd postgres/moneytest && MONEY_OPERATIONS=$${MONEY_OPERATIONS:-1000000} MONEY_TALLY=$${MONEY_TALLY:-$(BIN)/money-tally.json} \
		nice $(BIN)/money.test -test.run TestTheLedgerIsWhatWasAccepted -test.timeout 0

villages: bin/terrace bin/postgresd bin/temporald ## Drive one pilot of 200 villages × 12 milestones from draft to archive: make villages [VILLAGES=200] [MILESTONES=12]
	@devstack/need.sh postgres
	cd e2e && VILLAGES=$${VILLAGES:-200} MILESTONES=$${MILESTONES:-12} go test -count 1 -timeout 60m -v -run ManyVillages .

backup-drill: bin/terrace bin/postgresd bin/temporald ## Lose all data under a running demonstration and restore it, in several ways
	@devstack/need.sh postgres
	cd e2e && go test -count 1 -timeout 40m -v -run 'Restored|Killed|ArchivedSegment|BackupAndRestore' .

mutate: bin/withstack bin/postgresd bin/temporald ## Plant bugs one at a time and report which test catches each: make mutate [ARGS="-only notice"]
	@devstack/need.sh postgres
	bin/withstack -- go run ./tools/mutate $(ARGS)

histories: bin/temporald ## Record the histories of every workflow path again on a real Temporal, after raising Story
	go test ./workflows -count 1 -timeout 30m -run TestCommittedHistoriesReplay -update

## Measure

bench: bin/terrace bin/postgresd bin/temporald ## Compare with the floor and the peers, in under 15 minutes: make bench [ARGS="-only commands"]
	@devstack/need.sh postgres
	@cd bench && go build -o ../bin/bench . && ../bin/bench $(ARGS)

bench-full: bin/terrace bin/postgresd bin/temporald ## Measure at full size: longer windows, 65,861 pilots, a million projects
	@devstack/need.sh postgres
	@cd bench && go build -o ../bin/bench . && ../bin/bench -full $(ARGS)

test-bench: bin/terrace bin/postgresd bin/temporald ## Test the measurements
	@devstack/need.sh postgres
	cd bench && go test -count 1 -timeout 15m ./...

## Check

lint: bin/golangci-lint bin/workflowcheck openapi-lint ## Lint the code, the workflows and the OpenAPI document
	bin/golangci-lint run ./...
	cd e2e && ../bin/golangci-lint run ./...
	cd bench && ../bin/golangci-lint run ./...
	cd devstack && ../bin/golangci-lint run ./...
	bin/workflowcheck ./workflows/...

fmt: bin/golangci-lint ## Format the code, and give Chinese texts their full-width marks
	go run ./tools/marks
	bin/golangci-lint fmt ./...

vulnerabilities: bin/govulncheck ## Check for known vulnerabilities, if the database can be reached
	bin/govulncheck ./...

draw: ## Draw 30 doc comments and 30 refusals to judge how they read: make draw [ARGS=<commit hash>]
	@go run ./tools/draw $(ARGS)

openapi-lint: bin/terrace ## Lint the OpenAPI document with Redocly and Spectral
	@devstack/need.sh node
	bin/terrace openapi > bin/openapi.json
	tools/openapi/lint.sh bin/openapi.json

## Generate

generate: bin/sqlc ## Regenerate queries, rules and other pages
	cd postgres && ../bin/sqlc generate
	go generate ./...

generated: generate ## Fail if a generated file is stale
	@git diff --exit-code --stat || (echo "generated files are stale: run “make generate” and commit" >&2; exit 1)

## Set up

tools: bin/golangci-lint bin/sqlc bin/workflowcheck bin/govulncheck ## Build the pinned tools

stack: $(if $(DATABASE_URL)$(TERRACE_DATABASE_URL),,postgres) $(if $(TERRACE_TEMPORAL_ADDRESS)$(shell command -v temporal),,bin/temporald)

postgres: bin/postgresd
	@devstack/need.sh postgres

devstack: bin/postgresd bin/temporald bin/withstack ## Build the private Postgres runner and the private Temporal server

bin/postgresd bin/withstack: $(DEVSTACK)
	cd devstack && go build -ldflags '-s -w' -o ../$@ ./cmd/$(@F)

bin/temporald: $(DEVSTACK)
	@echo "Building the private Temporal server. The first build takes several minutes; later ones are incremental." >&2
	@cd devstack && ./progress.sh go build -ldflags '-s -w' -o ../$@ ./cmd/temporald

bin/golangci-lint: tools/lint/go.mod
	cd tools/lint && go build -ldflags '-s -w' -o $(BIN)/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint

bin/sqlc: tools/sqlc/go.mod
	cd tools/sqlc && go build -ldflags '-s -w' -o $(BIN)/sqlc github.com/sqlc-dev/sqlc/cmd/sqlc

bin/workflowcheck: tools/workflowcheck/go.mod
	cd tools/workflowcheck && go build -ldflags '-s -w' -o $(BIN)/workflowcheck go.temporal.io/sdk/contrib/tools/workflowcheck

bin/govulncheck: tools/govulncheck/go.mod
	cd tools/govulncheck && go build -ldflags '-s -w' -o $(BIN)/govulncheck golang.org/x/vuln/cmd/govulncheck

clean: ## Remove everything built
	rm -rf bin

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^## / {printf "\n%s\n", substr($$0, 4)} /^[a-z0-9-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo build test test-devstack test-e2e fuzz soak soak-long test-bench bench bench-full money-long backup-drill mutate histories villages lint fmt vulnerabilities openapi-lint generate generated tools stack postgres devstack clean help
