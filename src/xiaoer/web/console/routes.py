"""The console's pages and actions, put into the application."""

from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from xiaoer.web.console import actions, figures, inbox, live, people, signing
from xiaoer.web.console.access import SignInNeeded


def install(app: FastAPI) -> None:
    """Add everything under /console."""
    for part in (signing.router, inbox.router, actions.router, live.router, people.router, figures.router):
        app.include_router(part)
    app.add_exception_handler(SignInNeeded, _sign_in)


async def _sign_in(request: Request, _: Exception) -> Response:
    """A page leads to the sign-in and back; whoever is no page is told."""
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        after = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/console/sign-in?{urlencode({'next': after})}", 303)
    return JSONResponse({"error": "Unauthenticated", "detail": "Please sign in again."}, 401)
