import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiaoer.language.concepts import asked, folded, spans, told

SAME = (
    ("broken", ("左耳没声音", "手机突然黑屏了", "it makes no sound", "bị hỏng", "ชำรุด")),
    (
        "shipping_fee",
        (
            "寄到北京邮费多少",
            "how much is postage",
            "phí ship bao nhiêu",
            "phi ship bao nhieu",
            "ค่าส่งเท่าไหร่",
            "送料はいくら",
            "배송비가 얼마예요",
            "Сколько стоит доставка?",
            "¿Cuánto cuesta el envío?",
            "Was kosten die Versandkosten?",
            "berapa ongkir",
        ),
    ),
    (
        "warranty",
        (
            "保修几年",
            "how long is the warranty",
            "bảo hành bao lâu",
            "รับประกันกี่ปี",
            "保証期間",
            "보증 기간",
            "гарантия",
            "garantía",
            "garansi",
        ),
    ),
    (
        "bank_transfer",
        ("能走公户打款吗", "对公转账", "bank transfer", "chuyển khoản", "โอนเงิน", "振込", "계좌이체", "virement"),
    ),
)


@pytest.mark.parametrize(("matter", "text"), [(matter, text) for matter, texts in SAME for text in texts])
def test_a_matter_is_known_by_its_names_in_every_language(matter: str, text: str) -> None:
    assert matter in asked(text)


@pytest.mark.parametrize(
    ("text", "matter"),
    [("a discharge nurse", "charging"), ("she tagged along", "packaging"), ("costume party", "price")],
)
def test_a_name_inside_another_word_is_not_that_matter(text: str, matter: str) -> None:
    assert matter not in asked(text)


def test_a_longer_name_hides_those_inside_it() -> None:
    assert asked("运费险") == {"shipping_fee"}
    assert asked("无线充电") == {"charging"}
    assert "payment_method" not in asked("支持货到付款")


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("未满 59 元收 8 元", "price"),
        ("CNY 59, or ¥59", "price"),
        ("验货后 3 个工作日", "time_limit"),
        ("within 7 working days", "time_limit"),
        ("trong 12 tháng", "time_limit"),
        ("每天 09:00–21:00", "opening_hours"),
    ],
)
def test_an_amount_tells_what_is_asked(text: str, matter: str) -> None:
    assert matter in told(text)


def test_an_amount_is_told_and_not_asked() -> None:
    assert asked("未满 59 元收 8 元") == frozenset()


@given(st.text(max_size=200))
def test_any_text_has_matters_that_lie_within_it(text: str) -> None:
    whole = folded(text)
    for begin, end, name in spans(whole):
        assert 0 <= begin < end <= len(whole)
        assert name in asked(text) <= told(text)
