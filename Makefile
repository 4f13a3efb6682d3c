# Everything that there is to do; each command does its own set-up.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
DATA ?= $(CURDIR)/.data
RUN := .venv/bin
PORT ?= 7860

.PHONY: chat llm fuzz test check bench eval eval-check figures benchmarks screenshots clean browser furniture faults

chat: .venv/ready ## ingest the samples and serve the chat page
	@$(RUN)/communique ingest ingest/samples --data $(DATA)
	@$(RUN)/communique serve --data $(DATA) --port $(PORT)

test: .venv/ready browser ## run all tests
	@$(RUN)/python -m pytest

faults: .venv/ready ## an ingest killed at 50 random moments, and 5,000 records read twice; takes minutes
	@$(RUN)/python -m pytest -m slow tests/ingest/test_faults.py tests/ingest/test_sync.py

check: .venv/ready ## formatting, lint, types, imports
	@$(RUN)/ruff format --check .
	@$(RUN)/ruff check .
	@$(RUN)/mypy
	@$(RUN)/lint-imports

bench: .venv/ready ## releases read a second, seconds a question, over the samples
	@$(RUN)/communique ingest ingest/samples --data $(DATA)
	@$(RUN)/python -m eval.bench --data $(DATA)

furniture: .venv/ready ## what is left of sites' furniture in releases, and what of them is lost
	@$(RUN)/python -m eval.furniture

eval: .venv/ready ## the project's own cases
	@$(RUN)/communique ingest ingest/samples --data $(DATA)
	@$(RUN)/communique eval --data $(DATA)

eval-check: .venv/ready ## the same, failing where a figure falls under eval/thresholds.json
	@$(RUN)/communique ingest ingest/samples --data $(DATA)
	@$(RUN)/communique eval --data $(DATA) --thresholds eval/thresholds.json

figures: .venv/ready ## measure anew and write the README's table of figures
	@$(RUN)/communique ingest ingest/samples --data $(DATA)
	@$(RUN)/communique eval --data $(DATA) --out $(DATA)/eval-runs/figures
	@$(RUN)/python -m eval.figures $(DATA)/eval-runs/figures

benchmarks: .venv/ready ## public question sets, beside BM25 and llama-index; the first time embeds for an hour
	@nice -n 5 $(RUN)/python -m eval.benchmarks --work $(DATA)/benchmarks

# Of a real model on this machine: another Python environment and some 1.1 GB in LLM_FOLDER.
LLM_FOLDER ?= $(DATA)/local-llm
LLM_TOOL ?= ../shared/tools/local_llm.py
LLM_PORT ?= 8099
llm: .venv/ready ## answers that a small language model writes, with and without the verifier; takes an hour
	@$(RUN)/communique ingest ingest/samples --data $(DATA)
	@test -x $(LLM_FOLDER)/venv/bin/python || $(PYTHON) -m venv $(LLM_FOLDER)/venv
	@$(LLM_FOLDER)/venv/bin/python -m pip install --quiet xllamacpp==2026.10.11549
	@$(LLM_FOLDER)/venv/bin/python $(LLM_TOOL) fetch $(LLM_FOLDER)
	@$(LLM_FOLDER)/venv/bin/python $(LLM_TOOL) serve $(LLM_FOLDER) --port $(LLM_PORT) 2>/dev/null & server=$$!; \
		trap "kill $$server" EXIT; \
		COMMUNIQUE_LLM_URL=http://127.0.0.1:$(LLM_PORT)/v1 COMMUNIQUE_LLM_SECONDS=180 $(RUN)/python -m eval.written \
			--llm server:qwen2.5-coder-1.5b --data $(DATA) --out $(DATA)/written.json

screenshots: .venv/ready browser ## the pictures of the README
	@$(RUN)/communique ingest ingest/samples --data $(DATA)
	@$(RUN)/python -m assistant.page.screenshot docs/chat.png --data $(DATA)

# The marker is as new as what it was made from, so that a second run installs nothing.
.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "$(PYTHON) is not there: install Python 3.11, or name another with make PYTHON=…" >&2; exit 1; }
	@test -x $(RUN)/python || $(PYTHON) -m venv .venv || \
		{ echo "no virtual environment could be made: apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing (about a gigabyte, once) …"
	@$(RUN)/python -m pip install --quiet --upgrade pip
	@$(RUN)/python -m pip install --quiet --constraint constraints.txt torch
	@# Warnings of the tools that build packages are for those who build them.
	@PYTHONWARNINGS=ignore $(RUN)/python -m pip install --quiet --constraint constraints.txt --editable '.[development]'
	@touch .venv/ready

# Debian's Chromium opens the page in the tests.
browser:
	@command -v chromium >/dev/null || { \
		if [ "$$(id -u)" = 0 ]; then echo "Installing chromium for the browser tests …"; apt-get update -qq && apt-get install -y -qq chromium >/dev/null; \
		else echo "The browser tests need Debian's chromium, which root installs: sudo apt-get install chromium" >&2; exit 1; fi; }

fuzz: .venv/ready ## break files of every format by the thousand; an hour, or less with FUZZ_EXAMPLES=200
	@$(RUN)/python -m pytest tests/ingest/test_fuzz.py tests/ingest/sources/test_fuzz_lists.py -m slow

clean: ## forget the environment and the data
	rm -rf .venv .data
