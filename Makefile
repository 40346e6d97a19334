# Wardledger's commands. `make` alone lists them.
#
# Everything runs in .venv, made from a lock file whose every package is checked
# against its hash. A newcomer needs Python >= 3.11 and make, nothing else.

VENV := .venv
PY   := $(VENV)/bin/python

# Newest first. The list ends at the newest Python for which every locked package
# has a built wheel; `make demo PYTHON=/path/to/python3` overrides it.
PYTHON ?= python3.14 python3.13 python3.12 python3.11 python3

PORT   ?= 8480
ONCE   ?=
QUICK  ?=
SEED   ?= 1
STEPS  ?= 1000
WORLDS ?= 1
MINUTES ?= 10

ROOMS := sync schemas server mobile_stub
MEMORY_KIB_MIN := 4000000
QUICK_TESTS := not slow and not nightly and not browser and not postgres and not installed

# The stamps carry the checksum of the lock they were made from, so a changed lock
# renews the environment whatever the files' dates say.
RUN_STAMP := $(VENV)/.locked-run-$(shell cksum < requirements.lock | cut -d ' ' -f 1)
DEV_STAMP := $(VENV)/.locked-dev-$(shell cksum < requirements-dev.lock | cut -d ' ' -f 1)

# The development lock holds all that the other one holds, so the demo needs no
# second installation where the tests have already run.
ENVIRONMENT := $(if $(wildcard $(DEV_STAMP)),$(DEV_STAMP),$(RUN_STAMP))

# Children start several times faster with compiled modules at hand.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test check nightly bench bundle simulate lock clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(ENVIRONMENT) ## Play a day of a demo city, then serve it (PORT=8480, ONCE=1 ends with the audit)
	$(VENV)/bin/wardledger demo --port $(PORT) $(if $(ONCE),--once)

test: $(DEV_STAMP) ## Run every test but the nightly ones, on SQLite and on PostgreSQL, with a real browser
	@sh tests/fetch_debian.sh
	@$(PY) -m tests.interop.node
	@$(call pytest,-n 2 --dist loadgroup -m "not nightly")

check: $(DEV_STAMP) ## Lint, type-check and run the quick tests: under a minute
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy $(ROOMS)
	$(VENV)/bin/lint-imports
	@$(call pytest,-q -n 2 --dist loadfile -m "$(QUICK_TESTS)" --hypothesis-profile=quick)

nightly: $(DEV_STAMP) ## Run what takes hours, going on where it stopped: kills, sweeps, fuzzing, mutation, advisories (MINUTES=10)
	@sh tests/fetch_debian.sh
	@$(long_tests)
	$(PY) -m tests.fuzz --minutes $(MINUTES)
	$(PY) -m tests.mutation
	$(PY) -m tests.simulation --seed 1 --steps 300 --worlds 1000 --json var/simulation.json
	$(PY) -m tests.advisories

bench: $(DEV_STAMP) ## Print the tables of docs/performance.md (QUICK=1: under a minute)
	$(PY) -m tests.benchmarks $(if $(QUICK),--quick)
	$(PY) -m tests.benchmarks.scan $(if $(QUICK),--quick)

bundle: $(ENVIRONMENT) ## Make dist/wardledger-<version>-<platform>.tar.gz, which installs without a network
	$(PY) -m deploy.bundle

simulate: $(DEV_STAMP) ## Run seeded worlds with faults (SEED=1 STEPS=1000 WORLDS=1)
	$(PY) -m tests.simulation --seed $(SEED) --steps $(STEPS) --worlds $(WORLDS)

lock: $(DEV_STAMP) ## Renew both lock files from setup.cfg (UPGRADE=1 takes newer releases)
	$(VENV)/bin/uv pip compile setup.cfg --extra demo \
	  --python-version 3.11 --universal --generate-hashes --quiet $(if $(UPGRADE),--upgrade) -o requirements.lock
	$(VENV)/bin/uv pip compile setup.cfg --extra demo --extra test --constraint requirements.lock \
	  --python-version 3.11 --universal --generate-hashes --quiet $(if $(UPGRADE),--upgrade) -o requirements-dev.lock

clean: ## Remove the environment and every cache; data under var/ stays
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage
	find $(ROOMS) tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUN_STAMP): LOCK := requirements.lock
$(DEV_STAMP): LOCK := requirements-dev.lock
$(RUN_STAMP) $(DEV_STAMP):
	@$(make_venv)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r $(LOCK)
	@$(link_project)
	@rm -f $(VENV)/.locked-*
	@touch $@

# The tests' databases lie in memory where there is room for them: every commit syncs, which a disk takes milliseconds
# for, some hundred thousand times. No test pulls the plug; those that kill a process find its files as it left them.
define pytest
free=$$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $$4 }'); base="$${TMPDIR:-/tmp}"; \
if [ -w /dev/shm ] && [ "$${free:-0}" -gt $(MEMORY_KIB_MIN) ]; then base=/dev/shm; fi; \
folder=$$(mktemp -d "$$base/wardledger-tests.XXXXXX") && chmod 755 "$$folder" || exit 1; \
trap 'rm -rf "$$folder"' EXIT INT TERM; \
TMPDIR="$$folder" $(PY) -m pytest $(1)
endef

# Each file's long tests run once for a commit: a stamp under var/nightly tells what is done, so that a night that
# was cut short is gone on with. A file that fails does not keep the others from their turn.
define long_tests
done="var/nightly/$$(git rev-parse HEAD 2>/dev/null || echo nowhere)"; mkdir -p "$$done"; failed=""; \
for file in $$(grep -rl 'pytest.mark.nightly' tests --include='test_*.py' | sort); do \
  stamp="$$done/$$(echo "$$file" | tr / -)"; \
  [ -f "$$stamp" ] && continue; \
  echo "$(PY) -m pytest -m nightly --timeout 0 $$file"; \
  if $(PY) -m pytest -m nightly -rs --timeout 0 "$$file"; then touch "$$stamp"; else failed="$$failed $$file"; fi; \
done; \
[ -z "$$failed" ] || { echo "failed:$$failed" >&2; exit 1; }
endef

# An environment whose interpreter still answers and has pip is kept; any other is
# made anew with the first candidate that is new enough and can build environments.
# Candidates are run, not only looked up: a version manager's shim may exist for a
# Python that is not there.
define make_venv
$(PY) -m pip --version >/dev/null 2>&1 && exit 0; \
for candidate in $(PYTHON); do \
  "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
  if ! "$$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
    lacking="$$lacking $$candidate"; continue; \
  fi; \
  echo "making $(VENV) with $$("$$candidate" --version)"; \
  "$$candidate" -m venv --clear $(VENV) && exit 0; \
  exit 1; \
done; \
if [ -n "$$lacking" ]; then \
  echo "Wardledger needs the venv module of$$lacking; on Debian: apt-get install python3-venv" >&2; \
else \
  echo "Wardledger needs Python 3.11 or newer (tried: $(PYTHON)); name one with PYTHON=/path/to/python3" >&2; \
fi; \
exit 1
endef

# The project's own code is used from this folder. A path file does that without a
# build backend, which no lock would have pinned.
define link_project
printf '%s\n' '$(CURDIR)' > "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/wardledger.pth"; \
printf '%s\n' '#!/bin/sh' 'exec "$$(dirname "$$0")/python" -P -m server "$$@"' > $(VENV)/bin/wardledger; \
chmod +x $(VENV)/bin/wardledger
endef
