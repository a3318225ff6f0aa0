"""Sentences, found the same way in a finished text and in one that is still being written.

A piece is cut only where the cut would also be made with everything that follows in sight, so feeding a text to a
`Splitter` in any portions gives the sentences that `split` gives. Wrong in the safe direction: where a full stop may
belong to an abbreviation or a name, the sentence goes on.
"""

import re
from collections.abc import Callable
from itertools import pairwise

from xiaoer.language import sentences_marks as marks
from xiaoer.patterns import lazy

LONGEST = 1000
"""Characters after which a sentence is cut at a space or comma even without an end in sight."""

_LOOKAHEAD = 64
_WINDOW = LONGEST + _LOOKAHEAD
_THAI_PHRASE = 60
"""Characters of Thai after which a space counts as the end of a sentence."""

_CANDIDATE = lazy(
    r"(?P<url>(?:https?://|www\.)[^\s<>\"'，。；！？、）】」』]+)"
    r"|(?P<line>[\n\r\u2028\u2029])"
    r"|(?P<strong>[。！？；؟۔।؛])"
    r"|(?P<ellipsis>…)"
    r"|(?P<mark>[!?])"
    r"|(?P<stop>\.)"
    r"|(?P<gap>(?<=[\u0e01-\u0e5b])[ \u00a0]+)"
)
_RUN = lazy(r"[。！？；؟۔।؛!?….]*")
_CLOSERS = lazy(r"[”’」』）)》〉】\]»\"'*_`]*")
_BREAKS = lazy(r"[\s，、,;:：]")
_LAST_WORD = lazy(r"(?:[^\W_]|[.'’]){1,40}$")
_NEXT_WORD = lazy(r"\s{1,40}([^\W\d_]+)")

_WAIT = -1
_NO = -2


def split(text: str) -> list[str]:
    """The sentences of `text`, without the white space around them. Rows of lists and tables stand alone."""
    splitter = Splitter()
    pieces = [*splitter.feed(text), *splitter.flush()]
    return [sentence for piece in pieces if (sentence := piece.strip())]


class Splitter:
    """Sentences of a text that arrives in portions.

    Joined, the pieces given out are the text itself: each begins with the white space that separated it from the one
    before. A piece is given out as soon as nothing that may follow could change it.
    """

    def __init__(self) -> None:
        self._rest = ""

    def feed(self, delta: str) -> list[str]:
        """The pieces that `delta` completes, often none."""
        self._rest += delta
        return self._cut(final=False)

    def flush(self) -> list[str]:
        """What is left when the text has ended; the splitter is then empty again."""
        pieces = self._cut(final=True)
        if self._rest:
            pieces.append(self._rest)
        self._rest = ""
        return pieces

    def _cut(self, *, final: bool) -> list[str]:
        ends = [0]
        while (end := _end(self._rest, ends[-1], final=final)) > 0:
            ends.append(end)
        pieces = [self._rest[begin:end] for begin, end in pairwise(ends)]
        self._rest = self._rest[ends[-1] :]
        return pieces


def _end(text: str, begin: int, *, final: bool) -> int:
    """Where the sentence that starts after `begin` ends in `text`; negative when that is not certain yet."""
    start = begin
    while start < len(text) and text[start].isspace():
        start += 1
    window = text[start : start + _WINDOW]
    known = final or len(window) == _WINDOW
    position = 0
    while (match := _CANDIDATE.search(window, position)) is not None and match.start() < LONGEST:
        end = _judge(window, match, known=known)
        if end == _WAIT:
            return _WAIT
        if end > 0:
            return start + min(end, LONGEST)
        position = -end - _URL_BASE if end <= -_URL_BASE else match.end()
    if known and len(window) > LONGEST:
        return start + _forced(window)
    return _WAIT


_URL_BASE = 10
"""A judgement of -(10 + n) says: not an end; go on looking from n, inside the match."""


def _judge(window: str, match: re.Match[str], *, known: bool) -> int:
    kind = match.lastgroup
    if kind == "url":
        if match.end() == len(window) and not known:
            return _WAIT
        bare = match.group().rstrip(".!?,:;…)")
        return -_URL_BASE - (match.start() + max(len(bare), 1))
    if kind == "line":
        return match.start()
    if kind == "gap":
        return _judge_gap(window, match, known=known)
    return _judge_mark(window, match, known=known)


