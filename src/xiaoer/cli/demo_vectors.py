"""Writes the vectors of the demo store's texts; run as a module by `make vectors`."""

import asyncio
import sys
from pathlib import Path

import numpy as np

from xiaoer.demo import vectors
from xiaoer.knowledge import prepared
from xiaoer.knowledge.embedding import BATCH, BundledEmbedder


async def write(path: Path) -> int:
    """Write the file; returns how many texts have their vectors in it."""
    embedder = BundledEmbedder()
    texts = await asyncio.to_thread(vectors.texts)
    made = [await embedder.passages(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)]
    prepared.save(path, embedder.digest(), texts, np.concatenate(made))
    await embedder.close()
    return len(texts)


if __name__ == "__main__":
    place = Path(str(vectors.FILE))
    count = asyncio.run(write(place))
    sys.stdout.write(f"{place.name}: {count} texts, {place.stat().st_size / 1e6:.1f} MB\n")
