"""Stores: one merchant's account here. Every other row belongs to one."""

import hashlib
import secrets
import uuid
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from xiaoer.db.record import Record, now
from xiaoer.errors import Invalid, NotFound

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Priority = Literal["urgent", "high", "normal", "low"]
DangerKind = Literal[
    "self_harm", "swallowed", "gas", "fire", "smoke", "shock", "battery", "allergy", "poisoning", "burn", "injury"
]
"""What a customer may be in danger of."""
KeyKind = Literal["publishable", "secret"]
PREFIXES: dict[KeyKind, str] = {"publishable": "pk_", "secret": "sk_"}


PROMPT_SETTINGS = frozenset(
    {"instructions", "temperature", "top_p", "max_tokens", "frequency_penalty", "presence_penalty"}
)
"""What of a profile is tried and published together: what the model is told, and how it generates."""


class UnknownStore(NotFound):
    """No store of that name."""


class UnknownKey(NotFound):
    """The store has no such key in force."""


class ToolRule(BaseModel):
    """What a shop allows the assistant to do with one tool; what is left out has no limit."""

    model_config = ConfigDict(extra="forbid")

    on: bool = Field(True, description="Whether the tool is offered at all.")
    largest: Decimal | None = Field(None, ge=0, description="Largest amount of an order it may change.")
    per_day: int | None = Field(None, ge=0, description="How often the store lets it change something in 24 hours.")
    states: list[str] | None = Field(None, description="States of an order in which it may be used.")


class Sum(BaseModel):
    """An amount of money."""

    model_config = ConfigDict(extra="forbid")

    amount: Decimal = Field(ge=0, max_digits=14, decimal_places=3)
    currency: str = Field("CNY", pattern=r"^[A-Z]{3}$", description="ISO code.")


class ShippingFee(BaseModel):
    """What sending to a place costs; of a shop's fees the first that covers the place holds."""

    model_config = ConfigDict(extra="forbid")

    country: str = Field("*", pattern=r"^([A-Z]{2}|\*)$", description="ISO code of a country; *: any other.")
    regions: list[Annotated[str, Field(min_length=1, max_length=60)]] = Field(
        default_factory=list, max_length=100, description="Beginnings of names of its regions; none: all of it."
    )
    fee: Sum
    free_from: Sum | None = Field(None, description="From what the goods must cost to be sent free.")


class Costs(BaseModel):
    """What the shop's desk costs, for the figures; what is left at zero is told as unknown."""

    model_config = ConfigDict(extra="forbid")

    currency: str = Field("CNY", pattern=r"^[A-Z]{3}$", description="ISO code of every price here.")
    prompt_tokens: Decimal = Field(Decimal(0), ge=0, description="Price of a million tokens read by the model.")
    completion_tokens: Decimal = Field(Decimal(0), ge=0, description="Price of a million tokens written by the model.")
    staff_hour: Decimal = Field(Decimal(0), ge=0, description="Cost of an hour of staff.")
    paid_resolution: Decimal = Field(Decimal(0), ge=0, description="What a paid service takes per resolution.")
    paid_source: str = Field("", max_length=200, description="Where and when that price was read.")


class ModeRule(BaseModel):
    """A shop's own rule of how much the model may think about a message; the first that matches holds."""

    model_config = ConfigDict(extra="forbid")

    words: list[str] = Field(description="The rule matches a message that holds one of these, in any case.")
    mode: Literal["fast", "thinking"] = Field("thinking", description="How such messages are answered.")
    note: str = Field("", max_length=200, description="Why, for whoever reads the record of a turn.")


class Thinking(BaseModel):
    """When a model that can think does so before it answers, and how long it may take."""

    model_config = ConfigDict(extra="forbid")

    mode: Literal["auto", "fast", "thinking"] = Field("auto", description="auto decides for each message by rules.")
    rules: list[ModeRule] = Field(default_factory=list, description="The shop's own rules, before the built-in ones.")
    longest_fast: int = Field(240, ge=20, le=4000, description="Characters; a longer message is thought about.")
    fast_seconds: float = Field(25, ge=1, le=110, description="Seconds the model may take without thinking.")
    thinking_seconds: float = Field(60, ge=1, le=110, description="Seconds the model may take with thinking.")
    thinking_tokens: int = Field(1024, ge=16, le=16000, description="Tokens it may think.")


