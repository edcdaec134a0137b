"""Addresses of channels as text. Importing this module is cheap: it does not load apprise."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode, urlsplit

AS_COPIED = (
    (r"https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=([\w-]+)", "wecombot"),
    (r"https://oapi\.dingtalk\.com/robot/send\?access_token=(\w+)", "dingtalk"),
    (r"https://open\.feishu\.cn/open-apis/bot/v2/hook/([\w-]+)", "feishu"),
    (r"https://open\.larksuite\.com/open-apis/bot/v2/hook/([\w-]+)", "lark"),
    (r"https://hooks\.slack\.com/services/(\w+/\w+/\w+)", "slack"),
)
"""Addresses as robots and Slack show them. `&secret=…` (or `?secret=…`) may follow."""


def as_apprise(address: str) -> str:
    """Return the address as apprise writes it. Any other http(s) address is a webhook that receives JSON."""
    for pattern, schema in AS_COPIED:
        if found := re.fullmatch(pattern + r"(?:[?&]secret=(\w+))?", address):
            token, secret = found.groups()
            return f"{schema}://{f'{secret}@' if secret else ''}{token}/"
    if not re.match(r"https?://", address):
        return address
    url = urlsplit(address)
    # apprise sends a parameter of the address on only if its name begins with a hyphen.
    query = urlencode([(f"-{name}", value) for name, value in parse_qsl(url.query, keep_blank_values=True)])
    return url._replace(scheme=url.scheme.replace("http", "json"), query=query, fragment="").geturl()


def channel_kind(address: str) -> str:
    """Return the kind of a channel, such as `dingtalk`: the only part of an address that may be shown."""
    return as_apprise(address).split("://")[0].lower()


def channel_names(addresses: Sequence[str]) -> dict[str, str]:
    """Return address → its number and kind, such as `2 dingtalk`."""
    return {address: f"{number} {channel_kind(address)}" for number, address in enumerate(addresses, 1)}


def channel_id(address: str) -> str:
    """Return an id of a channel. It does not reveal the address: a password is not part of it."""
    return hashlib.sha256(re.sub(r":[^/@]*@", "@", address).encode()).hexdigest()[:12]
