import pytest

from xiaoer.cli.talking import close_answer


def test_what_was_told_in_a_stream_is_not_told_again(capsys: pytest.CaptureFixture[str]) -> None:
    close_answer({"kind": "handoff", "reason": "asked", "text": "请稍候。\n工单编号 T-1。"}, "请稍候。")
    assert capsys.readouterr().out == "\n工单编号 T-1。\n"


def test_a_person_who_answers_instead_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    close_answer({"kind": "handoff", "reason": "with_staff"}, "")
    assert capsys.readouterr().out == "with_staff\n"


def test_sources_follow_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    source = {"n": 1, "title": "退货", "quote": "7 天内可退。"}
    close_answer({"kind": "done", "text": "可以。", "sources": [source]}, "可以。")
    told = capsys.readouterr()
    assert (told.out, told.err) == ("\n", "  [1] 退货: 7 天内可退。\n")
