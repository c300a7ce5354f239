# What people do with this checkout. `make help` lists it.

SWIFT ?= swift
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60
ENDPOINT_DAYS ?= 1000
BUDGET_PROBES ?= 10000000
# bookworm has systemd 252, trixie 257.
SUITE ?= bookworm
DESTDIR ?=
# Where the daemon keeps what must survive; /etc and /lib/systemd are not below PREFIX on purpose.
SYSCONFDIR ?= /etc
UNITDIR ?= /lib/systemd/system
SYSUSERSDIR ?= /usr/lib/sysusers.d
CATALOGDIR ?= /usr/lib/systemd/catalog
PRESETDIR ?= /usr/lib/systemd/system-preset
# Empty keeps the symbols, as packages want it, which split them off.
STRIP ?= -s
BASHDIR = share/bash-completion/completions
# Debian keeps its own functions and those of packages apart; zsh's own place is below /usr/local.
ZSHDIR = share/zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)
FISHDIR = share/fish/vendor_completions.d
# Nothing loads a library that looks for our symbols, and its table of them is a tenth of a program.
RELEASE_FLAGS := -c release --static-swift-stdlib -Xlinker --no-export-dynamic
# The files in systemd/ are written for PREFIX=/usr.
PLACES = -e 's|/usr/sbin/failoverd|$(PREFIX)/sbin/failoverd|g' -e 's|/usr/bin/failoverctl|$(PREFIX)/bin/failoverctl|g' \
	-e 's|/usr/share/doc|$(PREFIX)/share/doc|g' -e 's|/usr/lib/failoverd|$(PREFIX)/lib/failoverd|g'
BUILD_FLAGS := --explicit-target-dependency-import-check error

.DEFAULT_GOAL := help
.PHONY: help run test build release lint format tsan bench bench-decisions simulation same-bytes nightly ci install install-files uninstall deb deb-packages test-systemd test-systemd-newest lab-packages packages test-packages bench-packages fuzz outage

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

run: packages ## build, start three simulated regions and the daemon, and watch a bad day
	@$(SWIFT) build
	@scripts/demo.sh

test: test-packages ## run the tests, real servers and a real journal included
	$(SWIFT) build --build-tests $(BUILD_FLAGS)
	@$(MAKE) --no-print-directory simulation
	@SWIFT=$(SWIFT) scripts/run-tests

build: packages ## build everything for development
	$(SWIFT) build --build-tests $(BUILD_FLAGS)

release: packages ## build what is installed: optimised, the Swift runtime inside
	$(SWIFT) build $(RELEASE_FLAGS)

lint: ## check the format of every source
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests

fuzz: build ## feed damaged answers to what reads HTTP/1.1 and chats, for FUZZ_SECONDS (60) each
	scripts/fuzz $(FUZZ_SECONDS)

format: ## format every source
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

# A build of its own: the sanitizer instruments every dependency too.
tsan: test-packages ## run the tests of what has threads under ThreadSanitizer
	TSAN_OPTIONS="halt_on_error=1" $(SWIFT) test --sanitize=thread \
		--scratch-path .build-tsan --filter 'FailoverCoreTests|FailoverPublishTests|FailoverControlTests|FailoverDaemonTests'

bench: bench-packages release ## measure it beside HAProxy and Envoy for an hour, and write docs/benchmarks.md
	@bench/run

# Optimised, and on all processors; the figures of a seed are always the same.
bench-decisions: packages ## compare the decision rule with its peers: false failovers, delays, flapping; some minutes
	@$(SWIFT) build $(RELEASE_FLAGS) --product failoverbench
	.build/release/failoverbench decisions --json .build/decisions.json --markdown .build/decisions.md
	.build/release/failoverbench hiccups
	.build/release/failoverbench troubles

# Optimised: a day of one endpoint is up to 86,400 probes. The seeds are printed; FAILOVERD_SEED repeats a run.
simulation: packages ## play ENDPOINT_DAYS (1,000) of random trouble, and BUDGET_PROBES (10 million) healthy probes of each preset
	@$(SWIFT) build $(RELEASE_FLAGS) --product failoverbench
	.build/release/failoverbench simulation --endpoint-days $(ENDPOINT_DAYS)
	.build/release/failoverbench budget --probes $(BUDGET_PROBES)