class Profile(BaseModel):
    """What a shopkeeper sets about the shop while it runs; texts per language are keyed by language code."""

    model_config = ConfigDict(extra="forbid")

    name: dict[str, str] = Field(default_factory=dict, description="The shop's name per language.")
    locales: list[str] = Field(default=["zh", "en"], description="Languages of the shop's texts, the main one first.")
    region: str = Field("CN", description="Where the shop sells from.")
    timezone: str = Field("Asia/Shanghai", description="IANA time zone of hours and dates.")
    hours: str = Field("", description="When people answer, such as 09:00-21:00.")
    weekdays: list[Weekday] = Field(default=list(WEEKDAYS), description="Days of the week on which people answer.")
    holidays: list[date] = Field(default_factory=list, description="Dates on which nobody answers.")
    workdays: list[date] = Field(
        default_factory=list, description="Dates on which people answer although weekday or holiday says otherwise."
    )
    ticket_minutes: dict[Priority, Annotated[int, Field(ge=1, le=525_600)]] = Field(
        default_factory=dict, description="Open minutes within which a ticket is answered, by priority."
    )
    costs: Costs = Field(default_factory=Costs, description="Prices for the figures.")
    tone: str = Field("", description="How answers should sound.")
    scope: str = Field("", description="What the shop answers about.")
    facts: list[str] = Field(
        default_factory=list, description="Short statements that always hold and may be given out."
    )
    glossary: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description="Names that a translation keeps, each with what it is called in other languages.",
    )
    accent: str = Field("#1f6feb", pattern=r"^#[0-9a-fA-F]{6}$", description="The one colour of the chat.")
    logo_url: str | None = Field(None, description="A picture of the shop.")
    greeting: dict[str, str] = Field(default_factory=dict, description="First line of a chat per language.")
    opening_questions: dict[str, list[str]] = Field(default_factory=dict, description="Quick replies per language.")
    answer_characters: int = Field(150, ge=20, le=2000, description="How long an answer should be at most.")
    temperature: float = Field(0.2, ge=0, le=2, description="Sampling temperature of the model.")
    top_p: float = Field(0.9, gt=0, le=1, description="Nucleus sampling of the model.")
    repetition_penalty: float = Field(1.05, ge=0.5, le=2, description="Penalty on repeated tokens.")
    max_tokens: int = Field(300, ge=16, le=4000, description="Tokens an answer may take.")
    frequency_penalty: float = Field(0.0, ge=-2, le=2, description="Penalty on tokens by how often they came.")
    presence_penalty: float = Field(0.0, ge=-2, le=2, description="Penalty on tokens that came at all.")
    instructions: dict[str, str] = Field(
        default_factory=dict, description="What the model is told per language, in place of the built-in rules."
    )
    assignment: Literal["manual", "load", "round_robin"] = Field(
        "manual", description="Whom a conversation that waits is offered to, among those who are there."
    )
    while_waiting: Literal["answer", "silence"] = Field(
        "answer",
        description="What the assistant does while a customer waits for a person: answer new questions, or not.",
    )
    escalate_minutes: int = Field(
        10, ge=0, le=1440, description="Minutes after which who waits is escalated; 0: never."
    )
    handoff_words: list[str] = Field(default_factory=list, description="Words at which a person takes over at once.")
    handoff_words_off: list[str] = Field(
        default_factory=list, description="Built-in words of law, press or danger that bring nobody in this shop."
    )
    safety: dict[DangerKind, dict[str, str]] = Field(
        default_factory=dict,
        description="What a customer in danger is told at once, by kind and language, in place of the built-in text.",
    )
    handoff_repeats: int = Field(
        0,
        ge=0,
        le=20,
        description="Earlier conversations on the same matter within 72 hours that bring a person; 0: off.",
    )
    handoff_amount: Decimal | None = Field(None, ge=0, description="A sum in a message from which on a person answers.")
    handoff_vip: list[str] = Field(
        default_factory=list, description="Customers who get a person at once: their number, or fact=value."
    )
    tools: dict[str, ToolRule] = Field(default_factory=dict, description="Switches and caps of tools by their name.")
    file_days: int = Field(
        0, ge=0, le=3650, description="Days after which files of a closed conversation are erased; 0: never."
    )
    mail_codes: bool = Field(
        True, description="Whether an order may be shown by a code sent to its e-mail address, where there is a mailer."
    )
    shipping: list[ShippingFee] = Field(
        default_factory=list, max_length=300, description="Shipping fees by place, also for linked shops."
    )
    thinking: Thinking = Field(default_factory=Thinking, description="Fast or thinking, by message.")
    model_tools: Literal["auto", "on", "off"] = Field(
        "auto", description="Whether the model may call tools; auto: models that do it well, see docs/tools.md."
    )

    def name_in(self, language: str) -> str:
        """The shop's name in `language`, or in the main one."""
        known = (self.name.get(each) for each in (language, *self.locales))
        return next(filter(None, known), None) or next(iter(self.name.values()), "")

    @property
    def prompt_settings(self) -> dict[str, Any]:
        """The `PROMPT_SETTINGS` in force, with every one present."""
        return self.model_dump(mode="json", include=set(PROMPT_SETTINGS))


class Store(Record):
    """One merchant's account."""

    __tablename__ = "stores"

    slug: Mapped[str] = mapped_column(unique=True)
    settings: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    knowledge_revision: Mapped[int] = mapped_column(server_default="0")

    @property
    def profile(self) -> Profile:
        return Profile.model_validate(self.settings)


