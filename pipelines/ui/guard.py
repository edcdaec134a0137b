"""An ASGI middleware that refuses requests of other web pages in the operator's browser.

Dagster's UI has no login, and a browser sends requests of any web page to 127.0.0.1. The guard checks the host (another
name can resolve to 127.0.0.1), the page that sends the request, and that a GET only reads.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, MutableMapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

READING = ("GET", "HEAD", "OPTIONS")
NOT_FRAMED = [(b"x-frame-options", b"SAMEORIGIN"), (b"content-security-policy", b"frame-ancestors 'self'")]
"""A page that shows the UI in a frame could make the operator click in it."""

DEFAULT_PORTS = {"http": 80, "https": 443}


@cache
def own_origins(port: int | None, proxy: str | None) -> frozenset[str]:
    """Return the origins of the UI on this port of the machine, and of the proxy."""
    local = [f"http://127.0.0.1:{port}", f"http://localhost:{port}"] if port else []
    return frozenset(map(_origin, [*local, *([proxy] if proxy else [])]))


class Guard:
    """Refuses requests of other web pages. Programs other than browsers send no origin and are allowed.

    `proxy`: the origin of a reverse proxy in front of the UI.
    """

    def __init__(self, app: App, proxy: str | None = None) -> None:
        self._app, self._proxy = app, proxy

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, _unframed(send))
        elif scope["type"] == "websocket":
            # The server answers 403 if a websocket is closed before it is accepted.
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": refusal})
        else:
            await _refuse(send, refusal)

    def _refusal(self, scope: Message) -> str | None:
        headers = [(name.lower(), value.decode("latin-1").strip()) for name, value in scope["headers"]]

        def all_of(name: bytes) -> list[str]:
            return [value for header, value in headers if header == name]

        origins = own_origins((scope.get("server") or (None, None))[1], self._proxy)
        hosts = all_of(b"host")
        if len(hosts) != 1 or not {_origin(f"{scheme}://{hosts[0]}") for scheme in DEFAULT_PORTS} & origins:
            return "unknown host name"
        reads = scope["type"] == "http" and scope["method"] in READING
        if reads:
            # `in`, because a route also matches a path that ends in a line break.
            executes = "/graphql" in scope["path"] and not _wants_page(all_of(b"accept"))
            return "send queries by POST: a GET only reads pages" if executes else None
        senders = all_of(b"origin") or all_of(b"referer")
        if not all(_origin(sender) in origins for sender in senders):
            return "request from another web page"
        if any(site not in ("same-origin", "none") for site in all_of(b"sec-fetch-site")):
            return "request from another web page"
        if scope["type"] == "http" and not _is_json(all_of(b"content-type")):
            # A browser lets another page send a form without a preflight request, but not JSON.
            return "expected JSON"
        return None


def _origin(url: str) -> str:
    """Return scheme, host and non-default port of a URL, or an empty text if it is not a URL."""
    try:
        parts = urlsplit(url)
        port = "" if parts.port in (None, DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.hostname}{port}" if parts.hostname and not parts.username else ""


def _wants_page(accepts: Collection[str]) -> bool:
    """Whether Dagster answers with its query page and executes no query."""
    return len(accepts) == 1 and all("text/html" in accept for accept in accepts)


def _is_json(content_types: Collection[str]) -> bool:
    return len(content_types) == 1 and all(
        kind.split(";")[0].strip().lower() == "application/json" for kind in content_types
    )


def _unframed(send: Send) -> Send:
    async def framed(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *NOT_FRAMED]
        await send(message)

    return framed


async def _refuse(send: Send, refusal: str) -> None:
    body = f"refused: {refusal}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
