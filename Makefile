# Everything on a machine that has Go: `make run` to try it, `make test` to trust it.
.PHONY: build run test lint fuzz bench postgres release clean
export CGO_ENABLED ?= 0

build:
	go build -trimpath -o nocall ./cmd/nocall

run: build
	./nocall serve -bootstrap-key-file nocall-data/keys.json

test:
	scripts/test

lint:
	scripts/lint

fuzz:
	scripts/fuzz $(FUZZTIME)

bench: build
	./nocall bench all -peers -rounds 5

postgres:
	@scripts/postgres start

release:
	scripts/release

clean:
	rm -rf nocall dist
