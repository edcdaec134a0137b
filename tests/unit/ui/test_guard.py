"""Requests of Dagster's own pages and of programs reach Dagster. Requests of other web pages do not."""

import asyncio

import pytest

from pipelines.ui.guard import Guard

HOST, OWN, FOREIGN = "127.0.0.1:3000", "http://127.0.0.1:3000", "https://evil.example"
JSON = {"content-type": "application/json"}
HTML = {"accept": "text/html,*/*"}
WEBSOCKET = "websocket"


def answers(method, path="/graphql", headers=(), proxy=None, port=3000):
    """The messages that the guard sends, or `passed` where the request reaches the app."""
    sent = []

    async def app(*_):
        sent.append("passed")

    async def receive():
        return {}

    async def send(message):
        sent.append(message)

    listed = list(headers.items()) if isinstance(headers, dict) else list(headers)
    scope = {
        "type": "websocket" if method == WEBSOCKET else "http",
        "method": method,
        "path": path,
        "server": ("127.0.0.1", port),
        "headers": [(name.encode(), value.encode()) for name, value in listed],
    }
    asyncio.run(Guard(app, proxy)(scope, receive, send))
    return sent


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", {"host": HOST} | HTML),
        ("GET", "/", {"host": HOST, "sec-fetch-site": "cross-site", "referer": FOREIGN} | HTML),
        ("GET", "/runs/1", {"host": "LOCALHOST:3000"}),
        ("GET", "/graphql", {"host": HOST} | HTML),
        ("POST", "/graphql", {"host": HOST, "origin": OWN, "sec-fetch-site": "same-origin"} | JSON),
        ("POST", "/graphql", {"host": HOST, "referer": f"{OWN}/runs"} | JSON),
        ("POST", "/graphql", {"host": HOST, "content-type": "application/json; charset=utf-8"}),
        (WEBSOCKET, "/graphql", {"host": HOST, "origin": OWN}),
        (WEBSOCKET, "/graphql", {"host": "localhost:3000", "origin": "http://localhost:3000"}),
    ],
)
def test_the_uis_own_pages_and_programs_are_answered(method, path, headers):
    assert answers(method, path, headers) == ["passed"]


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/graphql", {"host": HOST}),
        ("GET", "/graphql/", {"host": HOST, "accept": "*/*"}),
        ("GET", "/graphql\n", {"host": HOST}),
        ("GET", "/graphql", [("host", HOST), ("accept", "*/*"), ("accept", "text/html")]),
        ("HEAD", "/graphql", {"host": HOST}),
        ("GET", "/", {"host": "evil.example:3000"} | HTML),
        ("GET", "/", {"host": "127.0.0.1:3001"} | HTML),
        ("GET", "/", {"host": "127.0.0.1"} | HTML),
        ("GET", "/", {"host": "127.0.0.1:3000@evil.example"} | HTML),
        ("GET", "/", {"host": "user@127.0.0.1:3000"} | HTML),
        ("GET", "/", {"host": "127.0.0.1:x"} | HTML),
        ("GET", "/", HTML),
        ("GET", "/", [("host", HOST), ("host", "evil.example")]),
        ("POST", "/graphql", {"host": "evil.example:3000", "origin": "http://evil.example:3000"} | JSON),
        ("POST", "/graphql", {"host": HOST, "origin": FOREIGN} | JSON),
        ("POST", "/graphql", {"host": HOST, "origin": "null"} | JSON),
        ("POST", "/graphql", {"host": HOST, "origin": "http://127.0.0.1:8080"} | JSON),
        ("POST", "/graphql", {"host": HOST, "origin": "https://127.0.0.1:3000"} | JSON),
        ("POST", "/graphql", {"host": HOST, "origin": "http://127.0.0.1:3000.evil.example"} | JSON),
        ("POST", "/graphql", {"host": HOST, "referer": f"{FOREIGN}/127.0.0.1:3000"} | JSON),
        ("POST", "/graphql", {"host": HOST, "sec-fetch-site": "cross-site"} | JSON),
        ("POST", "/graphql", {"host": HOST, "sec-fetch-site": "same-site"} | JSON),
        ("POST", "/graphql", [("host", HOST), ("origin", OWN), ("origin", FOREIGN), *JSON.items()]),
        ("POST", "/graphql", {"host": HOST, "content-type": "text/plain"}),
        ("POST", "/graphql", {"host": HOST, "content-type": "application/graphql"}),
        ("POST", "/graphql", {"host": HOST, "content-type": "text/plain; application/json"}),
        ("POST", "/graphql", {"host": HOST}),
        ("POST", "/report_asset_materialization/a", {"host": HOST, "origin": FOREIGN}),
        (WEBSOCKET, "/graphql", {"host": HOST, "origin": FOREIGN}),
        (WEBSOCKET, "/graphql", {"host": "evil.example:3000", "origin": "http://evil.example:3000"}),
        (WEBSOCKET, "/graphql", {"host": HOST, "origin": OWN, "sec-fetch-site": "cross-site"}),
    ],
)
def test_other_pages_other_hosts_and_queries_by_get_are_refused(method, path, headers):
    first = answers(method, path, headers)[0]
    assert first["type"] == "websocket.close" if method == WEBSOCKET else first["status"] == 403


def test_a_proxy_shows_the_ui_under_its_own_address():
    through = {"host": "tierhouse.example", "origin": "https://tierhouse.example"} | JSON
    assert answers("POST", headers=through, proxy="https://tierhouse.example") == ["passed"]
    assert answers("POST", headers=through)[0]["status"] == 403
    foreign = through | {"origin": FOREIGN}
    assert answers("POST", headers=foreign, proxy="https://tierhouse.example")[0]["status"] == 403


def test_port_80_needs_no_port_in_the_host():
    assert answers("POST", headers={"host": "localhost", "origin": "http://localhost"} | JSON, port=80) == ["passed"]
