# Every target is what a person would type; ./check is what CI runs.
BENCH ?= .

.PHONY: build test check bench torture simulate drill clean

build: ## the three programs, static, into bin/
	CGO_ENABLED=0 go build -trimpath -o bin/ ./gateway ./ledgerd ./simulator

test: ## everything that needs nothing but Go
	go test ./...

check: ## everything CI runs
	./check

bench: build ## Go benchmarks, the ledger over its real wire, and PostgreSQL beside it where that is installed
	go test -run '^$$' -bench '$(BENCH)' -benchmem ./...
	d=$$(mktemp -d) && bin/ledgerd bench --transfers 100000 --clients 512 --data $$d; rm -rf $$d
	ledgerd/versus-postgres

torture: ## random kill -9 under load: 1,000 of the ledger alone, then of ledger and gateway in turn
	MLANGO_KILLS=$${MLANGO_KILLS:-1000} go test -tags 'house stoppoints' -run 'TestTortureKills' -count 1 -timeout 60m -v ./ledgerd
	go test -tags 'house stoppoints' -run 'Torture' -count 1 -timeout 60m -v ./simulator

simulate: build ## salary day on this machine
	bin/simulator load --stack --profile salary-day --rate 200 --users 20000 --duration 60s --speed 5

drill: ## each named stop point of a test build, once
	go test -tags 'house stoppoints' -run 'StopPoint' -count 1 -v ./simulator ./ledgerd

clean:
	rm -rf bin runs
