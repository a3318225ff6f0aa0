"""How a shop's HTTP API is used: which operation serves which method of `Commerce`, and where its answers stand.

Chosen by the merchant from an imported document and checked against it, so that a wrong name is told at once and not to
a customer later.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from xiaoer.commerce.commerce import WRITES, Ability
from xiaoer.commerce.openapi import ApiDocument, Operation
from xiaoer.commerce.values import OrderState, ShipmentState
from xiaoer.errors import Invalid
from xiaoer.patterns import lazy

PLACE: Final = lazy(r"\{([a-z_]+(?:\.[a-z_]+)*)\}")
_ORDER = frozenset({"number", "id", "customer"})
_WRITE = _ORDER | {
    "key", "version", "reason", "order.phone", "order.recipient", "order.payment", "order.total",
}  # fmt: skip
_NOTE = frozenset({"product_id", "code", "customer"})
KNOWN: Final[Mapping[Ability, frozenset[str]]] = {
    "search_products": frozenset({"text", "limit"}),
    "product": frozenset({"product_id"}),
    "stock": frozenset({"sku"}),
    "orders": frozenset({"customer", "limit"}),
    "order": frozenset({"number", "customer"}),
    "shipments": _ORDER,
    "buyer": frozenset({"customer"}),
    "cancel_order": _WRITE,
    "change_address": _WRITE | {f"address.{part}" for part in (
        "recipient", "phone", "street", "city", "region", "country", "postcode", "line",
    )},
    "urge_shipment": _WRITE,
    "request_return": _WRITE | {"pieces", "sku", "quantity"},
    "request_exchange": _WRITE | {"sku", "quantity", "wanted_sku"},
    "exchange_choices": _ORDER | {"sku"},
    "book_service": _WRITE | {f"booking.{part}" for part in ("kind", "day", "name", "phone")},
    "protect_price": _WRITE | {"amount"},
    "review_reward": _ORDER,
    "reward_review": _WRITE | {"proof"},
    "place_order": frozenset({"customer", "key", "payment", "pieces", "sku", "quantity"}),
    "balance": frozenset({"customer"}),
    "check_picture": frozenset({"url", "wanted"}),
    "compare": frozenset({"products"}),
    "note_installation": _NOTE, "note_repair": _NOTE, "note_materials": _NOTE, "note_gifts": _NOTE,
    "note_fault": _NOTE, "note_promotions": _NOTE, "note_payment": _NOTE,
    "request_invoice": _WRITE | {f"title.{part}" for part in ("title", "kind", "tax_number", "email")},
}  # fmt: skip
"""What each method knows and may send, as `{name}`."""
_ORDER_FIELDS = frozenset({"number", "customer", "state", "total", "placed_at"})
NEEDED: Final[Mapping[Ability, frozenset[str]]] = {
    "search_products": frozenset({"id", "name"}),
    "product": frozenset({"id", "name"}),
    "stock": frozenset({"sku", "price"}),
    "orders": _ORDER_FIELDS,
    "order": _ORDER_FIELDS,
    "shipments": frozenset({"state", "number"}),
    "buyer": frozenset({"id"}),
    "exchange_choices": frozenset({"sku", "name"}),
    "review_reward": frozenset({"registered"}),
    "place_order": frozenset({"number"}),
    "balance": frozenset({"amount"}),
    "check_picture": frozenset({"fits"}),
    "compare": frozenset({"id", "name"}),
    "note_installation": frozenset({"text"}), "note_repair": frozenset({"text"}),
    "note_materials": frozenset({"text"}), "note_gifts": frozenset({"text"}), "note_fault": frozenset({"text"}),
    "note_promotions": frozenset({"text"}), "note_payment": frozenset({"text"}),
}  # fmt: skip
"""Fields without which a record tells nothing; without `customer` nobody could know whose an order is."""


class BadLink(Invalid):
    """How the API is to be used does not fit the API; the message names the place."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Page(_Strict):
    """How the next page is asked for: by its number, by how many came before, or by what the last page names."""

    by: Literal["page", "offset", "cursor"]
    parameter: str
    first: int = 1
    size_parameter: str | None = None
    size: int = Field(50, ge=1, le=500)
    next: str = Field("", description="Where the answer names the next page; for a cursor.")


class Then(_Strict):
    """A further operation that belongs to a change, such as paying back to a card: sent when the change was made."""

    operation: Operation
    send: dict[str, Any] = Field(default_factory=dict)
    when: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Only if each of these names has one of the values."
    )
    each: bool = Field(False, description="Once for each of the pieces, whose {sku} and {quantity} are known.")
    ok: str = ""
    ok_values: tuple[str, ...] = ("0", "200", "true", "success", "ok")


class Use(_Strict):
    """One method served by one operation. Paths are field names joined by dots; numbers count in lists from 0."""

    operation: Operation
    send: dict[str, Any] = Field(
        default_factory=dict, description="Each parameter (dotted: inside the body) with its text, holding {names}."
    )
    records: str = Field("", description="Where the record, or the list of them, stands.")
    fields: dict[str, str] = Field(default_factory=dict, description="Where each of our fields stands in a record.")
    ok: str = Field("", description="Where the answer says how it went, if not by the HTTP status alone.")
    ok_values: tuple[str, ...] = Field(
        ("0", "200", "true", "success", "ok"), description="What it says when all went well."
    )
    missing_values: tuple[str, ...] = Field((), description="What it says when there is no such thing.")
    conflict_values: tuple[str, ...] = Field((), description="What it says when the change is not possible now.")
    page: Page | None = None
    piece: dict[str, str] = Field(
        default_factory=dict, description="What {pieces} call our `sku` and `quantity` where they are sent."
    )
    detail: bool = Field(False, description="Records of “orders” only name orders: each is read by “order”.")
    then: tuple[Then, ...] = Field((), description="Operations that belong to this change, in order.")