class StoreKey(Record):
    """A key to one store: publishable ones may stand in a web page, secret ones act for the merchant."""

    __tablename__ = "store_keys"
    __table_args__ = (CheckConstraint("kind in ('publishable', 'secret')", name="kind"),)

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"), index=True)
    kind: Mapped[KeyKind] = mapped_column(sa.Text)
    digest: Mapped[str] = mapped_column(unique=True)
    shown: Mapped[str]
    revoked_at: Mapped[datetime | None]


def digest(token: str) -> str:
    """What is stored of a token: SHA-256, since tokens are long and random."""
    return hashlib.sha256(token.encode()).hexdigest()


async def create(session: AsyncSession, slug: str, settings: Mapping[str, Any]) -> Store:
    """Make a store; raises `Invalid` naming the first wrong setting."""
    store = Store(slug=slug, settings=checked(settings))
    session.add(store)
    await session.flush()  # its id is asked for by whoever makes keys and articles in the same transaction
    return store


def checked(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as stored, or `Invalid` with the field and what is wrong with it."""
    try:
        return Profile.model_validate(settings).model_dump(mode="json", exclude_unset=True)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise Invalid(f"Setting {field}: {first['msg']}.") from error


async def by_slug(session: AsyncSession, slug: str) -> Store:
    store = await session.scalar(sa.select(Store).where(Store.slug == slug))
    if store is None:
        raise UnknownStore(f"There is no store named {slug!r}.")
    return store


async def meant(session: AsyncSession, slug: str | None) -> Store:
    """The store of that name; without one the only store. Raises `UnknownStore` with the names there are."""
    if slug is not None:
        return await by_slug(session, slug)
    found = await every(session)
    if len(found) != 1:
        names = ", ".join(each.slug for each in found) or "none yet; `xiaoer run` makes the demo store"
        raise UnknownStore(f"Say which store with --store: {names}.")
    return found[0]


async def by_id(session: AsyncSession, store_id: uuid.UUID) -> Store:
    store = await session.get(Store, store_id)
    if store is None:
        raise UnknownStore("This store does not exist.")
    return store


async def change(session: AsyncSession, store_id: uuid.UUID, settings: Mapping[str, Any]) -> None:
    """Change some settings of a store and keep the others; raises `Invalid`."""
    store = await session.get_one(Store, store_id, with_for_update=True)
    store.settings = checked({**store.settings, **settings})


async def patch(session: AsyncSession, store_id: uuid.UUID, settings: Mapping[str, Any]) -> Store:
    """Merge settings into a store's, see `merged`; raises `Invalid`."""
    store = await session.get_one(Store, store_id, with_for_update=True)
    store.settings = checked(merged(store.settings, settings))
    return store


def merged(settings: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with a JSON merge patch (RFC 7396): objects are merged, null takes away, the rest replaces."""
    result = dict(settings)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping):
            before = result.get(name)
            result[name] = merged(before if isinstance(before, Mapping) else {}, value)
        else:
            result[name] = value
    return result


async def every(session: AsyncSession) -> list[Store]:
    return list(await session.scalars(sa.select(Store).order_by(Store.created_at)))


async def issue_key(session: AsyncSession, store_id: uuid.UUID, kind: KeyKind) -> str:
    """Make a key and return it; a secret one can be read this once only."""
    token = PREFIXES[kind] + secrets.token_urlsafe(24)
    shown = token if kind == "publishable" else f"{token[:7]}…"
    session.add(StoreKey(store_id=store_id, kind=kind, digest=digest(token), shown=shown))
    return token


async def publishable_key(session: AsyncSession, store_id: uuid.UUID) -> str:
    """The store's publishable key, made if it has none."""
    query = sa.select(StoreKey.shown).where(
        StoreKey.store_id == store_id, StoreKey.kind == "publishable", StoreKey.revoked_at.is_(None)
    )
    found = await session.scalar(query.order_by(StoreKey.created_at).limit(1))
    return found or await issue_key(session, store_id, "publishable")


async def keys(session: AsyncSession, store_id: uuid.UUID) -> list[StoreKey]:
    """The store's keys in force, oldest first. Of a secret one only its beginning is known."""
    query = sa.select(StoreKey).where(StoreKey.store_id == store_id, StoreKey.revoked_at.is_(None))
    return list(await session.scalars(query.order_by(StoreKey.created_at)))


async def revoke_key(session: AsyncSession, store_id: uuid.UUID, key_id: uuid.UUID) -> None:
    """Nobody gets in with this key any more; raises `UnknownKey`."""
    key = await session.scalar(
        sa.select(StoreKey).where(StoreKey.store_id == store_id, StoreKey.id == key_id, StoreKey.revoked_at.is_(None))
    )
    if key is None:
        raise UnknownKey("This key is not in force any more.")
    key.revoked_at = now()


async def key_of(session: AsyncSession, token: str) -> StoreKey | None:
    """The key behind a bearer token, unless it is unknown or revoked."""
    query = sa.select(StoreKey).where(StoreKey.digest == digest(token), StoreKey.revoked_at.is_(None))
    return await session.scalar(query)