# Twice the same seed in two processes: nothing may depend on the process.
same-bytes: simulation
	.build/release/failoverbench simulation --endpoint-days 20 --seed 1 >.build/simulation-1.txt
	.build/release/failoverbench simulation --endpoint-days 20 --seed 1 >.build/simulation-2.txt
	cmp .build/simulation-1.txt .build/simulation-2.txt

nightly: ENDPOINT_DAYS = 10000
nightly: BUDGET_PROBES = 100000000
nightly: ci tsan fuzz outage same-bytes test-systemd-newest ## everything that takes too long for each change

# Ten minutes as in an incident; the usual test takes 40 s.
outage: test-packages ## a name server, or a line of our own, that is dead for ten minutes moves nothing
	FAILOVERD_TEST_OUTAGE_SECONDS=600 $(SWIFT) test --filter "NetworkNameTests|NetworkVantageTests"

test-systemd-newest: lab-packages
	scripts/test-systemd -s trixie

ci: ## what CI runs
	@.ci/run

packages: ## install what building needs
	@scripts/install-packages.sh build

test-packages: ## install what testing needs
	@scripts/install-packages.sh test

deb-packages: ## install what packaging needs
	@scripts/install-packages.sh deb

lab-packages: ## install what a systemd in a container needs
	@scripts/install-packages.sh lab

bench-packages: ## install what measuring needs
	@scripts/install-packages.sh bench

install: release ## install under DESTDIR and PREFIX; start it with systemctl
	@$(MAKE) --no-print-directory install-files
	@if [ -z "$(DESTDIR)" ]; then scripts/after-install.sh $(SYSCONFDIR); else \
		echo "installed below $(DESTDIR); users, catalog and unit are made known where it is unpacked"; fi

