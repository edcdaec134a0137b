"""A local HTTP server that speaks the APIs of Zoho CRM and of 纷享销客, with their faults."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

ZOHO = """\
kind: zoho
url: {url}
accounts_url: {url}
client_id: {{env: CRM_CLIENT}}
client_secret: {{env: CRM_SECRET}}
refresh_token: {{env: CRM_REFRESH}}
tables:
  leads:
    table: Leads
    overlap: 0s
    fields: [Last_Name, Owner.id, $converted, Modified_Time]
"""

FXIAOKE = """\
kind: fxiaoke
url: {url}
app_id: {{env: CRM_CLIENT}}
app_secret: {{env: CRM_SECRET}}
permanent_code: {{env: CRM_REFRESH}}
user: FSUID_1
tables:
  leads:
    table: LeadsObj
    overlap: 0s
    fields: [name, mobile, owner, create_time, last_modified_time]
"""

SECRETS = {"CRM_CLIENT": "client-0815", "CRM_SECRET": "very-secret-4711", "CRM_REFRESH": "refresh-token-1234"}


@dataclass
class Crm:
    """The records of a CRM and what goes wrong. `faults`: number of the page request → what happens instead.

    A fault is `429`, `401`, `half` (the connection ends within the answer) or `200` (an error inside HTTP 200).
    Page requests are counted from 1 over the life of the server, repeated ones too.
    """

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)
    requests: int = 0
    tokens: int = 0
    page: int = 200
    refuses_token: bool = False
    last_query: Any = None


class Handler(BaseHTTPRequestHandler):
    crm: Crm
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if self._fault() or self._unauthorised(self.headers["Authorization"], "Zoho-oauthtoken "):
            return None
        since = self.headers["If-Modified-Since"]
        self.crm.last_query = {**query, "since": since}
        if url.path.endswith("/deleted"):
            rows = [{"id": key, "deleted_time": "2026-01-01T00:00:00+08:00"} for key in self.crm.deleted]
            start = (int(query.get("page", 1)) - 1) * self.crm.page
        else:
            floor = datetime.fromisoformat(since) if since else None
            rows = [
                row
                for _, row in sorted(self.crm.rows.items())
                if not floor or datetime.fromisoformat(row["Modified_Time"]) >= floor
                if query.get("converted") == "both" or not row["$converted"]
            ]
            start = int(query.get("page_token", 0))
        page = rows[start : start + self.crm.page]
        if not page:
            return self._send(204, None)
        names = ["id", *query.get("fields", "deleted_time").split(",")]
        info: dict[str, Any] = {"more_records": start + len(page) < len(rows)}
        if not url.path.endswith("/deleted"):
            info["next_page_token"] = str(start + len(page))
        return self._send(200, {"data": [{name: row.get(name) for name in names} for row in page], "info": info})

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/oauth/v2/token":
            form = {name: values[0] for name, values in parse_qs(text).items()}
            right = form.get("refresh_token") == SECRETS["CRM_REFRESH"] and not self.crm.refuses_token
            self.crm.tokens += right
            return self._send(200, {"access_token": f"token-{self.crm.tokens}"} if right else {"error": "invalid_code"})
        body = json.loads(text)
        if self.path == "/cgi/corpAccessToken/get/V2":
            if body["appSecret"] != SECRETS["CRM_SECRET"] or self.crm.refuses_token:
                return self._send(200, {"errorCode": 20005, "errorMessage": f"wrong secret {body['appSecret']}"})
            self.crm.tokens += 1
            return self._send(200, {"errorCode": 0, "corpAccessToken": f"token-{self.crm.tokens}", "corpId": "FSCID_1"})
        if self._fault():
            return None
        if body["corpAccessToken"] != f"token-{self.crm.tokens}":
            return self._send(200, {"errorCode": 20016, "errorMessage": "token expired"})
        info = body["data"]["search_query_info"]
        self.crm.last_query = info
        rows = [row for _, row in sorted(self.crm.rows.items()) if all(_meets(row, rule) for rule in info["filters"])]
        page = rows[info["offset"] : info["offset"] + min(info["limit"], 100)]
        names = info["fieldProjection"]
        return self._send(
            200, {"errorCode": 0, "data": {"dataList": [{name: row.get(name) for name in names} for row in page]}}
        )

    def _fault(self) -> bool:
        self.crm.requests += 1
        fault = self.crm.faults.get(self.crm.requests)
        if fault == "429":
            self._send(429, {"code": "TOO_MANY_REQUESTS"}, {"Retry-After": "0"})
        elif fault == "401":
            self.crm.tokens += 1
            return False
        elif fault == "200":
            self._send(200, {"errorCode": 10006, "errorMessage": "system busy", "code": "INTERNAL", "message": "busy"})
        elif fault == "half":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"data": [')
            self.close_connection = True
        return fault is not None

    def _unauthorised(self, header: str, prefix: str) -> bool:
        if header == f"{prefix}token-{self.crm.tokens}":
            return False
        self._send(401, {"code": "INVALID_TOKEN", "message": "invalid oauth token"})
        return True

    def _send(self, status: int, answer: Any, headers: dict[str, str] | None = None) -> None:
        content = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def _meets(row: dict[str, Any], rule: dict[str, Any]) -> bool:
    value, values = row[rule["field_name"]], rule["field_values"]
    return str(value) in values if rule["operator"] == "IN" else int(value) >= int(values[0])


@contextlib.contextmanager
def crm_server() -> Generator[tuple[Crm, str]]:
    """Serve a CRM on a free port of this machine. Yields its records and its address."""
    crm = Crm()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("CrmHandler", (Handler,), {"crm": crm}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield crm, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def write_connection(folder: Path, text: str, name: str = "crm") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.yml").write_text(text, encoding="utf-8")
