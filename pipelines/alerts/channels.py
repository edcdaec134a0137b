"""Channels: an address from TIERHOUSE_ALERT_URLS as an apprise service that reports why a delivery failed.

apprise has the formats. Three group robots are extended here: WeCom, DingTalk and Feishu answer a refused message with
HTTP 200 and an error code, which apprise takes for a success (WeCom, DingTalk); apprise encodes the signature of
DingTalk twice, so DingTalk refuses it; and it cannot sign for Feishu.

Imports apprise: import this module only to send.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import quote

import requests
from apprise import Apprise, AppriseAsset
from apprise.plugins import url_to_dict
from apprise.plugins.base import NotifyBase
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.lark import NotifyLark
from apprise.plugins.wecombot import NotifyWeComBot

from pipelines.alerts.addresses import as_apprise, channel_kind
from pipelines.errors import TierhouseError
from pipelines.messages import without_contacts

SECONDS = 4.0
"""Seconds to connect, and seconds between two parts of an answer."""
LONGEST_ANSWER = 160

ASSET = AppriseAsset(
    app_id="Tierhouse", app_desc="Tierhouse", app_url="", image_url_mask="", image_url_logo="", async_mode=False
)


class ChannelRefused(TierhouseError):
    """A message was not delivered. The text never contains the address of the channel."""


class AddressRefused(TierhouseError):
    """An address in TIERHOUSE_ALERT_URLS is not the address of a channel."""


def _post(service: NotifyBase, url: str, payload: dict[str, Any]) -> None:
    """Post JSON to a group robot. Raises ChannelRefused unless the robot has accepted the message."""
    answer = requests.post(
        url,
        data=json.dumps(payload, ensure_ascii=False).encode(),
        headers={"User-Agent": "Tierhouse", "Content-Type": "application/json; charset=utf-8"},
        verify=service.verify_certificate,
        timeout=service.request_timeout,
        allow_redirects=False,
    )
    if answer.status_code != requests.codes.ok:
        raise ChannelRefused(f"HTTP {answer.status_code}")
    try:
        content = answer.json()
        code = content.get("errcode", content.get("code", content.get("StatusCode")))
    except (ValueError, AttributeError):
        raise ChannelRefused("expected a JSON object as answer, got something else") from None
    if code != 0:
        reason = content.get("errmsg") or content.get("msg") or ""
        raise ChannelRefused(f"error {code}: {without_contacts(str(reason))[:LONGEST_ANSWER]}")


class WeCom(NotifyWeComBot):
    """企业微信 group robot."""

    title_maxlen = 250

    def send(self, body: str, title: str = "", *_: Any, **__: Any) -> bool:
        text = f"{title}\n{body}" if title else body
        _post(self, self.api_url, {"msgtype": "text", "text": {"content": text}})
        return True


class DingTalk(NotifyDingTalk):
    """钉钉 group robot, with or without a signature (加签)."""

    def send(self, body: str, title: str = "", *_: Any, **__: Any) -> bool:
        url = self.notify_url.format(token=self.token)
        if self.secret:
            timestamp = str(round(time.time() * 1000))
            sign = _hmac(self.secret.encode(), f"{timestamp}\n{self.secret}".encode())
            url += f"&timestamp={timestamp}&sign={quote(sign, safe='')}"
        text = f"{title}\n{body}" if title else body
        _post(self, url, {"msgtype": "text", "text": {"content": text}, "at": {"atMobiles": self.targets}})
        return True


class Feishu(NotifyFeishu):
    """飞书 group robot, with or without a signature (签名校验): `feishu://SECRET@TOKEN`."""

    def send(self, body: str, title: str = "", *_: Any, **__: Any) -> bool:
        _post(self, self.notify_url.format(token=self.token).rstrip("/"), _signed(self, title, body))
        return True


class Lark(NotifyLark):
    """Lark group robot, with or without a signature."""

    def send(self, body: str, title: str = "", *_: Any, **__: Any) -> bool:
        _post(self, self.webhook_url, _signed(self, title, body))
        return True


def _signed(service: NotifyBase, title: str, body: str) -> dict[str, Any]:
    payload: dict[str, Any] = {"msg_type": "text", "content": {"text": f"{title}\n{body}" if title else body}}
    if service.user:
        timestamp = str(round(time.time()))
        payload |= {"timestamp": timestamp, "sign": _hmac(f"{timestamp}\n{service.user}".encode(), b"")}
    return payload


def _hmac(key: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


EXTENDED: dict[str, type[NotifyBase]] = {"wecombot": WeCom, "dingtalk": DingTalk, "feishu": Feishu, "lark": Lark}


def open_channel(address: str) -> NotifyBase:
    """Return the service of an address. Raises AddressRefused, without the address."""
    written = as_apprise(address)
    results = url_to_dict(written)
    service = None
    if results and results["schema"] in EXTENDED:
        try:
            service = EXTENDED[results["schema"]](**results, asset=ASSET)
        except Exception:  # the message of apprise contains the token
            service = None
    elif results:
        service = Apprise.instantiate(results, asset=ASSET)
    if service is None:
        raise AddressRefused(f"expected an address of a {channel_kind(address)} channel as docs/runbook.md shows it")
    service.socket_connect_timeout = service.socket_read_timeout = SECONDS
    return service
