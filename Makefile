# Two commands do everything: `make serve` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

export GRADIO_ANALYTICS_ENABLED := False
export HF_HUB_DISABLE_TELEMETRY := 1

.PHONY: help serve test ask lint setup weights index corpus vectors bench-ingest lock clean

help:
	@echo "make serve         install, fetch models, index the starter corpus, open the chat page"
	@echo "make test          the same set-up for tests, then pytest"
	@echo "make ask Q=\"…\"     one question on the command line"
	@echo "make lint          ruff, format check, type check"
	@echo "make corpus        rebuild the PDF documents from their sources"
	@echo "make vectors       compute the corpus's vectors anew (after a change of documents)"
	@echo "make bench-ingest  readers measured on the files in SAMPLES=…, 40 kill -9 of one ingestion, full disks"
	@echo "make lock          renew the pinned versions"

serve: index
	@echo "==> 4/4 The chat page"
	@$(BIN)/assistant serve

ask: index
	@$(BIN)/assistant ask "$(Q)"

index: weights
	@echo "==> 3/4 Indexing the documents in corpus/ (unchanged ones are skipped)"
	@$(BIN)/assistant ingest

weights: setup
	@echo "==> 2/4 Model files (2.3 GB, fetched once, kept in $${ASSISTANT_CACHE:-~/.cache/alliance-assistant})"
	@$(BIN)/assistant weights pull

setup: $(VENV)/installed
$(VENV)/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 …")'
	@echo "==> 1/4 Installing into $(VENV) (llama.cpp is compiled: 5 to 10 minutes the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --progress-bar on -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.lock
	@echo "==> Installing what the tests need"
	@$(BIN)/python -m pip install --quiet -r requirements-dev.lock
	@touch $@

test: $(VENV)/installed-dev
	@echo "==> Model files for the tests"
	@$(BIN)/assistant weights pull qwen2.5-coder-1.5b-instruct embeddinggemma-300m
	@echo "==> pytest"
	@$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

corpus: $(VENV)/installed-dev
	@$(BIN)/python corpus/_sources/build.py

vectors: setup
	@$(BIN)/assistant ingest --rebuild --save-vectors --index indexes/vectors
	@rm -rf indexes/vectors

SAMPLES ?= ../shared/samples
bench-ingest: $(VENV)/installed-dev
	@$(BIN)/python -m assistant.evaluation.reading $(SAMPLES)
	@$(BIN)/python -m assistant.evaluation.crash --kills 40
	@$(BIN)/python -m assistant.evaluation.full_disk || test $$? = 3  # 3: no right to mount a small disk

lock:
	@test -x $(BIN)/pip-compile || $(BIN)/python -m pip install pip-tools
	@$(BIN)/pip-compile --quiet --upgrade --strip-extras --allow-unsafe --no-header --no-emit-index-url --no-emit-find-links \
	    --no-emit-trusted-host --output-file requirements.lock requirements.in
	@$(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --no-header --no-emit-index-url --no-emit-find-links \
	    --no-emit-trusted-host --output-file requirements-dev.lock --constraint requirements.lock requirements-dev.in

clean:
	rm -rf $(VENV) indexes/default
