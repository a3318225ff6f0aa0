import json

from xiaoer.bench.langid import measure

ROWS = [
    {"text": "How long does shipping take?", "lang": "en", "kind": "question"},
    {"text": "包邮吗", "lang": "zh", "kind": "question"},
    {"text": "我可以退貨嗎", "lang": "zh-TW", "kind": "question"},
    {"text": "Wann kommt meine Bestellung an?", "lang": "fr", "kind": "question"},
]


def test_accuracy_is_counted_by_kind_and_language(tmp_path):
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS)
    (tmp_path / "rows.jsonl").write_text(lines, encoding="utf-8")
    figures = measure(tmp_path)
    assert figures["question"]["en"] == 1.0
    assert figures["question"]["zh"] == 1.0
    assert figures["question"]["fr"] == 0.0
    assert round(figures["question"]["ours"], 2) == 0.67
