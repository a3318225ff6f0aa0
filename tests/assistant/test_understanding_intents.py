import pytest

from xiaoer.assistant.understanding.intent import intent_of, is_urgent

SOCIAL = {
    "greeting": "你好 您好，在吗 Hello! hi,there สวัสดีค่ะ こんにちは 안녕하세요 "
    "Здравствуйте! مرحبا hola Bonjour Halo,kak",
    "thanks": "谢谢 好的，谢谢 辛苦了 thanks! ok,thx ขอบคุณค่ะ ありがとうございます "
    "감사합니다 спасибо gracias obrigado merci Danke!",
    "goodbye": "再见 拜拜 谢谢，再见 bye tschüss さようなら",
    "affirm": "好的 嗯嗯 可以 是的 ok yes ได้ค่ะ はい 네 да sí oui ja",
    "deny": "不用了 不用了，谢谢 不是 no no,thanks ไม่ いいえ 아니요 нет não nein tidak",
    "emoji": "😊 👍👍",
    "empty": "？？？ ...",
}


@pytest.mark.parametrize(("intent", "text"), [(kind, text) for kind, texts in SOCIAL.items() for text in texts.split()])
def test_social_messages_are_told_apart(intent, text):
    assert intent_of(text) == intent


@pytest.mark.parametrize(
    "text",
    [
        "你好，包邮吗",
        "好的，那运费多少",
        "谢谢，什么时候发货",
        "hello where is my order",
        "thanks, how long does it take?",
        "你好像发错货了",
        "好用吗",
        "可以退吗",
        "没了吗",
        "ok but when does it ship",
        "no stock?",
        "xin chào, còn hàng không",
    ],
)
def test_a_greeting_with_a_question_is_a_question(text):
    assert intent_of(text) == "question"


@pytest.mark.parametrize(
    "text",
    [
        "转人工",
        "人工",
        "人工客服",
        "我要找真人客服",
        "能帮我接一下人工吗",
        "不想跟机器人说话",
        "叫你们经理来",
        "有没有人工客服",
        "怎么联系人工",
        "轉人工",
        "talk to a human",
        "I'd like to speak with a real person please",
        "can you connect me to an agent",
        "representative",
        "Is there a human I can talk to?",
        "let me talk to someone",
        "cho mình gặp nhân viên",
        "ขอคุยกับเจ้าหน้าที่ค่ะ",
        "担当者につないでください",
        "オペレーターと話したい",
        "상담원 연결해 주세요",
        "соедините с оператором",
        "أريد التحدث إلى موظف",
        "quiero hablar con una persona",
        "quero falar com um atendente",
        "je veux parler à un conseiller",
        "ich möchte mit einem Mitarbeiter sprechen",
        "saya mau bicara dengan cs",
        "saya nak cakap dengan ejen",
    ],
)
def test_who_wants_a_person_is_heard(text):
    assert intent_of(text) == "person"


@pytest.mark.parametrize(
    "text",
    [
        "有人工智能音箱吗",
        "安装人工费多少",
        "人工草坪多少钱一平",
        "不用转人工",
        "不需要人工客服，你告诉我就行",
        "人工客服几点上班",
        "客服电话多少",
        "can someone install it for me",
        "I don't need to talk to an agent, just tell me the price",
        "do you sell human hair wigs",
        "can I pick it up in person",
        "is this cleaning agent safe",
        "không cần gặp nhân viên",
    ],
)
def test_who_speaks_of_something_else_gets_no_person(text):
    assert intent_of(text) == "question"


@pytest.mark.parametrize(
    "text", ["你是机器人吗", "你是真人还是机器人", "are you a bot?", "what's your name", "哈哈", "你好，你是真人吗"]
)
def test_small_talk_is_no_question_about_the_shop(text):
    assert intent_of(text) == "chitchat"


@pytest.mark.parametrize(
    "text",
    [
        "我要投诉",
        "再不处理我就打12315",
        "我会找律师起诉你们",
        "I will call my lawyer",
        "this is a scam, I want a chargeback",
        "tôi sẽ tố cáo shop lừa đảo",
        "จะแจ้งความ",
        "消費者センターに連絡します",
        "소비자원에 신고할 거예요",
        "я обращусь в роспотребнадзор",
        "voy a denunciarlos",
        "vou ao procon",
        "je vais porter plainte",
        "ich gehe zum Anwalt",
        "saya lapor polisi",
    ],
)
def test_what_must_not_wait_is_urgent(text):
    assert is_urgent(text)


@pytest.mark.parametrize(
    "text",
    [
        "垃圾桶有货吗",
        "订单号315273801924到哪了",
        "basketball court shoes",
        "do you have a media player",
        "有差评吗",
        "是不是假货",
        "police costume for kids in stock?",
    ],
)
def test_a_question_with_a_dangerous_word_is_not_urgent(text):
    assert not is_urgent(text)
    assert intent_of(text) == "question"
