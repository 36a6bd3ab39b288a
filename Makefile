# Two commands do everything: `make serve` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

export GRADIO_ANALYTICS_ENABLED := False
export HF_HUB_DISABLE_TELEMETRY := 1

.PHONY: help serve test ask lint audit setup gpu weights index corpus vectors reader adapter bench-ingest bench-load \
	reference wheel lock clean

help:
	@echo "make serve         install, fetch models, index the starter corpus, open the chat page"
	@echo "make test          the same set-up for tests, then pytest"
	@echo "make ask Q=\"…\"     one question on the command line"
	@echo "make lint          ruff, format check, type check, bandit"
	@echo "make audit         known weaknesses of the pinned packages (asks PyPI)"
	@echo "make gpu           build llama.cpp anew for the GPU of this machine (needs CUDA's or ROCm's compiler)"
	@echo "make wheel         source distribution and wheel, in dist/"
	@echo "make reference     docs/reference.md written anew from the commands and settings"
	@echo "make corpus        rebuild the PDF documents from their sources"
	@echo "make vectors       compute the corpus's vectors anew (after a change of documents)"
	@echo "make reader        teach the reader more, from the shipped weights (an hour on two cores; can be stopped and goes on),"
	@echo "                   or FROM=base (five hours); PAIRS=… public pairs"
	@echo "make adapter       teach the language model to answer from quotes (hours on two cores; goes on where it was stopped)"
	@echo "make bench-ingest  kinds of faults by format, 0.1.0 and now, the reported cases in CASES=…, the files in SAMPLES=… by kind,"
	@echo "                   speed, 40 kill -9, full disks"
	@echo "make bench-load    50 readers at once on this machine: times, errors, lost or mixed answers, memory, kill -9"
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
	@$(BIN)/bandit --quiet --recursive --configfile pyproject.toml assistant

audit: $(VENV)/installed-dev
	@$(BIN)/pip-audit --strict --disable-pip --no-deps --requirement requirements.lock

gpu: setup
	@command=$$($(BIN)/python -m assistant.weights.devices) && echo "==> $$command" && sh -c "$$command"
	@$(BIN)/assistant doctor || true

wheel: $(VENV)/installed-dev
	@$(BIN)/python -m build

reference: setup
	@$(BIN)/python -m assistant.reference > docs/reference.new && mv docs/reference.new docs/reference.md

corpus: $(VENV)/installed-dev
	@$(BIN)/python corpus/_sources/build.py

vectors: setup
	@$(BIN)/assistant ingest --rebuild --save-vectors --index indexes/vectors
	@rm -rf indexes/vectors

# The reader: goes on from the shipped weights, or FROM=base; sentences falsified by code, training (resumes from its
# checkpoint), 8-bit files, calibration.
PAIRS  ?= ../shared/train
FROM   ?= shipped
READER := $${ASSISTANT_CACHE:-$$HOME/.cache/alliance-assistant}/reader
LEARN  := $(BIN)/python -m assistant.reading.training
ifeq ($(FROM),base)
LEARNING := --epochs 2.5 --public 4000
else
LEARNING := --epochs 0.8 --public 400 --rate 6e-5 --frozen 4 --start $(READER)/start.pt
endif
reader: $(VENV)/installed-dev index
	@$(BIN)/assistant weights pull multilingual-e5-small
	@mkdir -p $(READER)
	@test -f $(READER)/base/config.json || $(LEARN).base $(READER)/base
	@test "$(FROM)" = base -o -f $(READER)/start.pt || $(LEARN).shipped $(READER)/start.pt
	@test -f $(READER)/lies.jsonl || $(BIN)/python -m assistant.evaluation.mutation --half tune --most 700 --pairs $(READER)/lies.jsonl
	@$(LEARN).train --base $(READER)/base --lies $(READER)/lies.jsonl --out $(READER)/run $(LEARNING) \
	    $$(test -d "$(PAIRS)" && echo --shared "$(PAIRS)")
	@$(LEARN).export --base $(READER)/base --weights $(READER)/run/reader.pt --out assistant/reading/weights
	@rm -f $(READER)/start.pt $(READER)/lies.jsonl
	@$(LEARN).evaluate --weights assistant/reading/weights --calibrate \
	    $$(test -d "$(PAIRS)" && echo --shared "$(PAIRS)")

# The language model's adapter: what the product offers for our questions, training (both resume), a GGUF file, figures.
ADAPTER := $${ASSISTANT_CACHE:-$$HOME/.cache/alliance-assistant}/adapter
TEACH   := $(BIN)/python -m assistant.answering.training
adapter: $(VENV)/installed-dev index
	@$(TEACH).offers --out $(ADAPTER)
	@$(TEACH).teach --out $(ADAPTER)
	@$(TEACH).export --adapter $(ADAPTER)/adapter.pt
	@$(TEACH).evaluate --offers $(ADAPTER)/offers.jsonl

SAMPLES ?= ../shared/samples
CASES   ?= $(SAMPLES)/../cases
bench-ingest: $(VENV)/installed-dev
	@$(BIN)/assistant weights pull embeddinggemma-300m
	@$(BIN)/python -m tests.ingest.kinds $(CASES)
	@$(BIN)/python -m assistant.evaluation.reading $(SAMPLES)
	@$(BIN)/python -m assistant.evaluation.crash --kills 40
	@$(BIN)/python -m assistant.evaluation.full_disk || test $$? = 3  # 3: no right to mount a small disk

bench-load: $(VENV)/installed-dev index
	@$(BIN)/python -m tests.load --index indexes/default

lock:
	@test -x $(BIN)/pip-compile || $(BIN)/python -m pip install pip-tools
	@$(BIN)/pip-compile --quiet --upgrade --strip-extras --allow-unsafe --no-header --no-emit-index-url --no-emit-find-links \
	    --no-emit-trusted-host --output-file requirements.lock requirements.in
	@$(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --no-header --no-emit-index-url --no-emit-find-links \
	    --no-emit-trusted-host --output-file requirements-dev.lock --constraint requirements.lock requirements-dev.in

clean:
	rm -rf $(VENV) indexes/default