# Of what is built. Man pages and completions come from the programs themselves.
install-files:
	install -d -m 0700 $(DESTDIR)$(SYSCONFDIR)/failoverd/credentials
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/failoverd $(DESTDIR)$(UNITDIR) $(DESTDIR)$(SYSUSERSDIR) \
		$(DESTDIR)$(CATALOGDIR) $(DESTDIR)$(PRESETDIR) $(DESTDIR)$(SYSCONFDIR)/failoverd $(DESTDIR)$(PREFIX)/share/doc/failoverd
	install -m 0755 $(STRIP) .build/release/failoverd $(DESTDIR)$(PREFIX)/sbin/failoverd
	ln -sf ../sbin/failoverd $(DESTDIR)$(PREFIX)/bin/failoverctl
	install -m 0755 $(STRIP) .build/release/regionsim $(DESTDIR)$(PREFIX)/bin/regionsim
	install -m 0755 systemd/missing-key $(DESTDIR)$(PREFIX)/lib/failoverd/missing-key
	sed $(PLACES) systemd/failoverd.service > $(DESTDIR)$(UNITDIR)/failoverd.service
	scripts/instance-unit < $(DESTDIR)$(UNITDIR)/failoverd.service > $(DESTDIR)$(UNITDIR)/failoverd@.service
	sed $(PLACES) systemd/failoverd.catalog > $(DESTDIR)$(CATALOGDIR)/failoverd.catalog
	chmod 0644 $(DESTDIR)$(UNITDIR)/failoverd*.service $(DESTDIR)$(CATALOGDIR)/failoverd.catalog
	install -m 0644 systemd/failoverd.sysusers $(DESTDIR)$(SYSUSERSDIR)/failoverd.conf
	install -m 0644 systemd/failoverd.preset $(DESTDIR)$(PRESETDIR)/50-failoverd.preset
	install -m 0644 config.yaml README.md SECURITY.md CHANGELOG.md docs/*.md docs/failoverd.schema.json $(DESTDIR)$(PREFIX)/share/doc/failoverd/
	install -d $(DESTDIR)$(PREFIX)/share/doc/failoverd/examples
	install -m 0644 examples/*.yaml $(DESTDIR)$(PREFIX)/share/doc/failoverd/examples/
	install -m 0755 examples/notify-mail $(DESTDIR)$(PREFIX)/share/doc/failoverd/examples/
	install -d $(DESTDIR)$(PREFIX)/share/doc/failoverd/examples/scenarios
	install -m 0644 examples/scenarios/*.yaml $(DESTDIR)$(PREFIX)/share/doc/failoverd/examples/scenarios/
	install -d $(DESTDIR)$(PREFIX)/share/doc/failoverd/examples/systemd
	for unit in examples/systemd/*; do sed $(PLACES) $$unit > $(DESTDIR)$(PREFIX)/share/doc/failoverd/$$unit; done
	chmod 0644 $(DESTDIR)$(PREFIX)/share/doc/failoverd/examples/systemd/*
	install -d $(DESTDIR)$(PREFIX)/share/doc/failoverd/examples/haproxy
	install -m 0644 examples/haproxy/haproxy.cfg $(DESTDIR)$(PREFIX)/share/doc/failoverd/examples/haproxy/
	install -d $(DESTDIR)$(PREFIX)/share/failoverd/templates
	install -m 0644 examples/templates/*.mustache $(DESTDIR)$(PREFIX)/share/failoverd/templates/
	install -d $(DESTDIR)$(PREFIX)/share/failoverd/prometheus
	install -m 0644 contrib/prometheus/failoverd.* $(DESTDIR)$(PREFIX)/share/failoverd/prometheus/
	install -m 0755 examples/templates/check-nginx $(DESTDIR)$(PREFIX)/share/failoverd/templates/
	rm -rf .build/reference
	scripts/reference-pages .build/release .build/reference
	for section in 1 5 7 8; do install -d $(DESTDIR)$(PREFIX)/share/man/man$$section && \
		install -m 0644 .build/reference/man$$section/* $(DESTDIR)$(PREFIX)/share/man/man$$section/; done
	install -d $(DESTDIR)$(PREFIX)/$(BASHDIR) $(DESTDIR)$(PREFIX)/$(ZSHDIR) $(DESTDIR)$(PREFIX)/$(FISHDIR)
	install -m 0644 .build/reference/bash/* $(DESTDIR)$(PREFIX)/$(BASHDIR)/
	install -m 0644 .build/reference/zsh/* $(DESTDIR)$(PREFIX)/$(ZSHDIR)/
	install -m 0644 .build/reference/fish/* $(DESTDIR)$(PREFIX)/$(FISHDIR)/

deb: release deb-packages ## build the Debian packages into .build/deb, and have lintian look at them
	@scripts/make-deb .build/deb

# Installs the packages on a systemd of its own and tries them, from the first start to the purge; as root.
test-systemd: deb lab-packages ## try the packages on a real systemd in a container
	shellcheck -e SC2015,SC2016 scripts/test-systemd scripts/systemd-lab scripts/make-deb scripts/instance-unit systemd/missing-key debian/failoverd.p*
	scripts/systemd-tests/reference .build/reference
	scripts/test-systemd -s $(SUITE)

uninstall: ## remove what install made; the configuration and the state directory stay
	rm -f $(DESTDIR)$(PREFIX)/sbin/failoverd $(DESTDIR)$(PREFIX)/bin/failoverctl $(DESTDIR)$(PREFIX)/bin/regionsim \
		$(DESTDIR)$(UNITDIR)/failoverd.service $(DESTDIR)$(UNITDIR)/failoverd@.service $(DESTDIR)$(SYSUSERSDIR)/failoverd.conf \
		$(DESTDIR)$(CATALOGDIR)/failoverd.catalog $(DESTDIR)$(PRESETDIR)/50-failoverd.preset
	cd $(DESTDIR)$(PREFIX)/share/man && rm -f man1/failoverctl.1 man1/regionsim.1 man5/failoverd.yaml.5 man7/failoverd-events.7 \
		man8/failoverd.8
	for name in failoverd failoverctl regionsim; do rm -f $(DESTDIR)$(PREFIX)/$(BASHDIR)/$$name \
		$(DESTDIR)$(PREFIX)/$(ZSHDIR)/_$$name $(DESTDIR)$(PREFIX)/$(FISHDIR)/$$name.fish; done
	rm -rf $(DESTDIR)$(PREFIX)/share/doc/failoverd $(DESTDIR)$(PREFIX)/lib/failoverd $(DESTDIR)$(PREFIX)/share/failoverd
	@echo "kept: $(DESTDIR)$(SYSCONFDIR)/failoverd and /var/lib/failoverd"
