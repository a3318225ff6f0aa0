"""Commerce over HTTP: products and orders of a shop without a system of its own, as tables."""

from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, UploadFile
from pydantic import BaseModel, Field

from xiaoer import stores
from xiaoer.desk import uploading
from xiaoer.knowledge.reading.problems import MEBIBYTE, Limits
from xiaoer.web.access import DeskPart, Merchant

router = APIRouter(prefix="/api/v1/commerce", tags=["commerce"])


class TakenOut(BaseModel):
    products: int = Field(description="Products saved.")
    orders: int = Field(description="Orders saved.")
    notes: list[str] = Field(description="Rows left out, each with its number and the reason.")


@router.post("/import")
async def import_table(
    caller: Merchant,
    desk: DeskPart,
    file: Annotated[UploadFile, File(description="A table of products or orders: CSV or Excel.")],
    kind: Annotated[
        Literal["products", "orders"] | None, Form(description="Refuse a table of the other kind; none: either.")
    ] = None,
    currency: Annotated[str, Form(pattern=r"^[A-Z]{3}$", description="Currency of its amounts, ISO 4217.")] = "CNY",
) -> TakenOut:
    """Save products or orders. The same table again brings everything up to date."""
    async with desk.database.sessions() as session:
        store = await stores.by_id(session, caller.store_id)
    taken = await uploading.upload(
        desk.database,
        desk.links,
        store,
        await file.read(),
        name=file.filename or "table.csv",
        kind=kind,
        currency=currency,
        limits=Limits(file_bytes=desk.settings.upload_megabytes * MEBIBYTE),
    )
    return TakenOut(products=taken.products, orders=taken.orders, notes=list(taken.notes))
