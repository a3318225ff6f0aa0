"""What front ends of the OpenAI form ask a model for beside the conversation: a title, tags, what to ask next.

They send it through the door of the conversation itself, as a prompt about it. It is not a customer's message: it is
answered here from the conversation's own words, without a turn, and nothing of it is stored.
"""

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from xiaoer import stores
from xiaoer.assistant.understanding.intent import is_social
from xiaoer.assistant.understanding.sentiment import sentiment
from xiaoer.conversations.continued import Said
from xiaoer.desk.desk import Desk
from xiaoer.language import concepts, normal, sentences
from xiaoer.language.detect import detect
from xiaoer.patterns import lazy

Task = Literal["title", "tags", "follow_ups", "queries", "text", "prompt", "tool_calls", "emoji", "summary"]
WANTED: Mapping[str, Task] = {
    "title": "title",
    "topic": "title",
    "tags": "tags",
    "follow_ups": "follow_ups",
    "followups": "follow_ups",
    "suggestions": "follow_ups",
    "questions": "follow_ups",
    "queries": "queries",
    "text": "text",
    "prompt": "prompt",
    "summary": "summary",
    "tool_calls": "tool_calls",
}
"""The task by the name under which its result is wanted."""
MOST_READ = 20_000
LONGEST_SAID = 1_000
LONGEST_TITLE = 48
LONGEST_SUMMARY = 200
LONGEST_HISTORY = 40
MOST_LISTED = 3
ALONE = 2
"""Messages of a request that is nothing but an order of the system's and what it is about."""
ALIKE = 0.8
"""Cosine from which a curated question is worth asking next; it only costs a glance when it is not."""

_EXAMPLE = lazy(r'\{\s*"(\w{2,20})"\s*:\s*(?:"|\[)')
_MARKED = lazy(r"<chat_history>|^#{1,4} ?(?:Task|Output)\b", re.MULTILINE)
_TITLE = lazy(
    r"\btitles?\b|\btopic\b|标题|標題|主题|主題|题目|タイトル|제목|tiêu đề|título|\btitre\b|\btitel\b|заголов|judul"
    r"|tajuk|عنوان|ชื่อเรื่อง|หัวข้อ",
    re.IGNORECASE,
)
_SUMMARY = lazy(
    r"\bsummar(?:y|i[sz]e)|总结|總結|概括|要約|요약|tóm tắt|resum[ea]|résum|zusammenfass|резюм|ringkas|สรุป|لخص",
    re.IGNORECASE,
)
_ABOUT_IT = lazy(
    r"\b(?:conversation|chat|dialogue|discussion|messages)\b|对话|對話|会话|會話|聊天|这句话|這句話|대화|hội thoại"
    r"|conversa|gespräch|диалог|беседы|percakapan|perbualan|บทสนทนา|محادثة",
    re.IGNORECASE,
)
_BOUNDED = lazy(
    r"\bonly\b|\bconcise|\bbrief|\bwithout any\b|\bno punctuation"
    r"|\b(?:word|character)s? (?:or less|max\b)|(?<!\d)\d{1,3}[- ](?:words?|characters)\b"
    r"|直接返回|字以?[内內]|个字|不要(?:解释|标点|使用标点)|不需要包含标点|不超过|簡潔|以内|글자"
    r"|chỉ trả|ngắn gọn",
    re.IGNORECASE,
)
"""How long it may be, or that it shall be nothing else: an order to a machine."""
_ENTITLES = lazy(
    r"\b(?:generate|create|produce|write|give|provide|make|come up with|summari[sz]e|craft)\b[^\n]{0,80}\btitles?\b"
    r"|\btitling\b|(?:生成|总结|概括|归纳|拟定?|起)[^\n]{0,30}(?:标题|主题)",
    re.IGNORECASE,
)
_MARKER = lazy(r"^[-=*#]{2,}+[^\n]{0,60}$", re.MULTILINE)
_FACE = lazy(r"\bfacial expression\b.{0,120}\bemoji\b", re.IGNORECASE | re.DOTALL)
_LINE = lazy(
    r"(?:\|\|>|\*\*)?\s?(user|human|customer|用户|顾客|user message|assistant|ai|bot|model|response)"
    r"(?:\*\*)?\s?[:：]\s?(.*)",
    re.IGNORECASE,
)
_CUSTOMER = frozenset({"user", "user message", "human", "customer", "用户", "顾客"})
_MARKS = " \t\n\"'“”‘’。.,，!！?？:：;；"
_NARROW_TO = "\u1100"
"""Characters from here on are counted as two of a title: those of East Asia."""


