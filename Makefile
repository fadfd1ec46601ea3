# make help lists what there is to do.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

# CLIENT is the client file to work on (config/clients/CLIENT.yaml), several
# separated by commas, or all.
CLIENT ?= demo

# The pinned Node and CDK CLI come first on the path.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

# The runtime's bytes are a function of its source and of this toolchain, so the
# environment of whoever builds it must not reach the compiler.
TOOLCHAIN := $(shell sed -n 's/^toolchain //p' go.mod)
RUNTIME_ENV := GOTOOLCHAIN=$(TOOLCHAIN) GOFLAGS= GOEXPERIMENT= CGO_ENABLED=0 GOOS=linux GOAMD64=v1 GOARM64=v8.0
RUNTIME_FLAGS := -trimpath -buildvcs=false -ldflags='-s -w -buildid='

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: synth
synth: node_modules tools ## Every template of CLIENT (default demo) into cdk.out, with a summary
	@build/lectern check
	@echo "Synthesizing $(CLIENT) …" >&2
	@cdk synth --quiet -c client=$(CLIENT)
	@build/lectern summary cdk.out

.PHONY: dev
dev: node_modules scorm-again ## The whole engine on this machine, with a sample course; data in .lectern
	@go run ./cmd/runtime dev --open

.PHONY: plan
plan: tools ## What CLIENT's file means, before anything is deployed
	@build/lectern plan $(CLIENT)

.PHONY: diff
diff: node_modules tools ## What deploying CLIENT's file would do to what was synthesized last (cdk.out)
	@build/lectern diff $(CLIENT)

.PHONY: test
test: node_modules scorm-again runtime ## All tests that need no server or emulator
	go vet ./...
	go test ./...

# What the system tests recorded of the calls to AWS; test/iam/record explains it. A result from the cache of tests would
# have recorded nothing, hence -count 1.
CALLS := $(CURDIR)/build/calls

.PHONY: test-system
test-system: node_modules scorm-again tools build/versitygw ## Deploys on an emulator, real servers; says what is missing
	rm -rf $(CALLS)
	PATH=$(CURDIR)/build:$$PATH LECTERN_CALLS=$(CALLS) go test -tags system -count 1 -timeout 60m -v ./test/system/... ./test/browser ./runtime/... ./constructs/workload
	PATH=$(CURDIR)/build:$$PATH LECTERN_CALLS=$(CALLS) go test -tags system -count 1 -timeout 60m -v -p 1 ./test/fleet ./test/engine

.PHONY: stale-calls
stale-calls: ## Calls of test/iam's catalogues that the last make test-system did not see
	LECTERN_CALLS=$(CALLS) go test -tags system -count 1 -v ./test/iam -run TestEveryCallIsStillMade

.PHONY: change-matrix
change-matrix: node_modules scorm-again runtime ## Every key of every reference client is changed (make test has a sample)
	go test -timeout 30m ./test/synth -run ChangeMatrix -whole -v

.PHONY: rehearsal
rehearsal: node_modules scorm-again tools ## Changes and procedures on the emulator, for all reference clients (make test-system has a sample)
	LECTERN_CLIENTS=all go test -tags system -timeout 120m -v -run '^(TestChanges|TestProcedures)$$' ./test/system

.PHONY: failure-table
failure-table: node_modules scorm-again tools ## Every creation and update of all reference clients fails once (CLIENTS=a,b for some); about an hour
	LECTERN_FAILURES=all LECTERN_CLIENTS=$(CLIENTS) go test -tags system -timeout 180m -parallel 2 -v -run '^TestFailureTable$$' ./test/system

# What anybody may send: packages, commits, links, addresses of files, client files.
FUZZ := config:FuzzParse runtime/content/archive:FuzzOpen runtime/content/manifest:FuzzRead runtime/httpapi/commits:FuzzCommit \
	runtime/content/archive:FuzzServable runtime/cmi:FuzzCheck runtime/launch:FuzzCheck runtime/launch:FuzzParseContentPath
FUZZTIME ?= 10s
.PHONY: fuzz
fuzz: scorm-again ## Each fuzz target for FUZZTIME (default 10s)
	@for target in $(FUZZ); do \
		echo "Fuzzing $$target …" >&2; \
		go test ./$${target%:*} -run '^$$' -fuzz "^$${target#*:}$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5x; \
	done

.PHONY: lint
lint: build/golangci-lint ## Linters (builds golangci-lint at first)
	build/golangci-lint run

.PHONY: generate
generate: node_modules ## Schema and reference page, from the client file's Go types; the specification of resource types
	go generate ./config/... ./stacks/change

.PHONY: clean
clean: ## Remove what was built
	rm -rf build cdk.out

# What cdk.json runs. The Go build cache makes it cheap when nothing changed.
.PHONY: app
app: runtime
	@go build -o build/app ./cmd/app
	@build/app

.PHONY: tools
tools: runtime
	@echo "Building lectern and the app …" >&2
	@go build -o build/ ./cmd/lectern ./cmd/app

.PHONY: runtime
runtime: scorm-again ## The runtime binaries that become assets
	@mkdir -p build/runtime
	@$(RUNTIME_ENV) GOARCH=arm64 go build $(RUNTIME_FLAGS) -o build/runtime/lectern-runtime-arm64.elf ./cmd/runtime
	@$(RUNTIME_ENV) GOARCH=amd64 go build $(RUNTIME_FLAGS) -o build/runtime/lectern-runtime-amd64.elf ./cmd/runtime

# The browser's half of SCORM comes from npm and is embedded in the runtime.
SCORM_AGAIN := $(addprefix runtime/player/scorm-again/,scorm12.min.js scorm2004.min.js LICENSE)
.PHONY: scorm-again
scorm-again: $(SCORM_AGAIN)
runtime/player/scorm-again/%.js: node_modules
	@cp node_modules/scorm-again/dist/esm/$*.js $@
runtime/player/scorm-again/LICENSE: node_modules
	@cp node_modules/scorm-again/LICENSE $@

node_modules: package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch node_modules

# An S3-compatible store that checks signatures.
build/versitygw:
	GOBIN=$(CURDIR)/build go install github.com/versity/versitygw/cmd/versitygw@v1.8.0

build/golangci-lint:
	GOBIN=$(CURDIR)/build go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: bench-runtime
bench-runtime: node_modules scorm-again ## Commits against pgbench, import against unzip, memory of a large import
	@go run ./test/load $(BENCH)

.PHONY: bench
bench: node_modules runtime ## Time and memory of synthesis, against Node as the floor
	@go run ./test/bench $(BENCH)
