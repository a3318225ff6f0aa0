"""The process that holds the embedded llama.cpp: `python -m xiaoer.llm.embedded_child`.

It reads one JSON object from its standard input, serves the OpenAI API on a free local port, writes
`{"address": …}` once the model is loaded, and ends when its standard input closes: also when its parent was killed.
llama.cpp's own words go to standard error.
"""

import json
import os
import sys
import threading
from dataclasses import asdict, dataclass

import xllamacpp

QUIET = 1
"""llama.cpp's verbosity for errors only."""
REUSED_TOKENS = 0
"""Only the beginning of a prompt is reused: text that moved would keep the meaning of its old neighbours."""


@dataclass(frozen=True)
class Options:
    """What the child is told; JSON on one line of its standard input."""

    path: str
    alias: str
    api_key: str
    context_tokens: int
    """Shared by the slots; one of them may use all of it."""
    slots: int
    threads: int
    cache_megabytes: int
    """Memory for prompts that left their slot; they come back faster than they are computed."""
    reranks: bool = False
    """Whether the model is a reranker: it scores texts and writes none."""

    def line(self) -> bytes:
        """Return the line that tells all this."""
        return json.dumps(asdict(self)).encode() + b"\n"


def parameters(options: Options) -> xllamacpp.CommonParams:
    """Return llama.cpp's parameters for these options."""
    made = xllamacpp.CommonParams()
    made.model.path = options.path
    made.model_alias = {options.alias}
    made.api_keys = [options.api_key]
    made.hostnames = ["127.0.0.1"]
    made.port = 0
    made.ui = False
    made.endpoint_slots = False
    made.n_ctx = options.context_tokens
    made.n_parallel = options.slots
    made.kv_unified = True
    made.cache_prompt = True
    made.n_cache_reuse = REUSED_TOKENS
    made.cache_ram_mib = options.cache_megabytes
    # Otherwise every new task clears the idle slots, and with them the beginnings that wait there.
    made.cache_idle_slots = False
    made.cpuparams.n_threads = options.threads
    made.cpuparams_batch.n_threads = options.threads
    made.verbosity = QUIET
    if options.reranks:
        made.embedding = True
        made.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_RANK
        # A text is scored in one piece.
        made.n_batch = made.n_ubatch = options.context_tokens
    return made


def main() -> None:
    options = Options(**json.loads(sys.stdin.buffer.readline()))
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    server = xllamacpp.Server(parameters(options))
    answers.write(json.dumps({"address": server.listening_address}) + "\n")
    answers.flush()
    threading.Event().wait()


def _end_with_the_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