@dataclass(frozen=True)
class SideTask:
    """A task, the name under which its result is wanted as JSON (None: as plain text), and what it is about."""

    task: Task
    key: str | None
    said: Said
    draft: str = ""
    schema: tuple[str, ...] = ()
    """Names of the properties of the object that is wanted, where the client gave its schema."""


def find(messages: Sequence[tuple[str, str]], response_format: Mapping[str, Any] | None = None) -> SideTask | None:
    """The task that these messages, (role, text) oldest first, are meant for; None for a customer's message."""
    role, last = messages[-1][0], messages[-1][1][:MOST_READ]
    instructions = "\n".join(text for each, text in messages[:-1] if each in ("system", "developer"))[:MOST_READ]
    before: Said = [
        ("customer" if each == "user" else "assistant", text[:LONGEST_SAID])
        for each, text in messages[:-1]
        if each in ("user", "assistant") and text.strip()
    ]
    said = _transcript(last) or [*before[:2], *before[2:][-LONGEST_HISTORY:]]
    if '"tool_calls": []' in instructions and "Available Tools" in instructions:
        return SideTask("tool_calls", "tool_calls", said)
    if (key := _key(last)) is not None:
        return SideTask(WANTED[key], key, said, _between(last, "<text>", "</text>"))
    if _FACE.search(last):
        quoted = _between(last, "```", "```")
        return SideTask("emoji", None, [("customer", quoted)] if quoted else said)
    # Some put the order into the system's message, and all that was said into the user's.
    order = last if _is_order(last) else instructions if _is_order(instructions) and _transcript(last) else ""
    if (
        not order
        and len(messages) == ALONE
        and _ENTITLES.search(sentences.split(instructions[:LONGEST_SAID] + "\n")[0])
    ):
        order, said = instructions, said or [("customer", _MARKER.sub("", last).strip()[:LONGEST_SAID])]
    if not order or (role == "user" and not said):
        return None
    task: Task = "title" if _TITLE.search(order) else "summary"
    schema = _properties(response_format)
    return SideTask(task, task if task in schema else None, said, schema=schema)


async def complete(desk: Desk, store_id: uuid.UUID, side: SideTask) -> str:
    """What the task is answered with, in the shape that is wanted."""
    result: str | list[str]
    match side.task:
        case "title":
            result = title(side.said)
        case "tags":
            result = _tags(side.said)
        case "follow_ups":
            result = await _follow_ups(desk, store_id, side.said)
        case "text":
            result = await _continuation(desk, store_id, side.draft)
        case "prompt":
            result = next((text for author, text in reversed(side.said) if author == "customer"), "")
        case "emoji":
            result = _face(side.said)
        case "summary":
            result = _summary(side.said)
        case _:  # what is known here is in the shop's own texts: nothing is looked for elsewhere
            result = []
    if side.key is None:
        return "\n".join(result) if isinstance(result, list) else result
    values: dict[str, Any] = {side.key: result}
    if "language" in side.schema:
        values["language"] = detect(_asked(side.said)).language
    return json.dumps(values, ensure_ascii=False)


def title(said: Said) -> str:
    """What the conversation is about: the customer's first question, cut to the length of a title."""
    words = _asked(said).strip(_MARKS)
    width = 0
    for at, character in enumerate(words):
        width += 2 if character >= _NARROW_TO else 1
        if width > LONGEST_TITLE:
            whole = character < _NARROW_TO and " " in words[:at]
            return (words[:at].rpartition(" ")[0] if whole else words[:at]).strip(_MARKS)
    return words


def _key(text: str) -> str | None:
    """The name under which a result is wanted, of a prompt about a conversation that shows it as JSON.

    What stands between tags is what the prompt is about: texts of the client's own may hold JSON as well.
    """
    if not _MARKED.search(text):
        return None
    before, _, rest = text.partition("\n<")
    instructions = f"{before}\n{rest.rpartition('</')[2]}"
    return next((name for name in _EXAMPLE.findall(instructions) if name in WANTED), None)


def _is_order(text: str) -> bool:
    """Whether a text orders a title or a summary of a conversation that it holds, or that and nothing else."""
    if not (_TITLE.search(text) or _SUMMARY.search(text)):
        return False
    if {author for author, _ in _transcript(text)} == {"customer", "assistant"}:
        return True
    return bool(_ABOUT_IT.search(text) and _BOUNDED.search(text))


