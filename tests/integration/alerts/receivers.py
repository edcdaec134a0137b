"""Receivers of alerts on this machine: an HTTPS server that answers as the group robots do, and an SMTP server."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOSTS = (
    *("qyapi.weixin.qq.com", "oapi.dingtalk.com", "open.feishu.cn", "open.larksuite.com", "hooks.slack.com"),
    "webhook.example.com",
)
DINGTALK_SECRET, FEISHU_SECRET = "SEC0123456789abcdef", "feishusecret1"
WECOM_KEY, DINGTALK_TOKEN, FEISHU_TOKEN = "11aa22bb-33cc", "0d1e2f3a4b", "f1e2d3c4-b5a6"
ADDRESSES = {
    "wecombot": f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={WECOM_KEY}",
    "dingtalk": f"https://oapi.dingtalk.com/robot/send?access_token={DINGTALK_TOKEN}&secret={DINGTALK_SECRET}",
    "feishu": f"https://open.feishu.cn/open-apis/bot/v2/hook/{FEISHU_TOKEN}?secret={FEISHU_SECRET}",
    "lark": f"lark://{FEISHU_SECRET}@{FEISHU_TOKEN}/",
    "slack": "https://hooks.slack.com/services/T0AAAAAAA/B0BBBBBBB/cccccccccccccccccccccccc",
    "jsons": "https://webhook.example.com/tierhouse?token=hooksecret1",
}
SECRETS = (
    *(WECOM_KEY, DINGTALK_TOKEN, DINGTALK_SECRET, FEISHU_TOKEN, FEISHU_SECRET),
    *("T0AAAAAAA", "B0BBBBBBB", "cccccccccccccccccccccccc", "hooksecret1"),
)


@dataclass
class Receiver:
    """`received`: (kind, JSON) of each accepted message. `fault`: what the server does instead: `500` or `hang`."""

    port: int
    received: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    requests: int = 0
    fault: str | None = None
    released: threading.Event = field(default_factory=threading.Event)

    def text(self, kind: str) -> list[str]:
        """The texts that a channel has shown to people."""
        return [_shown(kind, content) for to, content in self.received if to == kind]


def _shown(kind: str, content: dict[str, Any]) -> str:
    if kind in ("wecombot", "dingtalk"):
        return content["text"]["content"]
    if kind in ("feishu", "lark"):
        return content["content"]["text"]
    if kind == "slack":
        return json.dumps(content, ensure_ascii=False)
    return f"{content['title']}\n{content['message']}"


def answer(host: str, path: str, query: dict[str, list[str]], content: dict[str, Any]) -> tuple[str, str]:
    """The kind of channel, empty if its server refuses the message, and the server's answer, empty for HTTP 404."""
    if host == "qyapi.weixin.qq.com":
        if path != "/cgi-bin/webhook/send" or query.get("key") != [WECOM_KEY]:
            return "", '{"errcode":93000,"errmsg":"invalid webhook url"}'
        if len(content["text"]["content"].encode()) > 2048:
            return "", '{"errcode":40058,"errmsg":"text.content exceed max length 2048"}'
        return "wecombot", '{"errcode":0,"errmsg":"ok"}'
    if host == "oapi.dingtalk.com":
        stamp, sign = query.get("timestamp", [""])[0], query.get("sign", [""])[0]
        expected = _hmac(DINGTALK_SECRET.encode(), f"{stamp}\n{DINGTALK_SECRET}".encode())
        if query.get("access_token") != [DINGTALK_TOKEN]:
            return "", '{"errcode":300005,"errmsg":"token is not exist"}'
        if sign != expected or abs(int(stamp) / 1000 - time.time()) > 3600:
            return "", '{"errcode":310000,"errmsg":"sign not match"}'
        return "dingtalk", '{"errcode":0,"errmsg":"ok"}'
    if host in ("open.feishu.cn", "open.larksuite.com"):
        if path != f"/open-apis/bot/v2/hook/{FEISHU_TOKEN}":
            return "", '{"code":19001,"msg":"param invalid: incoming webhook access token invalid"}'
        if content.get("sign") != _hmac(f"{content.get('timestamp')}\n{FEISHU_SECRET}".encode(), b""):
            return "", '{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}'
        return "feishu" if host == "open.feishu.cn" else "lark", '{"code":0,"data":{},"msg":"success"}'
    if host == "hooks.slack.com":
        return ("slack", "ok") if path == "/services/T0AAAAAAA/B0BBBBBBB/cccccccccccccccccccccccc" else ("", "")
    return ("jsons", "{}") if path == "/tierhouse" and query == {"token": ["hooksecret1"]} else ("", "")


def _hmac(key: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


def serve(certificate: Path | None = None) -> tuple[ThreadingHTTPServer, Receiver]:
    """Start a server for all hosts, with the certificate in a file; without one an HTTP server for the webhook."""
    receiver = Receiver(0)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.requests += 1
            content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if receiver.fault == "hang":
                receiver.released.wait(30)
                return
            if receiver.fault == "500":
                self.send_error(500)
                return
            url = urlsplit(self.path)
            kind, text = answer(self.headers["Host"], url.path, parse_qs(url.query), content)
            if kind:
                receiver.received.append((kind, content))
            self.send_response(200 if text else 404)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server, receiver


def write_certificate(file: Path) -> None:
    """Write a key and a self-signed certificate for all hosts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tests of tierhouse")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
