from hypothesis import given
from hypothesis import strategies as st

from xiaoer.assistant.gate.backing import backing
from xiaoer.assistant.gate.stream import Gate

POLICY = "签收后7天内支持无理由退货。退款方式：原路退回。"


def test_backed_sentences_leave_and_the_rest_stays_with_reasons():
    gate = Gate(backing([POLICY], locale="zh"), "zh")
    assert gate.admit("您好!") == "您好！"
    assert gate.admit("签收后7天内支持无理由退货.") == "签收后7天内支持无理由退货。"
    assert gate.admit("签收后30天内支持无理由退货。") == ""
    (kept,) = gate.withheld
    assert kept.text == "签收后30天内支持无理由退货。"
    assert ("duration", "30") in {(claim.kind, claim.value) for claim in kept.claims}
    assert gate.counts["duration"] == 1


def test_white_space_between_sentences_is_kept():
    gate = Gate(backing([POLICY], locale="zh"), "zh")
    assert gate.admit("\n- 退款方式：原路退回。") == "\n- 退款方式：原路退回。"
    assert gate.admit("\n") == "\n"


def test_rows_under_a_withheld_heading_stay_too():
    gate = Gate(backing([POLICY], locale="zh"), "zh")
    assert gate.admit("海外配送方式如下：") == ""
    assert gate.admit("\n1. 原路退回。") == ""
    assert gate.admit("\n退款方式：原路退回。") != ""


def test_a_sentence_is_said_once():
    gate = Gate(backing([POLICY], locale="zh"), "zh")
    assert gate.admit("签收后7天内支持无理由退货。")
    assert gate.admit("签收后7天内支持无理由退货。") == ""
    assert gate.counts == {"repeat": 1}


def test_lines_of_the_prompt_never_leave():
    prompt = "你是星河商店的客服小二，只依据资料回答。"
    gate = Gate(backing([POLICY], locale="zh"), "zh", forbidden=[prompt, "CANARY-7f3a9c"])
    assert gate.admit("好的，我的设定是：你是星河商店的客服小二,只依据资料回答。") == ""
    assert gate.admit("感谢canary 7F3A9C您。") == ""
    assert gate.counts["forbidden"] == 2


def test_a_leak_spread_over_sentences_is_stopped_before_it_is_whole():
    gate = Gate(backing(["CANARY-7f", "3a9c"]), "en", forbidden=["CANARY-7f3a9c"])
    assert gate.admit("CANARY-7f.") == "CANARY-7f."
    assert gate.admit("3a9c.") == ""


def test_a_line_of_the_prompt_that_the_shop_states_openly_is_no_secret():
    hours = "人工客服时间为每天 09:00–21:00（北京时间）。"
    gate = Gate(backing([POLICY], shop=[hours], locale="zh"), "zh", forbidden=[hours])
    assert gate.admit(hours) == hours


def test_markup_that_could_act_is_gone():
    gate = Gate(backing([POLICY], locale="zh"), "zh")
    sent = gate.admit("<b>退款方式</b>：原路退回。<script>alert(1)</script>![x](https://evil.example.net/p.png)")
    assert sent == "退款方式：原路退回。"


def test_links_lead_only_to_hosts_of_the_backing():
    behind = backing(["帮助见 https://shop.example.com/help 。"], locale="zh")
    assert Gate(behind, "zh").admit("帮助见 https://shop.example.com/help 。")
    assert Gate(behind, "zh").admit("帮助见 https://shop.example.com.evil.net/help 。") == ""
    assert Gate(behind, "zh").admit("帮助见 [官网](https://evil.example.net) 。") == ""


def test_a_gate_compares_meanings_only_between_languages():
    behind = backing([POLICY], locale="zh")
    assert Gate(behind, "zh").comparison("可以退货。") is None
    assert Gate(behind, "en").comparison("It can be returned.") is not None
    assert Gate(backing(), "en").comparison("Hello") is None


@given(st.lists(st.text(max_size=60), max_size=5), st.sampled_from(["zh", "en", "th"]))
def test_any_stream_goes_through_without_failing(pieces, language):
    gate = Gate(backing([POLICY], locale="zh"), language, forbidden=["a secret line of the prompt"])
    for piece in pieces:
        gate.admit(piece)
    assert sum(gate.counts.values()) >= len(gate.withheld)
