# `make` alone lists the targets. `run` and `build` need nothing but Go.

GOLANGCI_LINT := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOVULNCHECK   := go run golang.org/x/vuln/cmd/govulncheck@v1.9.0
LISTEN        ?= 127.0.0.1:8080
FUZZTIME      ?= 20s
# The version; a copy that git does not know has none.
BUILDVCS      := $(shell git status >/dev/null 2>&1 && echo true || echo false)
BASELINE      := content/golden.baseline.json
BENCH          = go test -run '^$$' -bench 'Budgets/$(if $(MEASURE),^$(MEASURE)$$)' -benchtime 1x -timeout 60m ./bench

.DEFAULT_GOAL := help
.PHONY: run build play test check eval baseline fit learn bench bench-save bench-gate faults fuzz fresh fmt vuln help

run: build ## build it and serve the bundled guide on http://127.0.0.1:8080 (LISTEN=…)
	bin/yingda serve -listen $(LISTEN)

build: ## build bin/yingda, one static binary
	@[ -x bin/yingda ] || echo "building bin/yingda; the first time, fetching and compiling what it is made of takes a minute or two" >&2
	CGO_ENABLED=0 go build -buildvcs=$(BUILDVCS) -trimpath -ldflags "-s -w" -o bin/yingda ./cmd/yingda

play: build ## try every channel without an account: stand-ins for Telegram and WeChat, with a page each
	go run ./cmd/play -listen $(LISTEN)

test: ## run every test with the race detector; installs what the tests need when it may
	@scripts/test-needs
	go test -race -shuffle=on -timeout 60m ./...

check: build ## check the formatting, the code, go.mod, the guide and its scores; writes nothing
	$(GOLANGCI_LINT) run
	go mod tidy -diff
	bin/yingda check
	bin/yingda eval -against $(BASELINE)

eval: build ## score the answers to the guide's golden questions, also mistyped, and compare with the stored run
	bin/yingda eval -robust -against $(BASELINE)

baseline: build ## store the scores of today, for `make check` to compare with; after a change that is meant
	bin/yingda eval -save $(BASELINE) -diagram docs/reliability.svg

fit: ## fit the ranking weights anew (PAIRS=FILE, SINGLE=FILE add questions with the id of their answer)
	go run ./cmd/fit $(if $(PAIRS),-pairs '$(PAIRS)') $(if $(SINGLE),-single '$(SINGLE)')

learn: ## compile the bundled guide anew, after an edit of it or of what compiles it
	go run ./cmd/fit -learn

bench: ## print what it costs beside its budgets (MEASURE=start: that alone; YINGDA_SOAK=10m watches the memory for so long)
	$(BENCH)

bench-save: ## store what it costs today as the baseline, for `make bench-gate` and the tests; after a change that is meant
	$(BENCH) -save

bench-gate: ## fail when it costs more than the baseline says; on a quiet machine
	$(BENCH) -gate

faults: ## kill, starve and confuse the program for half an hour; `make test` does it for a minute
	YINGDA_FAULTS=full go test -v -count=1 -timeout 90m ./faults

# Go before 1.27 now and then calls the end of the time a failure (go.dev/issue/75804): not ours.
fuzz: ## fuzz every parser, and whole pushes of every channel, each for FUZZTIME
	@go test -list '^Fuzz' ./... >/dev/null
	@log=$$(mktemp) && trap 'rm -f "$$log"' EXIT && for pkg in $$(go list ./...); do \
		for name in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			echo "$$pkg $$name"; \
			go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) $$pkg 2>&1 | tee "$$log"; \
			! grep -q '^FAIL' "$$log" || grep -q '^ *context deadline exceeded$$' "$$log" || exit 1; \
		done; \
	done

fresh: ## run the two commands of the README in a bare Debian; needs root, debootstrap and up to an hour
	scripts/fresh

fmt: ## format the code
	$(GOLANGCI_LINT) fmt

vuln: ## look for known vulnerabilities in what the program calls
	$(GOVULNCHECK) ./...

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
