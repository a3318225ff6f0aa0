"""A reply in the shop's tone: by the model where it keeps every number and address, else by rules of manners."""

import re
from dataclasses import dataclass

from xiaoer.assistant.answering import prompts
from xiaoer.assistant.helping.asking import ask, same_facts
from xiaoer.language.phrases import spoken
from xiaoer.llm.model import Model
from xiaoer.patterns import lazy
from xiaoer.stores import Profile

_INSTRUCTIONS = {
    "zh": (
        "把客服写的回复改写得礼貌、清楚，称顾客为“您”。意思、数字、日期、名称和网址一律不变，不增加内容，不许诺。"
        "只输出改写后的回复。{tone}"
    ),
    "en": (
        "Rewrite this reply of customer service in {language}, polite and clear. Keep the meaning and every number, "
        "date, name and address; add nothing, promise nothing. Give only the rewritten reply.{tone}"
    ),
}
_TONE = {"zh": "语气：{tone}", "en": " Tone: {tone}"}
_GREETED = lazy(
    r"^\s*(?:您好|你好|亲|尊敬的|hello|hi\b|dear|good (?:morning|afternoon|evening)|xin chào|สวัสดี)", re.IGNORECASE
)
_HELLO = {"zh": "您好，", "en": "Hello, ", "vi": "Xin chào, ", "th": "สวัสดีค่ะ "}
_PICTURES = lazy("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]+")
_HAN = "\u3400-\u9fff"
_MARKS = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！", "(": "（", ")": "）"}
_BY_HAN = lazy(rf"(?<=[{_HAN}])\s{{0,9}}([,;:?!()])\s*|\s{{0,9}}([,;?!()])\s*(?=[{_HAN}])")
_STOP = lazy(rf"(?<=[{_HAN}”）])\.(?=\s|$)")
LONGER = 3
"""Times the length up to which a rewriting is taken for one."""


@dataclass(frozen=True)
class Rewritten:
    """`by` is the model's name, or "rules"."""

    text: str
    by: str


async def rewritten(model: Model | None, profile: Profile, text: str, *, language: str) -> Rewritten:
    """The reply as the shop would say it; facts are the same as in `text`, whoever words it."""
    prompt = "zh" if language == "zh" else "en"
    tone = _TONE[prompt].format(tone=profile.tone) if profile.tone else ""
    instruction = _INSTRUCTIONS[prompt].format(tone=tone, language=prompts.NAMES.get(language, language))
    said = await ask(model, instruction, text, max_tokens=len(text) * 2 + 80)
    if model is not None and said and same_facts(text, said) and len(said) <= LONGER * len(text) + 60:
        return Rewritten(said, model.name)
    return Rewritten(mannered(text, language), "rules")


def mannered(text: str, language: str) -> str:
    """The same words with manners: a greeting, 您 for 你, full-width marks beside Han, no shouting, no pictures."""
    said = re.sub(r"[ \t]+", " ", _PICTURES.sub("", text)).strip()
    said = re.sub(r"([!！?？。~～])[!！?？。~～]+", r"\1", said)
    if language == "zh":
        said = said.replace("你们", "您").replace("你", "您").replace("亲，", "").replace("亲,", "")
        said = _BY_HAN.sub(lambda mark: _MARKS[mark.group(1) or mark.group(2)], said)
        said = _STOP.sub("。", said).replace("！", "。").replace("~", "。").replace("～", "。")
        if said and re.search(rf"[{_HAN}\w）”]$", said):
            said += "。"
    else:
        said = said.replace("!", ".")
        said = said if re.match(r"^[a-z]+[A-Z]", said) else said[:1].upper() + said[1:]
        if said and language != "th" and said[-1].isalnum():
            said += "."
    hello = _HELLO.get(spoken(language), "")
    return said if not said or _GREETED.match(said) else hello + _after(hello, said)


def _after(hello: str, said: str) -> str:
    """A word after a greeting's comma begins small, unless it is a name or one letter."""
    small = hello.endswith(", ") and said[:1].isupper() and said[1:2].islower() and not said.startswith("I ")
    return said[:1].lower() + said[1:] if small else said
