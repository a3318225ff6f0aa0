import json
from pathlib import Path

import pytest

from xiaoer.bench.intents import measure
from xiaoer.errors import Invalid
from xiaoer.knowledge.embedding import BundledEmbedder

LEARNT = {
    "delivery": [
        "when does my parcel come",
        "has my package been sent",
        "how long until delivery",
        "track the shipment",
    ],
    "refund": ["give me my money back", "i want a refund", "return the money", "when is my refund paid"],
}
ASKED = [("when will the parcel come", "delivery"), ("i would like a refund", "refund"), ("sing me a song", None)]


async def test_accuracy_and_rejections_are_counted_with_their_intervals(
    tmp_path: Path, embedder: BundledEmbedder
) -> None:
    learnt = [
        {"text": text, "intent": intent}
        for intent, texts in LEARNT.items()
        for said in texts
        for text in (said, f"please, {said}", f"{said} now")
    ]
    learnt.append({"text": "not to be learnt", "intent": "oos", "oos": True})
    asked = [{"text": text, "intent": intent or "oos", "oos": intent is None} for text, intent in ASKED]
    for name, rows in (("small_train", learnt), ("small_test", asked)):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    figures = (await measure(tmp_path, embedder))["small"]
    assert (figures["intents"], figures["examples"]) == (2, 24)
    assert figures["without threshold"].startswith("100.0 [")
    assert figures["out of scope"] == 1
    assert figures["recall"].startswith("100.0 [")


async def test_a_folder_without_pairs_is_named(tmp_path: Path, embedder: BundledEmbedder) -> None:
    with pytest.raises(Invalid, match="train"):
        await measure(tmp_path, embedder)
