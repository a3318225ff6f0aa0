"""What the model is told: parts in a fixed order, the unchanging ones first, so that a server's prefix cache holds.

The prompt is written in the customer's language where we have it, since small models drift to the prompt's language.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from xiaoer.llm.messages import Message
from xiaoer.stores import Profile

HISTORY_MESSAGES = 6
HISTORY_CHARACTERS = 300

NAMES: Final = {
    "zh": "简体中文", "en": "English", "vi": "Tiếng Việt", "th": "ไทย", "ja": "日本語", "ko": "한국어", "ru": "русский",
    "ar": "العربية", "es": "español", "pt": "português", "fr": "français", "de": "Deutsch", "id": "Bahasa Indonesia",
    "ms": "Bahasa Melayu",
}  # fmt: skip

RULES: Final = {
    "zh": (
        "您是{shop}的客服助手，用简体中文回答顾客。",
        "只根据资料回答，不补充资料以外的内容。",
        "数字、价格、日期和型号照抄资料。不许诺，不说已经办好了什么。",
        "先直接回答，再说必要的条件，不超过{limit}个字。称顾客为“您”，语气礼貌、简洁，用全角标点，不用感叹号。",
    ),
    "en": (
        "You are the assistant of the shop {shop}. Answer the customer in {language}.",
        "Use only the material given and add nothing to it.",
        "Copy numbers, prices, dates and model names exactly. Promise nothing and never say that something was done.",
        "Answer directly first, then the conditions that matter, in at most {limit} characters. Be polite and brief.",
    ),
    "vi": (
        "Bạn là trợ lý của cửa hàng {shop}. Trả lời khách bằng tiếng Việt.",
        "Chỉ dùng tài liệu được đưa, không thêm gì khác.",
        "Chép đúng con số, giá, ngày và tên mẫu. Không hứa hẹn, không nói rằng đã làm xong việc gì.",
        "Trả lời thẳng trước, rồi đến điều kiện cần thiết, không quá {limit} ký tự. Lịch sự và ngắn gọn.",
    ),
    "th": (
        "คุณคือผู้ช่วยของร้าน {shop} ตอบลูกค้าเป็นภาษาไทย",
        "ใช้เฉพาะข้อมูลที่ให้ไว้ ไม่เพิ่มเติมสิ่งอื่น",
        "คัดลอกตัวเลข ราคา วันที่ และชื่อรุ่นให้ตรง ไม่ให้คำสัญญา และไม่บอกว่าได้ดำเนินการใดแล้ว",
        "ตอบตรงประเด็นก่อน แล้วจึงบอกเงื่อนไขที่จำเป็น ไม่เกิน {limit} ตัวอักษร สุภาพและกระชับ",
    ),
}
NONE: Final = "[none]"
"""What a writer answers where the material does not answer: its verdict, and nothing a customer reads."""
VERDICT: Final = {
    "zh": "每句话末尾写明所依据资料的编号，如[1]。"
    f"资料没有回答顾客的问题，或只谈别的商品、别的条件时，只回复{NONE}，不写别的。",
    "en": f"End each sentence with the number of the material it rests on, such as [1]. Where the material does not "
    f"answer the question, or speaks of another product or condition only, reply with {NONE} and nothing else.",
    "vi": "Cuối mỗi câu ghi số của tài liệu làm căn cứ, ví dụ [1]. Nếu tài liệu không trả lời câu hỏi, hoặc chỉ "
    f"nói về sản phẩm hay điều kiện khác, chỉ trả lời {NONE}, không viết gì khác.",
    "th": f"ท้ายแต่ละประโยคให้ระบุหมายเลขข้อมูลที่ใช้อ้างอิง เช่น [1] หากข้อมูลไม่ได้ตอบคำถาม หรือพูดถึงสินค้าหรือเงื่อนไขอื่นเท่านั้น "
    f"ให้ตอบเพียง {NONE} เท่านั้น",
}
REPAIR: Final = {
    "zh": f"下面的话在资料里没有依据：\n{{withheld}}\n请只用资料里写明的内容重新回答；资料没有就只回复{NONE}。",
    "en": f"This is not in the material:\n{{withheld}}\nAnswer again with what the material says; reply {NONE} if it "
    "does not answer.",
    "vi": f"Những câu này không có trong tài liệu:\n{{withheld}}\nHãy trả lời lại chỉ bằng nội dung trong tài liệu; "
    f"nếu không có thì trả lời {NONE}.",
    "th": f"ข้อความนี้ไม่มีในข้อมูล:\n{{withheld}}\nโปรดตอบใหม่โดยใช้เฉพาะเนื้อหาในข้อมูล หากไม่มีให้ตอบ {NONE}",
}
LABELS: Final = {
    "zh": ("店铺范围", "语气", "资料", "顾客的问题", "现在", "地区", "请用{language}回答。"),
    "en": ("Scope", "Tone", "Material", "The customer's question", "Now", "Region", "Answer in {language}."),
    "vi": ("Phạm vi", "Giọng điệu", "Tài liệu", "Câu hỏi của khách", "Bây giờ", "Khu vực", "Trả lời bằng {language}."),
    "th": ("ขอบเขต", "น้ำเสียง", "ข้อมูล", "คำถามของลูกค้า", "ขณะนี้", "ภูมิภาค", "ตอบเป็นภาษา{language}"),
}


def system(profile: Profile, language: str) -> str:
    """The fixed part: who speaks, for what shop, by which rules. The same for every customer of one language."""
    prompt_language = language if language in RULES else "en"
    scope, tone = LABELS[prompt_language][:2]
    values = {
        "shop": profile.name_in(language),
        "language": NAMES.get(language, language),
        "limit": profile.answer_characters if language in ("zh", "ja", "ko") else profile.answer_characters * 2,
    }
    own = profile.instructions.get(language) or profile.instructions.get(prompt_language)
    lines = own_lines(own, values) if own else [line.format(**values) for line in RULES[prompt_language]]
    if profile.scope:
        lines.append(f"{scope}：{profile.scope}")
    if profile.tone:
        lines.append(f"{tone}：{profile.tone}")
    lines.append(VERDICT[prompt_language])
    return "\n".join(lines)


def repair(language: str, withheld: Sequence[str]) -> Message:
    """What the writer is told of the sentences that were held back."""
    return Message("user", REPAIR.get(language, REPAIR["en"]).format(withheld="\n".join(withheld)))


def version(profile: Profile, language: str) -> str:
    """Differs wherever the shop's settings or our own words would have the model, or us, say something else."""
    told = [profile.model_dump_json(), system(profile, language), *LABELS.get(language, LABELS["en"])]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def own_lines(text: str, values: Mapping[str, object]) -> list[str]:
    """A shop's own instructions with {shop}, {language} and {limit} filled in; other braces stay as they are."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text.splitlines()


def compose(
    profile: Profile,
    language: str,
    *,
    question: str,
    evidence: Sequence[str],
    history: Sequence[Message] = (),
    now: datetime,
) -> list[Message]:
    """The whole prompt: fixed part, what was said lately, then evidence, the moment and the question."""
    _, _, material, asked, moment, region, close = LABELS[language if language in LABELS else "en"]
    local = now.astimezone(_zone(profile))
    lines = [
        f"{material}：",
        *(f"[{number}] {text}" for number, text in enumerate(evidence, start=1)),
        f"{moment}：{local:%Y-%m-%d %H:%M}，{region}：{profile.region}",
        f"{asked}：{question}",
        close.format(language=NAMES.get(language, language)),
    ]
    return [
        Message("system", system(profile, language)),
        *(Message(said.role, said.content[:HISTORY_CHARACTERS]) for said in history[-HISTORY_MESSAGES:]),
        Message("user", "\n".join(lines)),
    ]


def _zone(profile: Profile) -> ZoneInfo:
    try:
        return ZoneInfo(profile.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
