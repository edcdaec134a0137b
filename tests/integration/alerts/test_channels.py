"""The formats of all channels, received by real servers; what happens when a channel fails."""

from __future__ import annotations

import time

import pytest

from pipelines.alerts import notify
from pipelines.alerts.notify import deliver
from pipelines.alerts.words import Message
from tests.integration.alerts.receivers import ADDRESSES, SECRETS

BODY = "【严重】质量关卡 gate_raw 未通过\nraw.batches: <b> & 12 of 40 rows failed"
MESSAGE = Message("Tierhouse 告警：1 项", BODY, "problem")


def test_every_channel_accepts_the_message(receiver, mailbox):
    box, mail = mailbox
    assert set(deliver(dict.fromkeys([*ADDRESSES.values(), mail], MESSAGE)).values()) == {None}
    for kind in ADDRESSES:
        (text,) = receiver.text(kind)
        assert "质量关卡 gate_raw 未通过" in text and "Tierhouse 告警：1 项" in text
    messages = box.messages
    assert {message["To"].addresses[0].addr_spec for message in messages} == {"ops@example.com", "sales@example.com"}
    assert messages[0]["Subject"] == MESSAGE.title and messages[0].get_content().split() == MESSAGE.body.split()


def test_texts_are_plain_except_where_a_channel_needs_escapes(receiver):
    deliver(dict.fromkeys(ADDRESSES.values(), MESSAGE))
    for kind in ("wecombot", "dingtalk", "feishu", "lark", "jsons"):
        assert MESSAGE.body in receiver.text(kind)[0]
    assert "&lt;b&gt; &amp; 12 of 40" in receiver.text("slack")[0]


@pytest.mark.parametrize(
    ("kind", "change", "problem"),
    [
        ("wecombot", ("11aa", "99ff"), "error 93000: invalid webhook url"),
        ("dingtalk", ("SEC0", "SEC1"), "error 310000: sign not match"),
        ("dingtalk", ("0d1e", "9d1e"), "error 300005: token is not exist"),
        ("feishu", ("secret=f", "secret=g"), "error 19021: sign match fail"),
        ("feishu", ("f1e2", "f9e2"), "error 19001: param invalid"),
    ],
)
def test_a_robot_that_refuses_with_http_200_is_a_failed_delivery(receiver, kind, change, problem):
    address = ADDRESSES[kind].replace(*change)
    assert deliver({address: MESSAGE})[address].startswith(problem)
    assert not receiver.received


@pytest.mark.parametrize("kind", [*ADDRESSES])
def test_an_http_error_is_a_failed_delivery(receiver, kind):
    receiver.fault = "500"
    assert deliver({ADDRESSES[kind]: MESSAGE}) == {ADDRESSES[kind]: "HTTP 500"}


def test_hanging_channels_are_given_up_together(receiver, monkeypatch):
    receiver.fault = "hang"
    monkeypatch.setattr(notify, "DEADLINE_SECONDS", 0.5)
    began = time.monotonic()
    results = deliver(dict.fromkeys(ADDRESSES.values(), MESSAGE))
    assert time.monotonic() - began < 2
    assert set(results.values()) == {"no answer within 0.5 seconds"}


@pytest.mark.usefixtures("receiver")
def test_a_host_without_an_address_fails_alone():
    wrong = "https://no-such-host.invalid/hook"
    results = deliver({wrong: MESSAGE, ADDRESSES["jsons"]: MESSAGE})
    assert results[ADDRESSES["jsons"]] is None and "no connection" in results[wrong]


def test_no_result_and_no_log_contains_a_secret(receiver, mailbox, caplog, capfd):
    caplog.set_level("DEBUG")
    _, mail = mailbox
    addresses = [*ADDRESSES.values(), mail.replace("mailto://", "mailto://user:mailsecret@"), "dingtalk://bad-token/x"]
    for fault in (None, "500"):
        receiver.fault = fault
        results = deliver(dict.fromkeys(addresses, MESSAGE))
        shown = " ".join([*filter(None, results.values()), caplog.text, *capfd.readouterr()])
        assert not [secret for secret in (*SECRETS, "mailsecret", "bad-token") if secret in shown]
