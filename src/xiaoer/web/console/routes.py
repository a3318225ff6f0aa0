"""The console's pages and actions, put into the application."""

from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from xiaoer.desk.desk import Desk
from xiaoer.web.console import (
    account,
    actions,
    bulk,
    exporting,
    figures,
    helping,
    importing,
    inbox,
    knowledge,
    knowledge_trials,
    live,
    offers,
    orders,
    people,
    playground,
    prices,
    rules,
    settings,
    shop,
    signing,
    tickets,
    webhooks,
)
from xiaoer.web.console.access import SignInNeeded
from xiaoer.web.console.board import Boards

PARTS = (
    signing,
    inbox,
    bulk,
    exporting,
    orders,
    actions,
    live,
    people,
    account,
    settings,
    rules,
    shop,
    offers,
    playground,
    figures,
    prices,
    helping,
    knowledge_trials,
    importing,
    knowledge,
    tickets,
    webhooks,
)
"""In this order: fixed addresses before those with a part that varies."""


def install(app: FastAPI) -> None:
    """Add everything under /console."""
    for part in PARTS:
        app.include_router(part.router)
    desk: Desk = app.state.desk
    app.state.imports = importing.Imports(desk)
    app.state.boards = Boards(desk)
    app.state.shown_orders = orders.ShownOrders(desk)
    app.add_exception_handler(SignInNeeded, _sign_in)


async def _sign_in(request: Request, _: Exception) -> Response:
    """A page leads to the sign-in and back; whoever is no page is told."""
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        after = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/console/sign-in?{urlencode({'next': after})}", 303)
    return JSONResponse({"error": "Unauthenticated", "detail": "Please sign in again."}, 401)
