"""What some shops' systems can do beyond goods and orders: visits, prices given back, rewards, ordering for a customer,
what they know of a product in words, and what a picture shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from xiaoer.commerce.money import Money
from xiaoer.commerce.values import Booking, Choice, Order, Picture, Piece, Product

Topic = Literal["installation", "repair", "materials", "gifts", "fault", "promotions", "payment"]
TOPICS: tuple[Topic, ...] = get_args(Topic)


@dataclass(frozen=True, kw_only=True)
class Permit:
    """What a write must carry.

    `key` makes a repeated call the same call. `version` is the order's as the customer saw it: any other raises
    `OrderChanged`. `customer` owns the order; None only where the server itself has checked by other means that the
    order is the caller's.
    """

    key: str
    version: str
    customer: str | None


class Further(Protocol):
    """The rest of `Commerce`; the same rules hold."""

    async def exchange_choices(self, order: Order, sku: str) -> list[Choice]:
        """What a piece of an order may be exchanged for, what cannot be had now too."""

    async def book_service(self, number: str, permit: Permit, *, booking: Booking) -> Order:
        """Send somebody to install, repair or inspect."""

    async def protect_price(self, number: str, permit: Permit, *, amount: Money) -> Order:
        """Give back what the price has fallen by since."""

    async def review_reward(self, order: Order) -> bool:
        """Whether a reward for a review of the order has been registered."""

    async def reward_review(self, number: str, permit: Permit, *, proof: str) -> Order:
        """Register the reward for a review; `proof` is the address of a picture that was checked."""

    async def place_order(self, permit: Permit, *, pieces: Sequence[Piece], payment: str) -> Order:
        """Order goods for `permit.customer`; `payment` in the words of the system. The version is not used."""

    async def balance(self, customer: str) -> Money:
        """What the customer has on their card or account with the shop."""

    async def note(self, topic: Topic, *, product_id: str = "", code: str = "", customer: str = "") -> str:
        """What the system says about a topic in its own words; empty when it says nothing."""

    async def compare(self, product_ids: Sequence[str]) -> list[Product]:
        """Several products in one answer; those that there are not are left out."""

    async def check_picture(self, url: str, *, wanted: str) -> Picture:
        """What a picture shows, and whether it shows `wanted`, such as `review`."""
