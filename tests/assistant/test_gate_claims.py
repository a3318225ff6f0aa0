import pytest

from xiaoer.assistant.gate.claims import claims


def found(sentence: str, language: str = "zh") -> list[tuple[str, str, str | None]]:
    return [(claim.kind, claim.value, claim.unit) for claim in claims(sentence, language)]


def test_every_kind_of_claim_is_found_with_its_place():
    sentence = (
        "星河X20 Pro售价¥3,999，7天内退货，6月18日前打九折，9:00-21:00拨打400-123-4567，"
        "详见 https://a.example.com/x ，保证正品。"
    )
    kinds = [claim.kind for claim in claims(sentence, "zh")]
    assert kinds == ["code", "money", "duration", "date", "percent", "time", "time", "contact", "link", "promise"]
    for claim in claims(sentence, "zh"):
        assert sentence[claim.start : claim.end] == claim.text


@pytest.mark.parametrize(
    ("sentence", "language", "claim"),
    [
        ("满99元包邮", "zh", ("money", "99", "CNY")),
        ("八折", "zh", ("percent", "20", "discount")),
        ("85折", "zh", ("percent", "15", "discount")),
        ("半价", "zh", ("percent", "50", "discount")),
        ("20% off", "en", ("percent", "20", "discount")),
        ("3 giờ", "vi", ("time", "180", None)),
        ("5 วันทำการ", "th", ("duration", "5", "workday")),
        ("两个半小时", "zh", ("duration", "2.5", "hour")),
        ("一年半", "zh", ("duration", "1.5", "year")),
        ("24期", "zh", ("number", "24", "period")),
        ("微信号：shop_2020", "zh", ("contact", "shop_2020", None)),
        ("拨打95566", "zh", ("contact", "95566", None)),
        ("支持5G", "zh", ("code", "5G", None)),
        ("明天送达", "zh", ("date", "tomorrow", None)),
        ("周六休息", "zh", ("date", "5", None)),
        ("我们会联系您", "zh", ("promise", "future", None)),
        ("I have cancelled it", "en", ("done", "cancel", None)),
        ("国家级品质", "zh", ("absolute", "国家级", None)),
        ("https://good.example.com@evil.example.net/", "en", ("link", "evil.example.net", None)),
    ],
)
def test_a_claim_is_normalised(sentence, language, claim):
    assert claim in found(sentence, language)


@pytest.mark.parametrize(
    "sentence", ["1. 打开包装", "（2）取出手机", "请见[1]", "一般来说都可以", "提供两种方式：", "第一次使用"]
)
def test_list_marks_citations_and_idioms_claim_nothing(sentence):
    assert found(sentence) == []