def _judge_mark(window: str, match: re.Match[str], *, known: bool) -> int:
    run = _RUN.match(window, match.start())
    signs = run.group() if run else match.group()
    end = _past_closers(window, match.start() + len(signs))
    if end == len(window) and not known:
        return _WAIT
    if not marks.STRONG.isdisjoint(signs):
        return end
    if signs.startswith(("…", "..")):
        return _judge_ellipsis(window, end, known=known)
    if match.lastgroup == "mark":
        following = window[end : end + 1]
        goes_on = following.isascii() and (following.isalnum() or following in marks.INSIDE_ADDRESS)
        return _NO if following and goes_on else end
    return _judge_stop(window, match.start(), end, known=known)


def _judge_gap(window: str, match: re.Match[str], *, known: bool) -> int:
    """Thai writes a space between sentences, and also inside them, around numbers and foreign words."""
    if match.end() == len(window):
        return _NO if known else _WAIT
    if not marks.is_thai(window[match.end()]) or window[match.start() - 1] in marks.THAI_NEVER_LAST:
        return _NO
    ended = window[: match.start()].endswith(marks.THAI_LAST_WORDS)
    return match.start() if ended or match.start() >= _THAI_PHRASE else _NO


def _judge_ellipsis(window: str, end: int, *, known: bool) -> int:
    """An ellipsis ends a sentence unless a small letter, a digit or a mark follows."""
    follow = end
    while follow < len(window) and window[follow].isspace():
        if window[follow] in "\n\r":
            return end
        follow += 1
    if follow == len(window):
        return end if known else _WAIT
    return _NO if window[follow].islower() or window[follow].isdigit() or window[follow] in ",，、-" else end


def _judge_stop(window: str, at: int, end: int, *, known: bool) -> int:
    before, following = window[:at], window[end : end + 1]
    previous = before[-1:]
    if marks.is_thai(previous or " "):
        return _NO
    if not following:
        return end
    if not following.isspace():
        wide = marks.is_wide(following) and not (previous.isdigit() or previous.isascii())
        return end if wide else _NO
    if following in "\n\r":
        return end
    return _judge_word(window, before, end, known=known)


def _judge_word(window: str, before: str, end: int, *, known: bool) -> int:
    """Whether the word in front of a full stop and a space can end a sentence."""
    found = _LAST_WORD.search(before, max(len(before) - 40, 0))
    word = found.group() if found else ""
    if not word:
        return end
    if word.isdigit():
        return _judge_number(window, before[: -len(word)], end, known=known)
    folded = word.casefold().rstrip(".")
    if folded in marks.ABBREVIATIONS:
        return _NO
    if folded in marks.BEFORE_NUMBER:
        return _by_what_follows(window, end, lambda character: not character.isdigit(), known=known)
    if folded in marks.MAY_BE_LAST or "." in word:
        return _by_what_follows(window, end, lambda character: not character.islower(), known=known)
    is_initial = len(word) == 1 and word.isupper() and word.isascii()
    return _NO if is_initial and not _is_a_label(before[:-1]) else end


def _by_what_follows(window: str, end: int, begins: Callable[[str], bool], *, known: bool) -> int:
    """An end if the next character `begins` a sentence."""
    character = _first_non_space(window, end)
    if not character:
        return end if known else _WAIT
    return end if begins(character) else _NO


def _judge_number(window: str, before: str, end: int, *, known: bool) -> int:
    """'1. Open the box' is a row's number, 'am 3. März' an ordinal, 'it costs 25.' the end of a sentence."""
    if not before.strip(" \t*_#>(-") or before.rstrip().endswith((":", "：")):
        return _NO
    following = _NEXT_WORD.match(window, end)
    if following is None:
        return end if known or _first_non_space(window, end) else _WAIT
    if following.end() == len(window) and not known:
        return _WAIT
    word = following.group(1)
    return _NO if word.islower() or word.casefold() in marks.AFTER_ORDINAL else end


def _is_a_label(before: str) -> bool:
    """'size M.' and '220 V.' may end a sentence; 'by J.' begins a name."""
    words = before.split()
    return bool(words) and (words[-1].casefold() in marks.BEFORE_LABEL or words[-1][-1].isdigit())


def _first_non_space(window: str, position: int) -> str:
    while position < len(window) and window[position].isspace():
        position += 1
    return window[position : position + 1]


def _past_closers(window: str, position: int) -> int:
    """Behind the closing quotes and brackets at `position`; a quote that would open one stays with what follows."""
    found = _CLOSERS.match(window, position)
    end = found.end() if found else position
    for index in range(position, end):
        character = window[index]
        if character in marks.EITHER_WAY and window.count(character, 0, position) % (4 if character == "*" else 2) == 0:
            return index
    return end


def _forced(window: str) -> int:
    """A cut for a sentence that does not end: at the last space or comma of its second half, else at the limit."""
    for index in range(LONGEST - 1, LONGEST // 2, -1):
        if _BREAKS.match(window, index):
            return index + 1
    return LONGEST
