"""Where somebody asks to be reached: a phone number or an e-mail address in a message, checked as far as that goes."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Final

import phonenumbers
from babel.core import get_global
from babel.languages import get_official_languages
from phonenumbers import Leniency, PhoneNumberFormat, PhoneNumberMatch, PhoneNumberMatcher

from xiaoer.mail import ADDRESS
from xiaoer.patterns import lazy

READ: Final = 500
"""Characters of a message that are looked at."""
_MAIL = lazy(r"[A-Za-z0-9.!#$%&*+/=?^_{|}~-]{1,64}@[A-Za-z0-9.-]{0,190}")
_WHOLE_DOMAIN = lazy(r"(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}")
_ONLY_DIGITS = lazy(r"\+?[\d\s().-]{5,40}")
_FEWEST_DIGITS, _MOST_DIGITS = 5, 16
_BESIDE = 12
"""Characters beside half an address that still leave it what the message is about: 我的邮箱是 …, my e-mail: …"""


@dataclass(frozen=True)
class Contact:
    """What somebody left: an address, a number in international form (E.164), or both. `rest` is what else was said."""

    email: str | None = None
    phone: str | None = None
    rest: str = ""

    @property
    def shown(self) -> str:
        """As it is read back to who left it."""
        return " / ".join(filter(None, (self.email, shown_phone(self.phone) if self.phone else None)))


def contact_in(text: str, language: str, region: str) -> Contact | None:
    """The contact in a message; `region`: where the shop sells from. None where there is none that could be reached."""
    said = text[:READ]
    email = next(filter(_is_whole, _mails(said)), None)
    if email is not None:
        said = said.replace(email, " ")
    phone, said = _phone(said, _regions(language, region))
    return Contact(email, phone, said.strip()) if email or phone else None


def is_unfinished(text: str) -> bool:
    """Whether a message without a contact is nothing but the attempt to give one: digits alone, or half an address."""
    said = text.strip()
    digits = sum(character.isdigit() for character in said)
    if _ONLY_DIGITS.fullmatch(said):
        return _FEWEST_DIGITS <= digits <= _MOST_DIGITS
    half = _MAIL.search(said)
    return half is not None and len(said) - len(half.group()) <= _BESIDE


def shown_phone(phone: str) -> str:
    """A number in international form, with its spaces."""
    return phonenumbers.format_number(phonenumbers.parse(phone), PhoneNumberFormat.INTERNATIONAL)


def _mails(text: str) -> Iterator[str]:
    return (found.group().rstrip(".-") for found in _MAIL.finditer(text))


def _is_whole(address: str) -> bool:
    return bool(ADDRESS.fullmatch(address) and _WHOLE_DOMAIN.fullmatch(address.rpartition("@")[2]))


def _regions(language: str, region: str) -> list[str]:
    """The regions whose numbers a message may hold without saying so, the likeliest first: where the shop is, if its
    language is spoken there, else where most of its speakers live.
    """
    home, shop = _home(language), region.strip().upper()
    found = [shop, home] if language in get_official_languages(shop, de_facto=True) else [home, shop]
    return [each for each in dict.fromkeys(found) if each in phonenumbers.SUPPORTED_REGIONS]


@cache
def _home(language: str) -> str:
    """Where most speakers of a language live, by CLDR."""
    return str(get_global("likely_subtags").get(language, "")).rpartition("_")[2]


def _phone(text: str, regions: list[str]) -> tuple[str | None, str]:
    """The number that may be in use, and the text without it; of several countries' the one where it is written so."""
    found = [
        match
        for region in regions or (None,)  # with none, numbers that say their country themselves
        for match in islice(PhoneNumberMatcher(text, region, leniency=Leniency.VALID), 1)
    ]
    if not found:
        return None, text
    match = next(filter(_as_written, found), found[0])
    number = phonenumbers.format_number(match.number, PhoneNumberFormat.E164)
    return number, f"{text[: match.start]} {text[match.end :]}"


def _as_written(match: PhoneNumberMatch) -> bool:
    """Whether people in the number's own country write it so."""
    national = phonenumbers.format_number(match.number, PhoneNumberFormat.NATIONAL)
    return phonenumbers.normalize_digits_only(match.raw_string) == phonenumbers.normalize_digits_only(national)
