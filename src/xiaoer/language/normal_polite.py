"""Politeness around a question, per script: what may stand at its start and end and changes nothing it asks."""

from xiaoer.patterns import lazy

_START = (
    # Chinese; what follows in (?!…) makes another word of it.
    r"您好(?!像|似|几|多)",
    r"你好(?!像|似|几|多|大|小|歹|坏|用|看|慢|久)",
    r"(?:哈喽|哈啰|嗨|早上好|上午好|中午好|下午好|晚上好)",
    r"亲爱的(?:客服|店家|店主|掌柜)?",
    r"亲亲?(?=请|你|您|我想|问|这|在|有|可|能|包|什|怎|几|多|麻)",
    r"(?:在吗|在么|在不在|有人吗|有人在吗|客服在吗)",
    r"(?:客服|店家|店主|掌柜的|老板|小二|小姐姐|小哥哥)(?=请|你|您|我|这|那|在|有|可|能|包|什|怎|几|多|麻)",
    r"(?:请问一下|请问下|请问|请教一下|请教)(?!题)",
    r"(?:麻烦)?(?:我)?(?:想|想要)?(?:咨询|询问|了解|问)(?:一下|下)",
    r"我?(?:就)?想(?:问问|咨询|问|知道)(?!题)",
    r"(?:麻烦|劳驾|不好意思|打扰了|打扰一下|打扰下)(?!的|吗|死)",
    # Japanese and Korean
    r"(?:こんにちは|こんばんは|おはようございます|すみません|すいません|あの|教えてください|お尋ねしますが)",
    r"(?:안녕하세요|안녕하십니까|저기요|혹시|실례합니다) ?",
    # Scripts with words
    r"(?:hi|hello|hey|hiya)(?: there| everyone| team| guys| shop| seller)?(?: (?!kitty|fi\b)|$)",
    r"(?:good (?:morning|afternoon|evening|day)|greetings|excuse me|sorry) ",
    r"dear (?:sir|madam|seller|shop|team|support) ",
    r"(?:please|pls|plz|kindly|just wondering|quick question) ",
    r"(?:could|can|would|will) (?:you|u|anyone|someone) (?:(?:please|pls|plz) )?(?:tell me|let me know|explain) ",
    r"(?:do you know|(?:may|can) i (?:ask|know)|(?:i want|i'd like|i would like|i wanna|i need) to (?:ask|know)) ",
    r"(?:i was wondering|i am wondering|i'm wondering|tell me|let me know) ",
    r"(?:xin chào|chào)(?: (?:shop|ad|admin|bạn|anh|chị|em))?(?: ạ)? ",
    r"(?:shop|ad|bạn|anh|chị) ơi ",
    r"(?:cho (?:mình|em|tôi|anh|chị|hỏi)|xin|vui lòng)(?: (?:mình|em|tôi))? hỏi(?: chút| tí| là| với)? ",
    r"cho hỏi(?: chút| tí| là)? ",
    r"(?:hola|buenos días|buenos dias|buenas tardes|buenas noches|buenas|disculpe|disculpa|perdón|por favor) ",
    r"(?:me (?:puede|puedes|podría|podrías) decir|quisiera saber|quiero saber) ",
    r"(?:olá|oi|bom dia|boa tarde|boa noite|por favor|com licença|gostaria de saber|você pode me dizer) ",
    r"(?:bonjour|bonsoir|salut|s'il vous plaît|s'il vous plait|svp|excusez-moi|pouvez-vous me dire) ",
    r"(?:hallo|guten tag|guten morgen|guten abend|moin|bitte|entschuldigung|können sie mir sagen|ich möchte wissen) ",
    r"(?:halo|hai|permisi|tolong|mohon|maaf)(?: (?:kak|min|gan|sis|bang|admin|dong))? ",
    r"selamat (?:pagi|siang|sore|malam|petang|tengah hari)(?: (?:kak|min|gan|sis|bang|admin|dong))? ",
    r"(?:mau (?:tanya|nanya)|numpang tanya|boleh saya tahu|nak tanya)(?: (?:kak|min|gan|sis|bang|admin|dong))? ",
    r"(?:здравствуйте|привет|добрый день|добрый вечер|доброе утро|пожалуйста|подскажите|скажите|извините) ",
    r"(?:مرحبا|السلام عليكم|أهلا|من فضلك|لو سمحت|هل يمكنك إخباري) ",
    r"(?:สวัสดี|หวัดดี)(?:ครับ|ค่ะ|คะ|จ้า)? ?",
    r"(?:ขอสอบถาม|ขอถาม|สอบถาม|รบกวนถาม|รบกวนสอบถาม)(?:หน่อย|นิดนึง)?(?:ครับ|ค่ะ|คะ|นะคะ|นะครับ)?(?:ว่า)? ?",
)

_END = (
    r"(?:谢谢|多谢|感谢|谢啦|谢了)(?:你|您|啦|了|亲|哦|哈)*",
    r"(?<![父母相双乡探省娘干单])亲亲?",
    r"(?:[吗嘛呢啊呀哦喔哈哒呗噢哟耶诶])",
    r"(?<![什怎这那多要])么",
    r"(?<![酒网贴水氧迪清书茶影])吧",
    r"(?:ですか|でしょうか|ますか(?<=できますか)|お願いします(?<=教えてお願いします)|ね|よ)",
    r"(?:감사합니다|고맙습니다)",
    r" (?:please|pls|plz|thanks|thank you|thank u|thx|ty|thanks a lot|thank you very much|many thanks|sir|madam)",
    r" (?:ạ|nhé|nha|nhỉ|shop ơi|shop|ad|ad ơi|cảm ơn|cám ơn|cảm ơn shop|xin cảm ơn)",
    r" (?:por favor|gracias|muchas gracias|obrigado|obrigada|svp|s'il vous plaît|s'il vous plait|merci|merci d'avance)",
    r" (?:bitte|danke|vielen dank|danke schön|terima kasih|makasih|dong|ya|kak|min|gan|sis|tolong)",
    r" (?:пожалуйста|спасибо|من فضلك|لو سمحت|شكرا|شكرًا)",
    r" ?(?:ขอบคุณ|ครับผม|ครับ|ค่ะ|คะ|คับ|นะ|จ้า|จ้ะ|หน่อย)",
)

_STARTS = lazy(r"(?:" + "|".join(_START) + ")")
_ENDS = lazy(r"(?:" + "|".join(_END) + r")$")
_LONGEST_END = 30
_MOST_TIMES = 8
"""People greet, call and apologise before they ask; more than eight of these is not politeness."""


def without_politeness(words: str) -> str:
    """`words`, already normal, less the polite words around them; possibly nothing."""
    begin = 0
    for _ in range(_MOST_TIMES):
        found = _STARTS.match(words, begin)
        if found is None or found.end() == begin:
            break
        begin = found.end()
        while begin < len(words) and words[begin] == " ":
            begin += 1
    left = words[begin:]
    for _ in range(_MOST_TIMES):
        found = _ENDS.search(left, max(len(left) - _LONGEST_END, 0))
        if found is None:
            break
        left = left[: found.start()].rstrip()
    return left