class HttpSettings(_Strict):
    """All of it. The secret is not here: it is sealed beside."""

    base_url: str
    uses: dict[Ability, Use]
    auth_header: str = Field("Authorization", pattern=r"^[A-Za-z0-9-]{1,60}$")
    auth_prefix: str = Field("Bearer ", max_length=40, pattern=r"^[\x20-\x7e]*$")
    currency: str = Field("CNY", pattern=r"^[A-Z]{3}$")
    amounts: Literal["major", "minor"] = Field("major", description="Whether 1999 means 1999 yuan or 19.99.")
    language: str = Field("zh", description="Language of its texts.")
    timezone: str = Field("Asia/Shanghai", description="Of moments without one.")
    states: dict[str, OrderState] = Field(default_factory=dict, description="Its words for our states of orders.")
    shipment_states: dict[str, ShipmentState] = Field(default_factory=dict)
    words: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="Its words for ours in what is sent, by name, such as booking.kind."
    )
    payments: tuple[str, ...] = Field((), description="Ways to pay it knows for orders placed here.")
    prepaid: tuple[str, ...] = Field((), description="Those of them that are paid from the customer's balance.")
    allow: dict[Ability, tuple[OrderState, ...]] = Field(
        default_factory=dict, description="States of an order in which it allows a change, if not the usual ones."
    )
    timeout: float = Field(8.0, gt=0, le=30)

    @field_validator("timezone")
    @classmethod
    def _zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            message = "is no time zone such as Asia/Shanghai"
            raise ValueError(message) from error
        return name


def link(document: ApiDocument, choices: Mapping[str, Any]) -> HttpSettings:
    """Check a merchant's choices against the document. Each use names its operation by id; raises `BadLink`."""
    uses: dict[str, Any] = {}
    given = choices.get("uses")
    if not isinstance(given, Mapping) or not given:
        raise BadLink("Choose at least one operation: “uses” is empty.")
    for ability, use in given.items():
        named = use.get("operation") if isinstance(use, Mapping) else None
        if ability not in KNOWN:
            raise BadLink(f"{ability!r} is no method that an API can serve. There are: {', '.join(KNOWN)}.")
        if not isinstance(named, str) or named not in document.operations:
            raise BadLink(f"{ability}: the document has no operation {named!r}.")
        uses[ability] = {**use, "operation": document.operations[named], "then": _then(document, ability, use)}
    base_url = choices.get("base_url") or next(iter(document.servers), "")
    try:
        settings = HttpSettings.model_validate({**choices, "uses": uses, "base_url": base_url})
    except ValidationError as error:
        first = error.errors()[0]
        raise BadLink(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}.") from error
    for name, chosen in settings.uses.items():
        _check(name, chosen)
    if (WRITES | {"shipments"}) & settings.uses.keys() and "order" not in settings.uses:
        raise BadLink("Orders are read before they are changed or traced: choose an operation for “order” too.")
    return settings


def _then(document: ApiDocument, ability: str, use: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The operations that follow a change, by their names in the document."""
    following = []
    for each in use.get("then", ()):
        named = each.get("operation") if isinstance(each, Mapping) else None
        if not isinstance(named, str) or named not in document.operations:
            raise BadLink(f"{ability}: the document has no operation {named!r}.")
        following.append({**each, "operation": document.operations[named]})
    return following


def _check(ability: Ability, use: Use) -> None:
    operation = use.operation
    if use.then and ability not in WRITES:
        raise BadLink(f"{ability}: only a change can have operations that belong to it (“then”).")
    for each in use.then:
        if each.operation.reads:
            raise BadLink(f"{ability}: {each.operation.id} only reads (GET).")
        _check_sent(ability, Use(operation=each.operation, send=each.send))
    if ability in WRITES and operation.reads:
        raise BadLink(f"{ability}: {operation.id} only reads (GET).")
    if ability not in WRITES and operation.method in ("DELETE", "PUT", "PATCH"):
        raise BadLink(f"{ability}: {operation.id} changes something ({operation.method}); this method only reads.")
    needed = frozenset({"number"}) if use.detail else NEEDED.get(ability, frozenset())
    if missing := needed - use.fields.keys():
        raise BadLink(f"{ability}: say where {', '.join(sorted(missing))} stands in a record.")
    _check_sent(ability, use)


def _check_sent(ability: Ability, use: Use) -> None:
    operation = use.operation
    takes = {parameter.name for parameter in operation.parameters}
    for name, text in use.send.items():
        if name not in takes and name.split(".")[0] not in takes:
            raise BadLink(f"{ability}: {operation.id} takes no {name!r}. It takes: {', '.join(takes) or 'nothing'}.")
        for place in PLACE.findall(text) if isinstance(text, str) else ():
            if place not in KNOWN[ability] | ({"sku", "quantity"} if ability in WRITES else set()):
                known = ", ".join(sorted(KNOWN[ability]))
                raise BadLink(f"{ability}: {{{place}}} is not known here. Known: {known}.")
    paging = {use.page.parameter, use.page.size_parameter} - {None} if use.page else set()
    if strange := paging - takes:
        raise BadLink(f"{ability}: {operation.id} takes no {', '.join(map(repr, strange))} for its pages.")
    sent = {name.split(".")[0] for name in use.send} | paging
    for parameter in operation.parameters:
        if parameter.required and parameter.name not in sent | set(use.send):
            raise BadLink(f"{ability}: {operation.id} needs {parameter.name!r}. Say what to send as it.")
