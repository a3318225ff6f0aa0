"""What went wrong, as a page: for forms and addresses of the console that a person, not a script, asked for."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from xiaoer.errors import Conflict, Forbidden, Invalid, NotFound, XiaoerError
from xiaoer.web.console import access, render
from xiaoer.web.console.told import told

STATUS: tuple[tuple[type[XiaoerError], int], ...] = ((NotFound, 404), (Forbidden, 403), (Conflict, 409), (Invalid, 422))


class PageRoute(APIRoute):
    """A route whose failures a browser shows as a page with a way back; scripts get them as JSON."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except XiaoerError as error:
                status = next((status for kind, status in STATUS if isinstance(error, kind)), None)
                wants_page = "text/html" in request.headers.get("accept", "")
                if status is None or access.HEADER in request.headers or not wants_page:
                    raise
                return render.page(
                    request, "problem.html", status=status, detail=told(render.words_for(request), error.detail)
                )

        return handled
