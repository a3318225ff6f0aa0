import pytest

from xiaoer.assistant.gate.backing import backing
from xiaoer.assistant.gate.refusal import MARK, is_refusal
from xiaoer.assistant.gate.stream import Gate

TEXT = "整机保修8年，电池保修1年。支持货到付款。"

REFUSALS = (
    ("zh", "抱歉，资料里没有写这一点，我帮您转人工确认。"),
    ("zh", "这款的袖长资料里没有，暂时无法确认。"),
    ("en", "I'm sorry, the information does not say whether it is waterproof; a colleague can check for you."),
    ("en", "I cannot confirm that."),
    ("vi", "Xin lỗi, thông tin của shop không ghi độ ẩm ạ."),
    ("th", "ขออภัยค่ะ ข้อมูลไม่ได้ระบุเรื่องนี้ไว้"),
    ("ja", "申し訳ございません。その点は記載がありません。"),
    ("ko", "죄송합니다. 확인해 드릴 수 없습니다."),
    ("ru", "К сожалению, это не указано."),
    ("es", "Lo siento, no puedo confirmar eso."),
    ("fr", "Désolé, je ne peux pas confirmer cela."),
    ("de", "Es tut uns leid, das ist nicht angegeben."),
    ("pt", "Desculpe, não posso confirmar isso."),
    ("id", "Maaf, hal itu tidak disebutkan."),
    ("ms", "Maaf, perkara itu tidak dinyatakan."),
    ("ar", "عذرا، لا يمكنني تأكيد ذلك."),
)


@pytest.mark.parametrize(("language", "answer"), REFUSALS)
def test_an_answer_that_only_says_what_is_not_known_is_a_refusal(language: str, answer: str) -> None:
    assert is_refusal(answer)
    gate = Gate(backing([TEXT], locale="zh"), language)
    assert gate.admit(answer) == "" or gate.refused
    assert gate.refused


@pytest.mark.parametrize("written", [MARK, "[None]", "【none】", "[none].", "(none)", "none", " `[none]` "])
def test_the_mark_is_known_however_it_is_written(written: str) -> None:
    assert is_refusal(written)
    gate = Gate(backing([TEXT], locale="zh"), "zh")
    assert gate.admit(written) == ""
    assert gate.refused


@pytest.mark.parametrize(
    "answer",
    [
        "整机保修8年。",
        "电池保修1年，其他部件资料里没有写。支持货到付款。",
        "您好，请问您想了解哪一款？",
        "It is none of the above.",
    ],
)
def test_an_answer_that_says_something_is_no_refusal(answer: str) -> None:
    assert not is_refusal(answer)


def test_what_is_not_known_is_told_beside_what_is() -> None:
    gate = Gate(backing([TEXT], locale="zh"), "zh")
    assert gate.admit("防水等级资料里没有写。") == ""
    assert gate.admit("整机保修8年。") == "防水等级资料里没有写。整机保修8年。"
    assert not gate.refused


def test_a_word_of_regret_waits_for_what_follows() -> None:
    gate = Gate(backing([TEXT], locale="zh"), "zh")
    assert gate.admit("非常抱歉！") == ""
    assert not gate.refused
    assert gate.admit("资料里没有写这一点。") == ""
    assert gate.refused
    gate = Gate(backing([TEXT], locale="zh"), "zh")
    gate.admit("非常抱歉！")
    assert gate.admit("电池保修1年。") == "非常抱歉！电池保修1年。"


def test_nothing_follows_the_mark() -> None:
    gate = Gate(backing([TEXT], locale="zh"), "zh")
    gate.admit(MARK)
    assert gate.admit("整机保修8年。") == ""


def test_a_wrong_fact_beside_what_is_not_known_does_not_leave() -> None:
    gate = Gate(backing([TEXT], locale="zh"), "zh")
    assert gate.admit("整机保修8年。")
    assert gate.admit("支持分期付款，其他资料里没有写。") == ""
