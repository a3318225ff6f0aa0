"""BM25 over search terms, in memory: built at once, changed in small pieces, asked in milliseconds.

Terms are known by a 32-bit hash (of two terms of a million one pair in four thousand collides, which costs nothing
anyone sees). What a passage contributes is packed beside its row when it is saved, so that an index is built from bytes
and not from texts. Postings lie in segments: one large, and small ones for what changed since; an edit makes the old
passages dead and adds a small segment, and segments are joined when many have gathered.
"""

import struct
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xiaoer.language import terms as language_terms

K1 = 1.2
B = 0.75  # k1 and b as Robertson and Zaragoza (2009) give them; neither was tuned

VERSION = 1
"""Of the packed form and of the terms in it. Raise it when `language.terms` changes, with a migration that packs anew:
what another version packed is not read."""

MOST_TERMS = 64
"""Terms of a query that are scored, the rarest first: beyond, time is spent on what tells little."""

SMALL_SEGMENTS = 12
_HEAD = struct.Struct("<BBII")

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Packed:
    """What one passage adds to the index."""

    is_latin: bool
    length: int
    hashes: NDArray[np.uint32]
    counts: NDArray[np.uint8]


def hash_of(term: str) -> int:
    return zlib.crc32(term.encode("utf-8", "ignore"))


def pack(text: str) -> bytes:
    """The terms of a passage, as stored beside it."""
    counts = Counter(hash_of(term) for term in language_terms.terms(text))
    head = _HEAD.pack(VERSION, language_terms.is_latin(text), counts.total(), len(counts))
    hashes = np.fromiter(counts.keys(), dtype="<u4", count=len(counts))
    times = np.minimum(np.fromiter(counts.values(), dtype="<i4", count=len(counts)), 255).astype(np.uint8)
    return b"".join((head, hashes.tobytes(), times.tobytes()))


def unpack(data: bytes) -> Packed | None:
    """What `pack` made; None if another version made it."""
    version, is_latin, length, size = _HEAD.unpack_from(data)
    if version != VERSION:
        return None
    hashes = np.frombuffer(data, dtype="<u4", count=size, offset=_HEAD.size)
    counts = np.frombuffer(data, dtype=np.uint8, count=size, offset=_HEAD.size + 4 * size)
    return Packed(bool(is_latin), length, hashes, counts)


@dataclass(frozen=True)
class Query:
    """A query's distinct terms as hashes. `open`: counts in passages of any script; see `read_query`."""

    hashes: tuple[int, ...]
    open: tuple[bool, ...]
    raw: tuple[str, ...]


def read_query(text: str) -> Query:
    """The terms of a query.

    A query in Latin letters only is matched with passages in other scripts by its codes and numbers alone: the
    everyday words that such passages quote ("the", "de la") say nothing about what they are about. Every other query
    may match anywhere, since its words cannot be found in a text of another script by accident.
    """
    marked = language_terms.marked(text)
    anywhere = not all(term.text.isascii() or language_terms.is_latin(term.text) for term in marked)
    seen: dict[str, bool] = {}
    for term in marked:
        seen[term.text] = seen.get(term.text, False) or term.is_code or anywhere
    return Query(tuple(hash_of(term) for term in seen), tuple(seen.values()), tuple(seen))


@dataclass(frozen=True)
class _Segment:
    """Postings sorted by term: those of `vocabulary[i]` lie at `starts[i]:starts[i + 1]`."""

    vocabulary: NDArray[np.uint32]
    starts: NDArray[np.int64]
    documents: NDArray[np.int32]
    counts: NDArray[np.uint8]

    @classmethod
    def of(cls, hashes: NDArray[np.uint32], documents: NDArray[np.int32], counts: NDArray[np.uint8]) -> "_Segment":
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        firsts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else np.zeros(0, np.int64)
        starts = np.r_[firsts, len(ordered)].astype(np.int64)
        return cls(ordered[firsts], starts, documents[order], counts[order])

    def spans(self, terms: NDArray[np.uint32]) -> list[tuple[int, int]]:
        """Where the postings of each term begin and end."""
        if not len(self.vocabulary):
            return [(0, 0)] * len(terms)
        at = np.minimum(self.vocabulary.searchsorted(terms), len(self.vocabulary) - 1)
        here = self.vocabulary[at] == terms
        return list(zip((self.starts[at] * here).tolist(), (self.starts[at + 1] * here).tolist(), strict=True))

    def hashes(self) -> NDArray[np.uint32]:
        return np.repeat(self.vocabulary, np.diff(self.starts))


