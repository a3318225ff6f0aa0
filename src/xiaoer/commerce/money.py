"""Money: decimal amounts in one currency, rounded to what the currency has."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final, Self

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency

from xiaoer.errors import Invalid

MINOR_DIGITS: Final = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "OMR": 3, "TND": 3}
"""Digits after the point by ISO 4217; every currency not named has two."""
SIGNS: Final = {"CNY": "¥", "USD": "US$", "EUR": "€", "GBP": "£", "VND": "₫", "THB": "฿", "JPY": "JP¥", "KRW": "₩"}
FOREIGN_SIGNS: Final = {"CNY": "CN¥"}
"""As they are written where the sign alone is that of another currency."""
LARGEST: Final = Decimal("1e12")


class BadMoney(Invalid):
    """An amount that is no amount, or of another currency than it should be."""


@dataclass(frozen=True, order=True)
class Money:
    """An exact amount. Arithmetic between currencies raises `BadMoney`; nothing is ever a float."""

    amount: Decimal
    currency: str = "CNY"

    @classmethod
    def parse(cls, value: Any, currency: str = "CNY") -> Self:
        """Read `{"amount": "12.50", "currency": "CNY"}`, a string or an integer; raises `BadMoney`."""
        if isinstance(value, dict):
            currency = str(value.get("currency", currency))
            value = value.get("amount")
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise BadMoney(f"An amount must be a decimal text such as 12.50, not {value!r}.")
        try:
            amount = Decimal(value)
        except InvalidOperation as error:
            raise BadMoney(f"{value!r} is no amount of money.") from error
        if not amount.is_finite() or abs(amount) > LARGEST:
            raise BadMoney(f"{value!r} is no amount of money.")
        if len(currency) != 3 or not currency.isascii() or not currency.isalpha():  # noqa: PLR2004  # ISO 4217
            raise BadMoney(f"{currency!r} is no currency code such as CNY.")
        return cls(amount, currency.upper())

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(Decimal(0), currency)

    def rounded(self) -> "Money":
        """To the currency's smallest coin, halves away from zero, as shops do."""
        step = Decimal(1).scaleb(-MINOR_DIGITS.get(self.currency, 2))
        return Money(self.amount.quantize(step, ROUND_HALF_UP), self.currency)

    def as_json(self) -> dict[str, str]:
        return {"amount": format(self.rounded().amount, "f"), "currency": self.currency}

    def __str__(self) -> str:
        """`¥12.50`; currencies without a sign of their own by their code."""
        return self.written()

    def written(self, *, foreign: bool = False) -> str:
        """`¥12.50`; `foreign`: for a reader who may take that sign for yen, `CN¥12.50` as CLDR has it."""
        figure = format(self.rounded().amount, "f")
        sign = FOREIGN_SIGNS.get(self.currency) if foreign else None
        sign = sign or SIGNS.get(self.currency, f"{self.currency} ")
        return f"-{sign}{figure[1:]}" if figure.startswith("-") else f"{sign}{figure}"

    def written_in(self, language: str) -> str:
        """As the locale data of the language have it: `¥1,200.50` in Chinese, `1.200,50 CN¥` in German."""
        try:
            locale = Locale.parse(language.partition("-")[0])
        except (UnknownLocaleError, ValueError):
            locale = Locale("en")
        return format_currency(self.rounded().amount, self.currency, locale=locale, currency_digits=True)

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, factor: int | Decimal) -> "Money":
        return Money(self.amount * factor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def _same(self, other: "Money") -> None:
        if other.currency != self.currency:
            raise BadMoney(f"{other.currency} cannot be counted together with {self.currency}.")


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum, zero of `currency` when there is nothing."""
    return sum(amounts, Money.zero(currency))


def shares(amount: Money, weights: Iterable[Money]) -> list[Money]:
    """Divide an amount in proportion, to whole coins, so that the parts add up to it exactly.

    The largest-remainder method: https://en.wikipedia.org/wiki/Quota_method
    """
    weighed = [weight.amount for weight in weights]
    whole = sum(weighed)
    coin = Decimal(1).scaleb(-MINOR_DIGITS.get(amount.currency, 2))
    coins = int((amount.rounded().amount / coin).to_integral_value())
    if not whole:
        return [Money.zero(amount.currency) for _ in weighed]
    exact = [coins * weight / whole for weight in weighed]
    given = [int(part) for part in exact]
    order = sorted(range(len(exact)), key=lambda index: (given[index] - exact[index], index))
    for index in order[: coins - sum(given)]:
        given[index] += 1
    return [Money(coin * part, amount.currency).rounded() for part in given]
