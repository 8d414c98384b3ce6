# Everything below sets itself up: a virtual environment in .venv, the package, the third-party weights.
PYTHON ?= python3
BIN := .venv/bin
export OMP_NUM_THREADS ?= $(shell nproc 2>/dev/null || echo 2)

.PHONY: demo test check wheel benchmark clean

demo: .venv/.weights            ## dub the sample project into Spanish and say where to look
	$(BIN)/codub demo

test: .venv/.weights            ## the whole test suite
	$(BIN)/python -m pytest $(shell $(BIN)/python -c 'import PySide6.QtWidgets' 2>/dev/null || echo -p no:pytest-qt)

check: .venv/.installed         ## style, types, import arrows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

wheel: .venv/.installed         ## build the wheel
	$(BIN)/python -m build --wheel --outdir dist

benchmark: .venv/.weights       ## CPU seconds by stage, peak memory; the full-size voice, plain and fast
	$(BIN)/python -m tests.benchmarks.shot
	$(BIN)/python -m tests.benchmarks.face
	$(BIN)/python -m tests.benchmarks.voice
	$(BIN)/python -m tests.benchmarks.generator
	$(BIN)/python -m tests.benchmarks.redo
	$(BIN)/python -m tests.benchmarks.panel
	$(BIN)/python -m tests.benchmarks.hierspeechpp

.venv/.installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	touch $@

.venv/.weights: .venv/.installed
	$(BIN)/codub weights fetch
	touch $@

clean:
	rm -rf .venv dist build