class LexicalIndex:
    """The terms of one store's passages. Passages are numbered as they come; numbers are never given twice."""

    def __init__(self) -> None:
        self._segments: list[_Segment] = []
        self._lengths: Floats = np.zeros(0, np.float32)
        self._latin: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._alive: NDArray[np.bool_] = np.zeros(0, np.bool_)

    @property
    def alive(self) -> NDArray[np.bool_]:
        """Which numbers stand for passages that are still there."""
        return self._alive

    @property
    def bytes_used(self) -> int:
        """Memory of all arrays."""
        arrays = [self._lengths, self._latin, self._alive]
        arrays += [array for part in self._segments for array in vars(part).values()]
        return sum(array.nbytes for array in arrays)

    @property
    def terms(self) -> float:
        """All terms ever added, repeated ones too."""
        return float(self._lengths.sum())

    def add(self, passages: Sequence[Packed]) -> range:
        """Add passages; returns their numbers."""
        first = len(self._alive)
        numbers = range(first, first + len(passages))
        if not passages:
            return numbers
        self._lengths = np.r_[self._lengths, np.array([one.length for one in passages], np.float32)]
        self._latin = np.r_[self._latin, np.array([one.is_latin for one in passages], np.bool_)]
        self._alive = np.r_[self._alive, np.ones(len(passages), np.bool_)]
        sizes = [len(one.hashes) for one in passages]
        segment = _Segment.of(
            np.concatenate([one.hashes for one in passages]),
            np.repeat(np.arange(first, first + len(passages), dtype=np.int32), sizes),
            np.concatenate([one.counts for one in passages]),
        )
        self._segments.append(segment)
        if len(self._segments) > SMALL_SEGMENTS:
            self._join()
        return numbers

    def remove(self, numbers: Sequence[int]) -> None:
        """The passages of these numbers are gone."""
        self._alive[list(numbers)] = False

    def score(self, query: Query) -> Floats:
        """For each number, the BM25 score of its passage as a share (0..1) of the highest that the query could have.

        A query's terms that occur nowhere count in that highest score, as the rarest ones do: who asks about what the
        store has no word for finds little.
        """
        scores = np.zeros(len(self._alive), np.float32)
        strict = np.zeros(len(self._alive), np.float32)
        norms = self._norms()
        spans = self._spans(query)
        weights = self._idf(spans)
        best = float(weights.sum()) * (K1 + 1)
        for at in np.argsort(-weights, kind="stable")[:MOST_TERMS].tolist() if best else ():
            into = scores if query.open[at] else strict
            for segment, spans_of_segment in zip(self._segments, spans, strict=False):  # no segment, one empty span
                begin, end = spans_of_segment[at]
                if begin == end:
                    continue
                documents = segment.documents[begin:end]
                times = segment.counts[begin:end].astype(np.float32)
                into[documents] += weights[at] * (K1 + 1) * times / (times + norms[documents])
        scores += np.where(self._latin, strict, 0)
        scores *= self._alive
        return scores / np.float32(best) if best else scores

    def holding(self, term: str) -> list[int]:
        """The numbers of the passages that hold a term."""
        wanted = np.array([hash_of(term)], np.uint32)
        found: list[int] = []
        for segment in self._segments:
            ((begin, end),) = segment.spans(wanted)
            found += segment.documents[begin:end].tolist()
        return [number for number in found if self._alive[number]]

    def weights(self, query: Query) -> Floats:
        """How much each of the query's terms tells (idf)."""
        return self._idf(self._spans(query))

    def _spans(self, query: Query) -> list[list[tuple[int, int]]]:
        hashes = np.array(query.hashes, np.uint32)
        return [segment.spans(hashes) for segment in self._segments] or [[(0, 0)] * len(hashes)]

    def _idf(self, spans: Sequence[Sequence[tuple[int, int]]]) -> Floats:
        size = max(int(self._alive.sum()), 1)
        frequencies = [sum(end - begin for begin, end in of_term) for of_term in zip(*spans, strict=True)]
        counts = np.minimum(np.array(frequencies, np.float32), size)
        return np.log1p((size - counts + 0.5) / (counts + 0.5)).astype(np.float32)

    def _norms(self) -> Floats:
        mean = float(self._lengths[self._alive].mean()) if self._alive.any() else 1.0
        return (K1 * (1 - B + B * self._lengths / max(mean, 1.0))).astype(np.float32)

    def _join(self) -> None:
        """Join the small segments; with the large one too, once they are a quarter of it, leaving out what is dead."""
        large, *small = self._segments
        rest = sum(len(part.documents) for part in small)
        parts = self._segments if 4 * rest > len(large.documents) else small
        hashes = np.concatenate([part.hashes() for part in parts])
        documents = np.concatenate([part.documents for part in parts])
        counts = np.concatenate([part.counts for part in parts])
        kept = self._alive[documents]
        joined = _Segment.of(hashes[kept], documents[kept], counts[kept])
        self._segments = [joined] if parts is self._segments else [large, joined]


def sentence_scores(query: Query, weights: Floats, sentences: Sequence[str], *, mean_length: float) -> list[float]:
    """Of each sentence the BM25 score as a share of the highest that the query could have.

    `weights` are the query's in the store; `mean_length` is that of a sentence, in terms.
    """
    best = float(weights.sum()) * (K1 + 1)
    return [_sentence_score(query, weights, text, mean_length) / best if best else 0.0 for text in sentences]


def _sentence_score(query: Query, weights: Floats, sentence: str, mean_length: float) -> float:
    counts = Counter(language_terms.terms(sentence))
    norm = K1 * (1 - B + B * counts.total() / mean_length)
    latin = not all(query.open) and language_terms.is_latin(sentence)
    return sum(
        float(weight) * counts[term] * (K1 + 1) / (counts[term] + norm)
        for term, is_open, weight in zip(query.raw, query.open, weights, strict=True)
        if (is_open or latin) and counts[term]
    )
