"""Where a customer is in the shop: the product of the page that the chat is on, or was opened from."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from xiaoer.conversations.thread import OnPage
from xiaoer.desk.desk import Desk
from xiaoer.knowledge.product_pages import LONGEST_ID, LONGEST_URL
from xiaoer.web.access import DeskPart, KeyHolder, LimitsPart

router = APIRouter(prefix="/api/v1", tags=["conversations"])


class PageIn(BaseModel):
    """The page the customer is on, by its product or its address; one of no product of the shop counts as none."""

    product_id: str | None = Field(None, max_length=LONGEST_ID, description="The shop's own id of the product.")
    url: str | None = Field(None, max_length=LONGEST_URL, description="Address of the page, or a link to the product.")


class PageOut(BaseModel):
    product_id: str | None = Field(description="None: the page is about no product, or about none of this shop.")
    title: str | None = Field(description="What the product is called, for showing what is asked about.")


@router.get("/page")
async def read_page(
    request: Request,
    caller: KeyHolder,
    desk: DeskPart,
    limits: LimitsPart,
    product_id: Annotated[str, Query(max_length=LONGEST_ID)] = "",
    url: Annotated[str, Query(max_length=LONGEST_URL)] = "",
) -> PageOut:
    """The product that a page is about, so that a chat can show what messages sent with that page are about."""
    if caller.kind == "publishable":
        address = request.client.host if request.client else "unknown"
        await limits.take("pages", address, desk.settings.conversations_per_minute * 10)
    product = await desk.knowledge.product_of_page(caller.store_id, product_id=product_id, url=url)
    if product is None:
        return PageOut(product_id=None, title=None)
    titles = await desk.knowledge.product_titles(caller.store_id, (product,))
    return PageOut(product_id=product, title=titles[product])


async def on_page(desk: Desk, store_id: uuid.UUID, page: PageIn | None) -> OnPage:
    """Where the customer is now, as it is stored: no page, or one of no product, is nowhere."""
    if page is None:
        return OnPage(None)
    found = await desk.knowledge.product_of_page(store_id, product_id=page.product_id or "", url=page.url or "")
    return OnPage(found)
