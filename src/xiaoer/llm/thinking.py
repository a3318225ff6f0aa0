"""Keeps what a model thinks apart from what it says, however the stream is cut into pieces.

The separator is a small state machine. Where the chat template opens the thinking itself, only the closing tag is in
the stream: such a stream starts inside the thinking, and when it ends without a closing tag nothing of it was said.
Where it is not known whether the template does, nothing is let out until a tag or a proper end tells.
"""

import string
from typing import Final, Literal

from xiaoer.llm.messages import TextDelta, ThinkingDelta

Tags = tuple[tuple[str, str], ...]
State = Literal["outside", "inside", "unsure"]
Piece = TextDelta | ThinkingDelta

THINK: Final[Tags] = (("<think>", "</think>"), ("<thinking>", "</thinking>"))
LOWER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
"""`str.lower` may change the length of a text, and with it the place of a tag."""
LONE_BRACKET: Final = 1
"""A text may end with the first character of a tag ("<"); a longer beginning is a tag that was cut off."""


class Separator:
    """Feed it the deltas of one answer in order, then flush it once."""

    def __init__(self, tags: Tags = THINK, *, starts: State = "outside") -> None:
        self._tags = tuple((opening.translate(LOWER), closing.translate(LOWER)) for opening, closing in tags)
        self._state: State = starts
        self._held = ""
        self._said = False
        self.closed_unopened = False
        """A closing tag came that nobody opened: this model's template opens the thinking itself."""

    def feed(self, delta: str) -> list[Piece]:
        """Return what the delta settles; the possible beginning of a tag is held back."""
        self._held += delta
        pieces: list[Piece] = []
        while (found := self._next_tag()) is not None:
            start, tag, opens = found
            if not opens and self._state != "inside":
                self.closed_unopened = True
            self._emit(self._held[:start], pieces, thought=self._state == "inside" or self._is_late_close(opens))
            self._held = self._held[start + len(tag) :]
            self._state = "inside" if opens else "outside"
        if self._state != "unsure":
            settled = len(self._held) - self._possible_tag_length()
            self._emit(self._held[:settled], pieces, thought=self._state == "inside")
            self._held = self._held[settled:]
        return pieces

    def flush(self, *, complete: bool = True) -> list[Piece]:
        """Return what is left at the end of the stream; the beginning of a tag is dropped.

        `complete` says that the model ended by itself: only then what was unsure counts as said.
        """
        pieces: list[Piece] = []
        thought = self._state == "inside" or (self._state == "unsure" and not complete)
        tag_length = 0 if thought else self._possible_tag_length()
        if tag_length > LONE_BRACKET:
            self._held = self._held[:-tag_length]
        self._emit(self._held, pieces, thought=thought)
        self._held = ""
        return pieces

    def server_separates(self) -> list[Piece]:
        """The server sends thinking in a field of its own, so what comes as text is text."""
        if self._state == "unsure" or (self._state == "inside" and not self._held):
            self._state = "outside"
        return self.feed("")

    def _is_late_close(self, opens: bool) -> bool:
        return self._state == "unsure" and not opens

    def _next_tag(self) -> tuple[int, str, bool] | None:
        lowered = self._held.translate(LOWER)
        found = [
            (start, tag, opens)
            for opening, closing in self._tags
            for tag, opens in ((opening, True), (closing, False))
            if (start := lowered.find(tag)) >= 0
        ]
        return min(found) if found else None

    def _possible_tag_length(self) -> int:
        lowered = self._held.translate(LOWER)
        longest = max(len(tag) for pair in self._tags for tag in pair) - 1
        for length in range(min(longest, len(lowered)), 0, -1):
            if any(tag.startswith(lowered[-length:]) for pair in self._tags for tag in pair):
                return length
        return 0

    def _emit(self, text: str, pieces: list[Piece], *, thought: bool) -> None:
        if thought:
            if text:
                pieces.append(ThinkingDelta(text))
            return
        if not self._said:
            text = text.lstrip()
        if text:
            self._said = True
            pieces.append(TextDelta(text))
