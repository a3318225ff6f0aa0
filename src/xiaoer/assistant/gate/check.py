"""Whether a sentence is backed: the first principle, in code."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from xiaoer.assistant.gate import backing as behind
from xiaoer.assistant.gate import clauses, frames, promises, support
from xiaoer.assistant.gate.backing import Backing, Source
from xiaoer.assistant.gate.claims import Claim, Meaning, describe, meanings, names
from xiaoer.assistant.gate.dates import Date, Moment
from xiaoer.assistant.gate.naming import of_another_model, renumbered
from xiaoer.assistant.gate.placing import apart, elsewhere, misplaced
from xiaoer.assistant.gate.promises import Bond
from xiaoer.assistant.gate.tokens import Token
from xiaoer.language.quantities import Reading
from xiaoer.language.text import fold
from xiaoer.patterns import lazy

_ECHO = lazy(
    r"您(?:说|提|问|讲|提到|说到|提及|描述|反馈|咨询|询问|想|要|是|的)|你(?:说|提|问|的|想|要)|\byou (?:said|mentioned|asked|wrote|want|need|are asking|gave|provided)\b|\byour\b|"  # noqa: E501 - a row of words
    r"(?:bạn|anh|chị|quý khách) (?:nói|hỏi|đề cập|muốn|cần)|của (?:bạn|anh|chị|quý khách)|คุณ(?:บอก|ถาม|แจ้ง|ต้องการ|พูด|กล่าว)|ของคุณ|ของลูกค้า|お客様|고객님|문의하신|말씀하신|"  # noqa: E501 - a row of words
    r"\bваш\w*\b|\bвы (?:сказали|спросили|указали|написали)|\bsu\b|\btu\b|usted (?:dijo|mencionó|preguntó)|\bseu\b|\bsua\b|\bvotre\b|\bvous avez\b|\bihr\w*\b|\banda\b|\bkamu\b",  # noqa: E501 - a row of words
    re.IGNORECASE,
)
_COMMITS = lazy(
    r"可以|支持|没问题|给您|享受|优惠|免|承诺|保证|同意|能够|是的|对的|确实|属实|有效|适用|会|将|"
    r"\b(?:yes|correct|indeed|confirmed?|can|will|we|offer|apply|applies|eligible|entitled|valid|right|sure|agreed?)\b|"
    r"được|đúng|có thể|chúng tôi|sẽ|ได้|ใช่|สามารถ|จะ|はい|できます|いたします|가능|네|맞습니다|можно|да\b|будет|puede|sí\b|claro|pode|sim\b|peut|oui|kann|ja\b|bisa|dapat|ya\b",  # noqa: E501 - a row of words
    re.IGNORECASE,
)
_MOST_CLAIMS = 40
"""Claims in one sentence beyond which it is no sentence any more; comparing them all would take seconds."""
_IDENTIFIER = lazy(r"^[A-Za-z-]{0,6}\d{6,}$")


@dataclass(frozen=True)
class Verdict:
    """`passed` when every claim is backed; otherwise `unbacked` tells which are not, each with its reason."""

    passed: bool
    unbacked: tuple[Claim, ...] = ()


def check(sentence: str, backing: Backing, language: str, *, cosine: float | None = None) -> Verdict:
    """Judge one sentence.

    `cosine` is the similarity of the sentence with the nearest backing sentence, for a sentence in another language
    than the texts; without it such a sentence passes only when it names a known idea.
    """
    text = fold(sentence)
    if not text.strip():
        return Verdict(passed=True)
    verbatim = _is_verbatim(text, backing)
    claimed = meanings(text, language)
    if len(claimed) > _MOST_CLAIMS and not verbatim:
        return Verdict(False, (Claim("support", sentence, "", None, 0, len(sentence), "too much in one sentence"),))
    found = [
        replace(describe(meaning, sentence), reason=reason)
        for meaning in claimed
        if (reason := _reason(meaning, text, backing, language, verbatim=verbatim))
    ]
    if not verbatim:
        found += _unknown_names(text, sentence, backing, language)
        found += _doubted(text, sentence, backing, language, cosine)
    return Verdict(not found, tuple(found))


def _is_verbatim(text: str, backing: Backing) -> bool:
    """Whether the sentence stands in one backing text just as it is."""
    return any(behind.quotes(text, one) for one in backing.sources)


def _reason(meaning: Meaning, text: str, backing: Backing, language: str, *, verbatim: bool) -> str:
    """Why a claim is not backed; empty when it is."""
    if isinstance(meaning, Bond):
        return _bond_reason(meaning, text, backing, language, verbatim=verbatim)
    if _is_found(meaning, backing.sources):
        if verbatim:
            return ""
        wrong = isinstance(meaning, Reading | Moment) and misplaced(meaning, text, backing, language)
        plain = isinstance(meaning, Token) and meaning.kind != "code"
        wrong = wrong or (not plain and elsewhere(meaning, text, backing, language, _is_found))
        if isinstance(meaning, Reading):
            wrong = wrong or of_another_model(meaning, text, backing, _is_found)
        if isinstance(meaning, Reading) and not backing.mostly(language):
            wrong = wrong or apart(meaning, text, backing, _is_found)
        return "stands beside something else" if wrong else ""
    if _harmless_repeat(meaning, text, backing):
        return ""
    return "not in what was cited"


def _is_found(meaning: Meaning, sources: Sequence[Source]) -> bool:
    if isinstance(meaning, Reading):
        return behind.has_quantity(meaning, sources)
    if isinstance(meaning, Date):
        return behind.has_date(meaning, sources)
    if isinstance(meaning, Moment):
        return behind.has_moment(meaning, sources)
    return isinstance(meaning, Token) and behind.has_token(meaning, sources)


def _harmless_repeat(meaning: Meaning, text: str, backing: Backing) -> bool:
    """Whether the customer's own figure comes back where it commits nobody.

    Links never. A long identifier (an order's number) always; what else must be called the customer's own ('您说的')
    in a sentence without a word of agreement, or stand in a question back or beside 'I cannot confirm'.
    """
    if isinstance(meaning, Moment) and meaning.kind == "relative" and not frames.assertions(text):
        return True
    if (isinstance(meaning, Token) and meaning.kind == "link") or not _is_found(meaning, backing.said):
        return False
    literal = meaning.key if isinstance(meaning, Token) and meaning.kind == "code" else ""
    literal = literal or (meaning.figure if isinstance(meaning, Reading) and not meaning.units else "")
    if _IDENTIFIER.match(literal) or frames.admits_not_knowing(text) or not frames.assertions(text):
        return True
    return bool(_ECHO.search(text)) and not _COMMITS.search(text)


def _bond_reason(bond: Bond, text: str, backing: Backing, language: str, *, verbatim: bool) -> str:
    if bond.kind == "done":
        return _done_reason(bond, text, backing, verbatim=verbatim)
    if verbatim:
        return ""
    if bond.kind == "absolute":
        near = backing.speaking(language)
        return "" if any(bond.key in one.text.casefold() for one in near) else "an absolute that was not cited"
    if frames.admits_not_knowing(text) or not frames.assertions(text):
        return ""
    return "" if _is_promised(bond, text, backing, language) else "a promise that was not cited"


def _done_reason(bond: Bond, text: str, backing: Backing, *, verbatim: bool) -> str:
    """An action is done when it was done in this turn or a tool's answer says so; passages do nothing."""
    if bond.key in backing.done:
        return ""
    own = {bond.key} if bond.key != "other" else promises.actions_named(text)
    told = any(own & promises.actions_named(one.text) for one in backing.results)
    quoted = verbatim and not re.search(r"[您你]|\b(?:i|we|your|you)\b|bạn|คุณ", text, re.IGNORECASE)
    return "" if (own and told) or quoted else "said to be done, but nothing was done"


def _is_promised(bond: Bond, text: str, backing: Backing, language: str) -> bool:
    """A promise is backed by a text that makes it: the same kind of words, and the clause covered."""
    for one in backing.speaking(language):
        bound = any(other.kind == "promise" and other.key == bond.key for other in one.facts.bonds)
        wanted = frozenset().union(*(clause.terms for clause in clauses.split(text)))
        best, _together = support.coverage(wanted, (one,))
        if bound and best >= support.ALIGNED:
            return True
    if backing.speaking(language):
        return False
    return any(
        other.kind == "promise" and other.key == bond.key for one in backing.sources for other in one.facts.bonds
    )


def _unknown_names(text: str, sentence: str, backing: Backing, language: str) -> Iterator[Claim]:
    other = renumbered(text, backing)
    if other is not None:
        yield Claim("code", other.group(), other.group().casefold(), None, *other.span(), "known with another number")
    for name, start in names(text) if backing.mostly(language) else ():
        folded = name.casefold()
        if not any(folded in one.text.casefold() for one in (*backing.sources, *backing.said)):
            yield Claim(
                "name",
                sentence[start : start + len(name)],
                folded,
                None,
                start,
                start + len(name),
                "not in what was cited",
            )


def _doubted(text: str, sentence: str, backing: Backing, language: str, cosine: float | None) -> Iterator[Claim]:
    for doubt in support.doubts(text, backing, language, cosine):
        yield Claim(doubt.kind, sentence, doubt.detail, None, 0, len(sentence), _REASONS[doubt.kind])


_REASONS = {
    "support": "what was cited says too little of it",
    "polarity": "what was cited says the opposite",
    "topic": "what was cited does not speak of it",
}
