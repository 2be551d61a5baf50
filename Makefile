# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
TORCH = torch==2.13.0
BIN = .venv/bin

.PHONY: demo test check lock clean

demo: .venv/demo.stamp
	$(BIN)/framing run experiments/demo

test: .venv/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

# torch stands outside the lock: its CPU and CUDA builds are different files of one version.
.venv/demo.stamp: pyproject.toml requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "$(TORCH)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

.venv/test.stamp: .venv/demo.stamp requirements-test.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-test.lock
	touch $@

# Needs pip-tools; writes no registry address.
lock:
	$(BIN)/pip-compile --quiet --generate-hashes --strip-extras --no-header --no-annotate --no-emit-index-url \
	  --no-emit-find-links --no-emit-trusted-host --allow-unsafe --unsafe-package torch --extra neural --extra figures \
	  --output-file requirements.lock pyproject.toml
	$(BIN)/pip-compile --quiet --generate-hashes --strip-extras --no-header --no-annotate --no-emit-index-url \
	  --no-emit-find-links --no-emit-trusted-host --allow-unsafe --unsafe-package torch --extra neural --extra figures \
	  --extra test --constraint requirements.lock --output-file requirements-test.lock pyproject.toml

clean:
	rm -rf .venv experiments/*/results .framing-cache
