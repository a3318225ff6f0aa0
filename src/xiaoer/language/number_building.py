"""How a number grows from its words, one after another, until a word comes that cannot belong to it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

_TEN: Final = 10
_TWENTY: Final = 20
_HUNDRED: Final = 100
_SCORES: Final = (60, 80)
_ANY: Final = Decimal("Infinity")


@dataclass(frozen=True)
class Token:
    """A number word: its kind as in `data/number_words.toml` ("one", "place", "big" …) and its value."""

    kind: str
    value: Decimal


class Builder:
    """Takes words while they make one number: three hundred and five, but not two three."""

    def __init__(self, *, inverted: bool = False, twenties: bool = False, loose_tens: bool = False) -> None:
        """`inverted`: five and twenty; `twenties`: soixante-quinze; `loose_tens`: a ten may be followed at once."""
        self._inverted, self._twenties, self._loose_tens = inverted, twenties, loose_tens
        self._total = self._section = Decimal(0)
        self._pending: Decimal | None = None
        self._below_place = self._below_big = _ANY
        self._last: Token | None = None
        self._before_pending = Decimal(0)

    @property
    def value(self) -> Decimal:
        return self._total + self._section + (self._pending or 0)

    @property
    def begun(self) -> bool:
        return self._last is not None

    @property
    def after_tens(self) -> bool:
        """Whether the last word were tens."""
        return self._last is not None and self._last.value in (_TEN, _TWENTY)

    def take(self, token: Token, *, joined: bool = False) -> bool:
        """Add a word, if it can belong; `joined`: an 'and' stands before it."""
        if token.kind == "behind" and self._last is None:
            token = Token("half", token.value)
        ended = self._last.kind if self._last is not None and self._last.kind in ("dozen", "behind") else ""
        if ended and not (ended == "dozen" and (token.kind == "behind" or (token.kind == "half" and joined))):
            return False
        taken: bool = getattr(self, f"_{token.kind}")(token.value, joined)
        if taken:
            self._last = token
        return taken

    def shorten(self) -> None:
        """Take a last digit for tenths of the place before it: 一千二 is 1200."""
        if self._pending and self._pending < _TEN and self._before_pending >= _HUNDRED:
            self._pending = self._pending * self._before_pending / 10

    def _one(self, value: Decimal, joined: bool) -> bool:
        before = self._pending
        if before:
            if not self._goes_behind(value, before, joined):
                return False
            self._pending = before + value
            return True
        if value >= min(self._below_place, self._below_big):
            return False
        self._before_pending = self._last.value if self._last is not None and before is None else Decimal(0)
        self._pending = value
        return True

    def _goes_behind(self, value: Decimal, before: Decimal, joined: bool) -> bool:
        if before % _HUNDRED == 0:
            return value < _HUNDRED
        if before % _TEN == 0 and value < _TEN:
            return before >= _TWENTY or joined or self._loose_tens
        if self._twenties and before in _SCORES and value < _TWENTY:
            return True
        return self._inverted and joined and before < _TEN and value % _TEN == 0 and _TWENTY <= value < _HUNDRED

    def _tail(self, value: Decimal, _joined: bool) -> bool:
        """A word that stands only behind tens, also where their own word is left out: hai lăm is 25."""
        if self._last is None or self._last.kind not in ("one", "place"):
            return False
        if self.after_tens:
            self._section += value
            return True
        if self._pending is None or not 1 < self._pending < _TEN:
            return False
        self._pending = self._pending * _TEN + value
        return True

    def _teen(self, value: Decimal, joined: bool) -> bool:
        if self._pending is None or not 0 < self._pending < _TEN or joined:
            return self._one(value, joined)
        self._pending += value
        return True

    def _place(self, value: Decimal, _joined: bool) -> bool:
        count = self._pending
        if value >= min(self._below_place, self._below_big) or (count is not None and count >= value):
            return False
        self._section += (1 if count is None else count) * value
        self._pending, self._below_place = None, value
        return True

    def _big(self, value: Decimal, _joined: bool) -> bool:
        count = self._section + (self._pending or 0)
        if value < self._below_big:
            self._total += (count or 1) * value
        else:  # 万亿, mil millones: it multiplies all that stands
            self._total = ((self._total + count) or 1) * value
        self._section, self._pending = Decimal(0), None
        self._below_place, self._below_big = _ANY, value
        return True

    def _dozen(self, value: Decimal, _joined: bool) -> bool:
        self._total += ((self._section + (self._pending or 0)) or 1) * value
        self._section, self._pending = Decimal(0), None
        return True

    def _half(self, value: Decimal, joined: bool) -> bool:
        if self._last is None or (self._pending == 1 and not joined):  # une demi-douzaine
            self._pending = value
            return True
        if not joined:
            return False
        return self._behind(value, joined)

    def _behind(self, value: Decimal, _joined: bool) -> bool:
        """A half of what stands before it: 1 triệu rưỡi, a dozen and a half."""
        if self._last is not None and self._last.kind in ("place", "big", "dozen"):
            self._section += value * self._last.value
        else:
            self._pending = (self._pending or 0) + value
        return True