def _between(text: str, begin: str, end: str) -> str:
    """What stands between the last such marks."""
    before, _, inside = text.rstrip().removesuffix(end).rpartition(begin) if begin == end else text.rpartition(begin)
    return inside.partition(end)[0] if before or text.startswith(begin) else ""


def _properties(response_format: Mapping[str, Any] | None) -> tuple[str, ...]:
    schema = ((response_format or {}).get("json_schema") or {}).get("schema") or {}
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return tuple(properties) if isinstance(properties, dict) else ()


def _transcript(text: str) -> Said:
    """The conversation that a prompt holds, as JSON or line by line; what has no speaker belongs to the one before."""
    if (listed := _listed(text)) is not None:
        return listed
    inside = text.partition("<chat_history>")[2].partition("</chat_history>")[0]
    said: list[tuple[Literal["customer", "assistant"], str]] = []
    for line in (inside or text).splitlines():
        if (found := _LINE.fullmatch(line.strip())) is not None:
            said.append(("customer" if found[1].lower() in _CUSTOMER else "assistant", found[2].strip(' "')))
        elif said and line.strip():
            author, before = said[-1]
            said[-1] = (author, f"{before}\n{line.strip()}".strip())
    return [(author, words[:LONGEST_SAID]) for author, words in said if words]


def _listed(text: str) -> Said | None:
    """The messages of a JSON array of them, whatever their texts are called."""
    if not text.lstrip().startswith("["):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    said: list[tuple[Literal["customer", "assistant"], str]] = []
    for each in found:
        role = each.get("role") if isinstance(each, dict) else None
        words = [value for key, value in each.items() if key != "role" and isinstance(value, str)] if role else []
        if words:
            said.append(("customer" if role == "user" else "assistant", max(words, key=len)[:LONGEST_SAID]))
    return said


def _asked(said: Said) -> str:
    """The first sentence with which the customer asked for something, or just said something."""
    spoken = [text for author, text in said if author == "customer" and text.strip()]
    every = [one.strip() for text in spoken for one in sentences.split(text) if one.strip()]
    return next((one for one in every if not is_social(one)), every[0] if every else "")


def _tags(said: Said) -> list[str]:
    """The words with which the customer named everyday matters of a shop, each matter once."""
    found: dict[str, str] = {}
    for text in (text for author, text in said if author == "customer"):
        words = concepts.folded(text)
        for begin, end, name in concepts.spans(words):
            found.setdefault(name, words[begin:end])
    return list(dict.fromkeys(found.values()))[:MOST_LISTED]


async def _follow_ups(desk: Desk, store_id: uuid.UUID, said: Said) -> list[str]:
    """Questions that the shop has answers to: those most like the last one, then what it offers at the start."""
    spoken = [text for author, text in said if author == "customer"]
    last = next((text for text in reversed(spoken) if not is_social(text)), "")
    language = detect(last or "".join(spoken)).language
    near = await desk.knowledge.similar_questions(store_id, last, locale=language, k=2 * MOST_LISTED) if last else []
    async with desk.database.sessions() as session:
        offered = (await stores.by_id(session, store_id)).profile.opening_questions.get(language, ())
    known = {normal.key(text) for text in spoken}
    every = [*(wording for wording, _, cosine in near if cosine >= ALIKE), *offered]
    return list(dict.fromkeys(each for each in every if normal.key(each) not in known))[:MOST_LISTED]


async def _continuation(desk: Desk, store_id: uuid.UUID, draft: str) -> str:
    """How a question that was begun goes on, if the shop has an answer to one that begins so."""
    begun = draft.strip()
    if not begun:
        return ""
    near = await desk.knowledge.similar_questions(store_id, begun, locale=detect(begun).language, k=2 * MOST_LISTED)
    whole = next((wording for wording, *_ in near if wording.lower().startswith(begun.lower())), begun)
    return whole[len(begun) :]


def _face(said: Said) -> str:
    mood = sentiment(said[-1][1]) if said else 0.0
    return "😟" if mood < 0 else "😊" if mood > 0 else "🙂"


def _summary(said: Said) -> str:
    """What was asked last, and what was answered to it."""
    lines: list[str] = []
    for author in ("customer", "assistant"):
        text = next((text for each, text in reversed(said) if each == author), "")
        lines += [" ".join(text.split())[:LONGEST_SUMMARY]] if text.strip() else []
    return "\n".join(lines)
