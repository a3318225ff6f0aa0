import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiaoer.language.sentences import LONGEST, Splitter, split

MARKS = list("ab Z9.。！？!?…；;\n\t \"'”)*_`，:/-小二ครับมี ؟")
ALPHABET = st.sampled_from([*MARKS, "http://", "www.", "No. ", "Mr. ", "..."])
WILD = st.lists(ALPHABET | st.characters(), max_size=200).map("".join)


def streamed(text: str, cuts: list[int]) -> list[str]:
    splitter = Splitter()
    pieces: list[str] = []
    begin = 0
    for cut in [*sorted(min(cut, len(text)) for cut in cuts), len(text)]:
        pieces += splitter.feed(text[begin:cut])
        begin = max(begin, cut)
    return pieces + splitter.flush()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("您好。今天能发货吗？可以！", ["您好。", "今天能发货吗？", "可以！"]),
        ("他说：“可以退。”运费我们出。", ["他说：“可以退。”", "运费我们出。"]),
        ('他说"可以退。"运费我们出。', ['他说"可以退。"', "运费我们出。"]),
        ('好的。"七天"内可以退。', ["好的。", '"七天"内可以退。']),
        ("**注意。**请保留包装。", ["**注意。**", "请保留包装。"]),
        ("注意。**请保留**包装。", ["注意。", "**请保留**包装。"]),
        ("真的吗？！太好了……谢谢", ["真的吗？！", "太好了……", "谢谢"]),
        ("包邮吗?几天到?", ["包邮吗?", "几天到?"]),
        ("运费 3.5 元；满 99 元包邮。", ["运费 3.5 元；", "满 99 元包邮。"]),
        ("好的.谢谢.", ["好的.", "谢谢."]),
        ("The price is 3.5 dollars. Version v2.1 is out.", ["The price is 3.5 dollars.", "Version v2.1 is out."]),
        ("It is in No. 5 of the list. No. We do not.", ["It is in No. 5 of the list.", "No.", "We do not."]),
        ("Ask Mr. Smith, e.g. by mail. He knows.", ["Ask Mr. Smith, e.g. by mail.", "He knows."]),
        ("J. K. Rowling wrote it. It sells.", ["J. K. Rowling wrote it.", "It sells."]),
        ("It fits size M. Shipping takes 3 days.", ["It fits size M.", "Shipping takes 3 days."]),
        ("Open 9 a.m. to 5 p.m. We close on Sunday.", ["Open 9 a.m. to 5 p.m.", "We close on Sunday."]),
        ("See https://shop.example/a?b=1.5&c=d. Then pay.", ["See https://shop.example/a?b=1.5&c=d.", "Then pay."]),
        ("Visit www.example.com! It is open.", ["Visit www.example.com!", "It is open."]),
        ("it is broken. can i return it? thanks", ["it is broken.", "can i return it?", "thanks"]),
        ("Well... maybe. Wait... What?", ["Well... maybe.", "Wait...", "What?"]),
        ("1. Open the box\n2. Plug it in\n- Done", ["1. Open the box", "2. Plug it in", "- Done"]),
        ("| a | b |\n|---|---|\n| 1.5 | 2 |", ["| a | b |", "|---|---|", "| 1.5 | 2 |"]),
        ("Lieferung am 3. März. Danach nicht.", ["Lieferung am 3. März.", "Danach nicht."]),
        ("It costs 25. We ship today.", ["It costs 25.", "We ship today."]),
        ("¿Cuánto cuesta? Cuesta 5 €. ¡Gracias!", ["¿Cuánto cuesta?", "Cuesta 5 €.", "¡Gracias!"]),
        ("هل الشحن مجاني؟ نعم.", ["هل الشحن مجاني؟", "نعم."]),
        ("Địa chỉ: TP. HCM. Giao trong 2 ngày.", ["Địa chỉ: TP. HCM.", "Giao trong 2 ngày."]),
        ("สวัสดีค่ะ ราคา 500 บาท มีของพร้อมส่ง", ["สวัสดีค่ะ", "ราคา 500 บาท มีของพร้อมส่ง"]),
        ("返品できますか？はい、できます。", ["返品できますか？", "はい、できます。"]),
        ("반품 되나요? 네. 가능합니다.", ["반품 되나요?", "네.", "가능합니다."]),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text, expected):
    assert split(text) == expected


def test_a_full_stop_is_not_certain_before_the_next_character():
    splitter = Splitter()
    assert splitter.feed("It costs 3.") == []
    assert splitter.feed("5 dollars.") == []
    assert splitter.feed(" We") == ["It costs 3.5 dollars."]
    assert splitter.flush() == [" We"]


def test_a_chinese_sentence_is_out_as_soon_as_the_next_character_is_seen():
    splitter = Splitter()
    assert splitter.feed("可以退。") == []
    assert splitter.feed("运") == ["可以退。"]


def test_a_line_is_out_at_its_end():
    assert Splitter().feed("- 七天内可退\n") == ["- 七天内可退"]


def test_long_thai_without_marks_is_cut_at_a_space():
    phrase = "สินค้าของเราสามารถเปลี่ยนหรือคืนได้ภายในเจ็ดวันหลังจากได้รับสินค้าแล้ว"
    assert split(f"{phrase} {phrase}") == [phrase, phrase]


@given(WILD)
def test_only_white_space_is_lost(text):
    assert "".join("".join(split(text)).split()) == "".join(text.split())


@given(WILD, st.lists(st.integers(0, 200), max_size=30))
def test_a_stream_gives_the_sentences_of_the_whole(text, cuts):
    pieces = streamed(text, cuts)
    assert "".join(pieces) == text
    assert [piece.strip() for piece in pieces if piece.strip()] == split(text)


@pytest.mark.parametrize("unit", ["字", '."', "。", "a ", "https://a.", "…", "!", ". ", "สี "])
def test_no_sentence_is_endless(unit):
    text = unit * (100_000 // len(unit))
    assert max(map(len, split(text))) <= LONGEST


def test_a_long_text_streams_like_it_splits():
    text = '字."。' * 700 + "word " * 900 + "https://a.b/" + "c?" * 1500
    pieces = streamed(text, list(range(0, len(text), 7)))
    assert [piece.strip() for piece in pieces if piece.strip()] == split(text)
