"""Vectors of sentences as bytes: a quarter of their size, with cosines off by less than 0.002."""

import numpy as np

from xiaoer.knowledge.embedding import Vectors

SCALE = 127.0


def pack(vectors: Vectors) -> bytes:
    """Vectors, one a row, as int8 with the largest number of each row at 127; lengths are not kept."""
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    packed: bytes = np.round(vectors * (SCALE / np.maximum(largest, 1e-12))).astype(np.int8).tobytes()
    return packed


def cosines(data: bytes, vector: Vectors) -> Vectors:
    """The cosine of each packed vector with a unit vector; 0 for a packed zero."""
    rows = np.frombuffer(data, dtype=np.int8).reshape(-1, len(vector)).astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    result: Vectors = (rows @ vector / np.maximum(lengths, 1e-6)).astype(np.float32)
    return result
